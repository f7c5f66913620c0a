"""The village nearest to a point."""

from pathlib import Path

import pytest

from backend.places import nearest
from backend.places.nearest import known_points, nearest_village

SHANGSHA, XIAOSHI = "441900119011", "441900119001"
POINTS = {SHANGSHA: (22.8030, 113.8060), XIAOSHI: (22.8160, 113.8030)}


@pytest.mark.parametrize(
    ("latitude", "longitude", "village"),
    [
        pytest.param(22.8035, 113.8055, SHANGSHA, id="beside it"),
        pytest.param(22.8100, 113.8045, XIAOSHI, id="between the two, nearer to the other"),
        pytest.param(22.8290, 113.8030, XIAOSHI, id="1.4 km away"),
        pytest.param(22.8440, 113.8030, None, id="3.1 km away from the nearest"),
        pytest.param(39.9, 116.4, None, id="another city"),
        pytest.param(None, 113.8, None, id="half a point"),
        pytest.param(float("nan"), 113.8, None, id="no number"),
    ],
)
def test_is_within_three_kilometres(
    latitude: float | None, longitude: float | None, village: str | None
) -> None:
    assert nearest_village(latitude, longitude, POINTS) == village


def test_nothing_is_near_where_no_coordinates_are_known() -> None:
    assert nearest_village(22.8035, 113.8055, {}) is None


def test_an_operators_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["# GCJ-02", "code,latitude,longitude", f"{SHANGSHA},22.8030,113.8060", ""]
    (tmp_path / "coordinates.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(nearest, "LEXICON", tmp_path)
    known_points.cache_clear()
    try:
        assert nearest_village(22.8035, 113.8055) == SHANGSHA
    finally:
        known_points.cache_clear()
