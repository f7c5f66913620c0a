"""The gazetteer: names as people say them."""

import httpx
import pytest

from backend.places.names import short_town, short_village, village_aliases
from backend.places.service import gazetteer


def test_has_36_towns_and_609_villages() -> None:
    assert (len(gazetteer().towns), len(gazetteer().villages)) == (36, 609)


def test_every_village_lies_in_a_town() -> None:
    assert all(village.town in gazetteer().towns for village in gazetteer().villages.values())


@pytest.mark.parametrize(
    ("official", "spoken", "aliases"),
    [
        ("上沙社区居民委员会", "上沙社区", ("上沙", "上沙村")),
        ("李屋村村民委员会", "李屋村", ("李屋", "李屋社区")),
        ("石龙居民委员会", "石龙社区", ("石龙", "石龙村")),
        ("沙角电厂社区", "沙角电厂社区", ("沙角电厂", "沙角电厂村")),
    ],
)
def test_village_names(official: str, spoken: str, aliases: tuple[str, ...]) -> None:
    assert short_village(official) == spoken
    assert village_aliases(official) == aliases


@pytest.mark.parametrize(
    ("official", "spoken"), [("长安镇", "长安"), ("东城街道", "东城"), ("松山湖", "松山湖")]
)
def test_town_names(official: str, spoken: str) -> None:
    assert short_town(official) == spoken


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        pytest.param("长安上沙", ["441900119011"], id="town and village"),
        pytest.param("上沙社区", ["441900119011"], id="village alone"),
        pytest.param("塘角村", ["441900103208", "441900110203"], id="in two towns"),
        pytest.param("　", [], id="blank"),
        pytest.param("深圳", [], id="elsewhere"),
    ],
)
def test_search(query: str, codes: list[str]) -> None:
    hits = [hit for hit in gazetteer().search(query) if hit.score >= 0.9]
    assert [hit.village for hit in hits] == codes


def test_a_town_is_found_before_its_villages() -> None:
    assert gazetteer().search("长安")[0].village is None


class TestEndpoints:
    async def test_all_towns(self, service: httpx.AsyncClient) -> None:
        body = (await service.get("/places")).json()
        assert (len(body["towns"]), body["villages"]) == (36, [])

    async def test_one_towns_villages(self, service: httpx.AsyncClient) -> None:
        body = (await service.get("/places", params={"town": "441900119"})).json()
        assert [town["name"] for town in body["towns"]] == ["长安镇"]
        assert "上沙社区" in [village["short"] for village in body["villages"]]

    async def test_an_unknown_town_has_nothing(self, service: httpx.AsyncClient) -> None:
        body = (await service.get("/places", params={"town": "1"})).json()
        assert body == {"towns": [], "villages": []}

    async def test_search(self, service: httpx.AsyncClient) -> None:
        body = (await service.get("/places/search", params={"q": "上沙"})).json()
        assert body["items"][0]["village_name"] == "上沙社区"
