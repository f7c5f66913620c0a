"""The gazetteer in memory: 36 towns and 609 villages never change while the process runs."""

import csv
import unicodedata
from functools import lru_cache
from pathlib import Path

from backend.places.names import short_town, short_village, village_aliases
from backend.places.schemas import PlaceMatch, Town, Village

LEXICON = Path(__file__).parents[2] / "data" / "lexicon"
TOWN_CODE_CHARS = 9


class Gazetteer:
    """Towns and villages by code, and a search over the names people use."""

    def __init__(self, towns: list[Town], villages: list[Village]) -> None:
        self.towns = {town.code: town for town in towns}
        self.villages = {village.code: village for village in villages}

    def villages_of(self, town: str) -> list[Village]:
        """The villages of one town, in the order of their codes."""
        return [village for village in self.villages.values() if village.town == town]

    def full_name(self, town: str | None, village: str | None) -> str:
        """长安镇上沙社区; what is unknown is left out."""
        parts = []
        if town in self.towns:
            parts.append(self.towns[town].name)
        if village in self.villages:
            parts.append(self.villages[village].short)
        return "".join(parts)

    def search(self, query: str, limit: int = 10) -> list[PlaceMatch]:
        """Places whose name the query says or begins, best first.

        "长安上沙" finds 上沙社区 in 长安镇; "上沙" as well; "长安" the town itself.
        """
        wanted = _squeeze(query)
        if not wanted:
            return []
        hits = [hit for village in self.villages.values() if (hit := _match(village, wanted))]
        hits += [hit for town in self.towns.values() if (hit := _match_town(town, wanted))]
        hits.sort(key=lambda hit: (-hit.score, hit.village or hit.town))
        return hits[:limit]


def _squeeze(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _match(village: Village, wanted: str) -> PlaceMatch | None:
    names = (village.name, village.short, *village.aliases)
    towns = (village.town_name, short_town(village.town_name))
    full = {town + name for town in towns for name in names}
    if wanted in full:
        score = 1.0
    elif wanted in names:
        score = 0.9
    elif any(name.startswith(wanted) for name in (*names, *full) if len(wanted) > 1):
        score = 0.6
    elif any(wanted in name for name in names):
        score = 0.4
    else:
        return None
    return PlaceMatch(
        town=village.town,
        town_name=village.town_name,
        village=village.code,
        village_name=village.short,
        score=score,
    )


def _match_town(town: Town, wanted: str) -> PlaceMatch | None:
    if wanted in (town.name, town.short):
        score = 1.0
    elif town.name.startswith(wanted):
        score = 0.7
    else:
        return None
    return PlaceMatch(
        town=town.code, town_name=town.name, village=None, village_name=None, score=score
    )


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(line for line in handle if not line.startswith("#")))


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The project's gazetteer, read at the first use."""
    towns = [
        Town(code=row["code"], name=row["name"], short=short_town(row["name"]))
        for row in _rows(LEXICON / "towns.csv")
    ]
    names = {town.code: town.name for town in towns}
    villages = [
        Village(
            code=row["code"],
            name=row["name"],
            short=short_village(row["name"]),
            town=row["code"][:TOWN_CODE_CHARS],
            town_name=names[row["code"][:TOWN_CODE_CHARS]],
            aliases=village_aliases(row["name"]),
        )
        for row in _rows(LEXICON / "villages.csv")
    ]
    return Gazetteer(towns, villages)
