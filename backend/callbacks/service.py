"""Recording, listing and finishing call-back tasks."""

from collections.abc import Sequence

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.callbacks.models import Callback
from backend.callbacks.schemas import (
    CallbackIn,
    CallbackList,
    CallbackOut,
    CallbackReceipt,
    Matter,
)
from backend.core.db import locked
from backend.core.errors import ForbiddenError, NotFoundError
from backend.core.privacy import Vault, mask_text
from backend.core.resources import Resources
from backend.phones.service import Phones
from backend.staff.rules import StaffMember

PURPOSE = "callback"
_LIST_LIMIT = 200
_EVERYWHERE = frozenset({"hotline", "city"})
_IN_THEIR_PLACE = frozenset({"village", "town"})


class CallbackRepository:
    """Tasks of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def insert(self, values: dict[str, object]) -> Callback | None:
        """Store a task; None if one of the same conversation and reason is open."""
        statement = insert(Callback).values(values)
        statement = statement.on_conflict_do_nothing(
            index_elements=["conversation_id", "reason"], index_where=Callback.status == "open"
        )
        task_id = await self._session.scalar(statement.returning(Callback.id))
        return await self._session.get(Callback, task_id) if task_id else None

    async def open_of(self, conversation_id: str, reason: str) -> Callback:
        """The open task of a conversation and reason that is known to exist, kept from others."""
        statement = select(Callback).where(
            Callback.conversation_id == conversation_id,
            Callback.reason == reason,
            Callback.status == "open",
        )
        return (await self._session.scalars(locked(statement))).one()

    async def listed(self, status: str, staff: StaffMember) -> Sequence[Callback]:
        """Tasks of one status that are this person's to ring: danger first, then the oldest."""
        urgency = case((Callback.reason == "danger", 0), else_=1)
        statement = select(Callback).where(Callback.status == status)
        if staff.role == "village":
            statement = statement.where(Callback.village == staff.village)
        if staff.role == "town":
            statement = statement.where(Callback.town == staff.town)
        ordered = statement.order_by(urgency, Callback.id).limit(_LIST_LIMIT)
        return (await self._session.scalars(ordered)).all()

    async def locked(self, task_id: int) -> Callback | None:
        """One task, kept from others."""
        return await self._session.scalar(locked(select(Callback).where(Callback.id == task_id)))


class CallbackService:
    """Call-back tasks within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = CallbackRepository(session)
        self._phones = Phones(session, resources.vault)
        self._vault = resources.vault
        self._clock = resources.clock

    async def record(self, new: CallbackIn, about: Matter | None = None) -> CallbackReceipt:
        """Record that somebody must ring; asking twice is one task with the newest words.

        ``about`` gives the call to the staff of that case's place as well.
        """
        now = self._clock.now()
        words = mask_text(new.text, identity_only=True) if new.text else None
        phone = new.phone or await self._phones.number_of(new.conversation_id)
        said = {"phone": phone, "text": words}
        values: dict[str, object] = {
            "conversation_id": new.conversation_id,
            "channel": new.channel,
            "reason": new.reason,
            "sealed": self._vault.seal(said, PURPOSE),
            "status": "open",
            "created_at": now,
            "updated_at": now,
            "case_no": about.case_no if about else None,
            "town": about.town if about else None,
            "village": about.village if about else None,
        }
        row = await self._rows.insert(values)
        if row is None:
            row = await self._rows.open_of(new.conversation_id, new.reason)
            known = self._vault.open(row.sealed, PURPOSE)
            said = {name: value or known.get(name) for name, value in said.items()}
            row.sealed, row.updated_at = self._vault.seal(said, PURPOSE), now
        return CallbackReceipt.model_validate(row, from_attributes=True)

    async def listed(self, staff: StaffMember, status: str) -> CallbackList:
        """The tasks, for those whose work it is to ring."""
        _require_ringer(staff)
        rows = await self._rows.listed(status, staff)
        return CallbackList(items=[_out(row, self._vault) for row in rows])

    async def finish(self, staff: StaffMember, task_id: int) -> CallbackOut:
        """Mark a task as done; again is no error."""
        _require_ringer(staff)
        row = await self._rows.locked(task_id)
        if row is None or not _is_theirs(staff, row):
            raise NotFoundError
        if row.status == "open":
            row.status, row.done_by, row.updated_at = "done", staff.username, self._clock.now()
        return _out(row, self._vault)


def _require_ringer(staff: StaffMember) -> None:
    if staff.role not in _EVERYWHERE | _IN_THEIR_PLACE:
        raise ForbiddenError


def _is_theirs(staff: StaffMember, row: Callback) -> bool:
    if staff.role in _EVERYWHERE:
        return True
    if staff.role == "village":
        return row.village is not None and row.village == staff.village
    return row.town is not None and row.town == staff.town


def _out(row: Callback, vault: Vault) -> CallbackOut:
    sealed = vault.open(row.sealed, PURPOSE)
    return CallbackOut.model_validate(
        {
            "id": row.id,
            "conversation_id": row.conversation_id,
            "channel": row.channel,
            "phone": sealed.get("phone"),
            "reason": row.reason,
            "text": sealed.get("text"),
            "case_no": row.case_no,
            "status": row.status,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
    )
