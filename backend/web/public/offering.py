"""The form with which somebody offers to claim."""

from dataclasses import dataclass, field

from fastapi import Request
from pydantic import ValidationError

from backend.core.errors import TooManyTriesError
from backend.core.resources import Resources
from backend.publicity.errors import NotInTheHallError
from backend.publicity.offers import Offers
from backend.publicity.schemas import OfferIn
from backend.web.public.wording import wording
from backend.web.staff.session import address_of


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of the form; ``faults`` are by field, ``problem`` concerns all of it."""

    is_done: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    status: int = 200


async def take_offer(
    request: Request, resources: Resources, number: int, typed: dict[str, str], *, is_ours: bool
) -> Offered:
    """Keep the offer, or say why not."""
    words = wording()["problems"]
    if not is_ours:
        return Offered(typed=typed, problem=words["stale"], status=403)
    names = ("kind", "name", "phone")
    given = {name: typed.get(name, "") for name in names} | {"consent": "consent" in typed}
    try:
        offer = OfferIn.model_validate(given)
    except ValidationError as error:
        faults = {str(fault["loc"][0]): words[str(fault["loc"][0])] for fault in error.errors()}
        return Offered(typed=typed, faults=faults, status=400)
    try:
        async with resources.database.transaction() as session:
            await Offers(session, resources).leave(number, offer, address_of(request))
    except TooManyTriesError as error:
        return Offered(typed=typed, problem=words["too_many"], status=error.status)
    except NotInTheHallError as error:
        return Offered(typed=typed, problem=error.title, status=error.status)
    return Offered(is_done=True)
