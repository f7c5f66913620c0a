"""What a callback asks of us. Pure: tables of message and event kinds."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from backend.channels.wechat.payloads import Callback
from backend.channels.wechat.wording import menu_text, sentence, shown
from backend.conversations import rules
from backend.places.nearest import nearest_village
from backend.places.service import gazetteer

_VILLAGE_CODE = re.compile(r"(?<!\d)(\d{12})(?!\d)")
_MAX_LABEL_CHARS = 200
MESSAGE_WINDOW_S, MESSAGE_WINDOW_COUNT = 48 * 3600, 5
EVENT_WINDOW_S, EVENT_WINDOW_COUNT = 60, 3


@dataclass(frozen=True, slots=True)
class Said:
    """Words for the assistant."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The channel answers by itself. ``shown``: what the transcript says the citizen did."""

    shown: str
    answer: str
    photo: str | None = None
    card_village: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """The person no longer follows us."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A template message's fate: ``receipt`` is its id; no reason means delivered."""

    receipt: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """Acknowledged and forgotten."""


Meaning = Said | Answered | Left | Reported | Nothing


def interpret(callback: Callback) -> Meaning:
    """What this message or event means for us; kinds we do not know are answered kindly."""
    if callback.kind == "event":
        return _EVENTS.get(callback.event, _nothing)(callback)
    return _MESSAGES.get(callback.kind, _other)(callback)


def window_of(callback: Callback) -> tuple[int, int] | None:
    """Seconds and number of customer-service messages this interaction opens."""
    if callback.kind != "event":
        return MESSAGE_WINDOW_S, MESSAGE_WINDOW_COUNT
    if callback.event in ("subscribe", "scan", "click"):
        return EVENT_WINDOW_S, EVENT_WINDOW_COUNT
    return None


def _text(callback: Callback) -> Meaning:
    return Said(callback["Content"])


def _voice(callback: Callback) -> Meaning:
    heard = rules.clean_text(callback["Recognition"])
    return Said(heard) if heard else Answered(shown("voice"), sentence("type_please"))


def _image(callback: Callback) -> Meaning:
    if not callback["MediaId"]:
        return _other(callback)
    return Answered(shown("image"), sentence("photo_taken"), photo=callback["MediaId"])


def _location(callback: Callback) -> Meaning:
    label = rules.clean_text(callback["Label"])[:_MAX_LABEL_CHARS]
    village = nearest_village(_degrees(callback["Location_X"]), _degrees(callback["Location_Y"]))
    place = gazetteer().full_name(village[:9], village) if village else ""
    words = "，".join(part for part in (place, label) if part)
    return Said(words) if words else Answered(shown("location"), sentence("where_please"))


def _other(_: Callback) -> Meaning:
    return Answered(shown("other"), sentence("only_words"))


def _subscribe(callback: Callback) -> Meaning:
    village = _card_village(callback)
    if village is None:
        return Answered(shown("subscribe"), sentence("follow"))
    answer = f"{sentence('follow')}\n{_card_sentence(village)}"
    return Answered(shown("subscribe"), answer, card_village=village)


def _scan(callback: Callback) -> Meaning:
    village = _card_village(callback)
    if village is None:
        return Answered(shown("scan"), sentence("follow"))
    return Answered(shown("scan"), _card_sentence(village), card_village=village)


def _click(callback: Callback) -> Meaning:
    words = menu_text(callback["EventKey"])
    return Said(words) if words else Answered(shown("other"), sentence("follow"))


def _unsubscribe(_: Callback) -> Meaning:
    return Left()


def _template_finished(callback: Callback) -> Meaning:
    status = callback["Status"].strip().lower()
    receipt = callback["MsgID"] or callback["MsgId"]
    if not receipt:
        return Nothing()
    return Reported(receipt, None if status == "success" else status[:60] or "failed")


def _nothing(_: Callback) -> Meaning:
    return Nothing()


def _card_village(callback: Callback) -> str | None:
    """The village in the QR code's scene value (``qrscene_441900119003``), if it is one of ours."""
    found = _VILLAGE_CODE.search(callback["EventKey"])
    return found.group(1) if found and found.group(1) in gazetteer().villages else None


def _card_sentence(village: str) -> str:
    return sentence("card", place=gazetteer().full_name(village[:9], village))


def _degrees(value: str) -> float | None:
    try:
        degrees = float(value)
    except ValueError:
        return None
    return degrees if -180 <= degrees <= 180 else None


_Reader = Callable[[Callback], Meaning]
_MESSAGES: dict[str, _Reader] = {
    "text": _text,
    "voice": _voice,
    "image": _image,
    "location": _location,
}
_EVENTS: dict[str, _Reader] = {
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "scan": _scan,
    "click": _click,
    "templatesendjobfinish": _template_finished,
}
