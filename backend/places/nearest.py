"""The village nearest to a point, where the coordinates of villages are known.

``data/lexicon/coordinates.csv`` (``code,latitude,longitude``, GCJ-02 as WeChat sends) is the
operator's: the public gazetteer has names only. Without the file nothing is ever near.
"""

import csv
from collections.abc import Mapping
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from backend.places.service import LEXICON

MAX_DISTANCE_KM = 3.0
_EARTH_KM = 6371.0

Points = Mapping[str, tuple[float, float]]


def nearest_village(
    latitude: float | None, longitude: float | None, points: Points | None = None
) -> str | None:
    """The code of the nearest village within 3 km; ``None`` if none is known there."""
    if latitude is None or longitude is None:
        return None
    places = known_points() if points is None else points
    here = (latitude, longitude)
    near = min(places.items(), key=lambda place: _distance_km(here, place[1]), default=None)
    if near is None or not _distance_km(here, near[1]) <= MAX_DISTANCE_KM:
        return None
    return near[0]


@lru_cache(maxsize=1)
def known_points() -> Points:
    """Coordinates by village code, read at the first use."""
    file = LEXICON / "coordinates.csv"
    if not file.exists():
        return {}
    with file.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(line for line in handle if not line.startswith("#"))
        return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in rows}


def _distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    lat_a, lon_a, lat_b, lon_b = map(radians, (*a, *b))
    chord = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(chord))
