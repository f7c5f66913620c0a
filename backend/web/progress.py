"""The progress look-up of the landing page."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from backend.cases.errors import CaseNoInvalidError, CaseNotFoundError, ProofNeededError
from backend.cases.ownership import ReporterService
from backend.cases.schemas import CaseStatus, StatusQuery
from backend.core.errors import AppError, TooManyTriesError
from backend.core.resources import Resources

Outcome = Literal["found", "case_no_invalid", "incomplete", "not_found", "too_many_tries", "stale"]
_OUTCOMES: tuple[tuple[type[AppError], Outcome], ...] = (
    (CaseNoInvalidError, "case_no_invalid"),
    (ProofNeededError, "incomplete"),
    (CaseNotFoundError, "not_found"),
    (TooManyTriesError, "too_many_tries"),
)


@dataclass(frozen=True, slots=True)
class ProgressAnswer:
    """What the page says: a case's standing, or why there is none."""

    outcome: Outcome
    case: CaseStatus | None = None


async def look_up(
    resources: Resources, case_no: str, phone_last4: str, *, visitor: str
) -> ProgressAnswer:
    """The case behind a number and the last four digits of its phone.

    ``visitor`` is a value only this browser has; wrong tries count against it and the case.
    """
    proof = resources.vault.keyed_hash("progress-page", visitor)
    try:
        query = StatusQuery(
            channel="webchat", conversation_id=proof, case_no=case_no, phone_last4=phone_last4
        )
    except ValidationError:
        return ProgressAnswer("incomplete")
    if query.case_no is None or query.phone_last4 is None:
        return ProgressAnswer("incomplete")
    try:
        async with resources.database.transaction() as session:
            return ProgressAnswer("found", await ReporterService(session, resources).status(query))
    except tuple(error for error, _ in _OUTCOMES) as error:
        return ProgressAnswer(next(name for kind, name in _OUTCOMES if isinstance(error, kind)))
