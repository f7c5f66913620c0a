"""Places as JSON and as values in memory."""

from pydantic import BaseModel, ConfigDict


class Town(BaseModel):
    """A town, street or park; ``short`` is how people say it."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    short: str


class Village(BaseModel):
    """A village or community committee; ``aliases`` are other ways to say its name."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    short: str
    town: str
    town_name: str
    aliases: tuple[str, ...]


class PlaceList(BaseModel):
    """All towns, or one town's villages."""

    towns: list[Town]
    villages: list[Village]


class PlaceMatch(BaseModel):
    """One hit of a search: a village, or a town when ``village`` is null."""

    town: str
    town_name: str
    village: str | None
    village_name: str | None
    score: float


class PlaceMatches(BaseModel):
    """Hits, best first."""

    items: list[PlaceMatch]
