"""Tasks to ring a citizen back, what is said while danger lasts, and before another matter goes on."""

from __future__ import annotations

from dataclasses import asdict

from actions.backend_client import BackendClient
from actions.errors import ActionError
from actions.help.danger import Danger, first_again, told_meanwhile
from actions.intake.draft import Draft
from actions.saying import Say, say
from actions.turn import Turn


def take_own_number(draft: Draft, turn: Turn) -> None:
    """The number to ring is the caller's newest one."""
    phones = turn.phones(valid=True)
    draft.contact.phone = phones[-1] if phones else draft.contact.phone


async def record_callback(backend: BackendClient, turn: Turn, draft: Draft, reason: str) -> bool:
    """Records the task; False when it could not be recorded."""
    body = {
        "conversation_id": turn.conversation_id,
        "channel": turn.channel,
        "phone": draft.contact.phone,
        "reason": reason,
        "text": _words(turn, draft, reason)[:500],
    }
    try:
        await backend.create_callback(body)
    except ActionError:
        return False
    return True


def _words(turn: Turn, draft: Draft, reason: str) -> str:
    """Of danger all that was said: a task keeps only the words it is told last."""
    return Danger.of(draft).words or turn.text if reason == "danger" else turn.text


async def stay(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """Passes on what was said and stays with the citizen, or comes back to the open question."""
    said = told_meanwhile(draft, turn)
    take_own_number(draft, turn)
    if draft.danger:
        await record_callback(backend, turn, draft, "danger")
    return said


async def put_aside(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """What is said before another matter goes on: where a person is at risk, that comes first.

    A danger to a place is over with the next matter; one to a person is kept for who rings back.
    """
    danger = Danger.of(draft)
    if not danger.to_a_person:
        draft.danger = None
        return []
    take_own_number(draft, turn)
    recorded = await record_callback(backend, turn, draft, "danger")
    danger.aside = True
    danger.no_number = not (draft.contact.phone or turn.number_known)
    draft.danger = asdict(danger)
    return [first_again(danger), *([_ring_back(danger, draft)] if recorded else [])]


def _ring_back(danger: Danger, draft: Draft) -> Say:
    if draft.contact.phone:
        return say("utter_danger_ring_back", phone=draft.contact.phone)
    kind = "no_phone" if danger.no_number else "same_phone"
    return say(f"utter_danger_ring_back_{kind}")


async def pass_number_on(backend: BackendClient, draft: Draft, turn: Turn) -> None:
    """A number told later is the one to ring for the danger told before."""
    danger = Danger.of(draft)
    if draft.contact.phone and danger.no_number:
        danger.no_number = not await record_callback(backend, turn, draft, "danger")
        draft.danger = asdict(danger)


async def take_phone(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """The number that was asked for after “转人工”; the task that stands gets it."""
    draft.contact.phone, draft.asked = turn.any_phone, None
    if await record_callback(backend, turn, draft, "asked_for_person"):
        return [say("utter_handover", phone=draft.contact.phone)]
    return [say("utter_handover_unrecorded")]
