"""GET /places and /places/search: public reference data."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.places.schemas import PlaceList, PlaceMatches
from backend.places.service import gazetteer

router = APIRouter(prefix="/places", tags=["places"])


@router.get("", summary="Towns, and one town's villages")
async def list_places(
    town: Annotated[
        str | None, Query(description="a town's code", examples=["441900119"], max_length=12)
    ] = None,
) -> PlaceList:
    """Without ``town`` all 36 towns; with it that town and its villages (empty for no such town)."""
    places = gazetteer()
    if town is None:
        return PlaceList(towns=list(places.towns.values()), villages=[])
    found = places.towns.get(town)
    return PlaceList(towns=[found] if found else [], villages=places.villages_of(town))


@router.get("/search", summary="Places by name")
async def search_places(
    q: Annotated[str, Query(min_length=1, max_length=50, examples=["长安上沙"])],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> PlaceMatches:
    """Villages and towns whose spoken or official name fits, best first."""
    return PlaceMatches(items=gazetteer().search(q, limit))
