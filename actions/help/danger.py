"""While somebody may be in danger: what is said, for how long, and how the talk comes back.

Pure. The draft and its open question stay as they are; the words are in danger.yml.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field

from actions.hearing import CONSENT_QUESTIONS, CONTACT_QUESTIONS, PLACE_QUESTIONS
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.saying import Say, say
from actions.turn import Turn
from actions.wordlist import Wordlist

# in the order of telling: who has taken something needs the ambulance before the talk
_KINDS = ("fire", "crime", "medical", "self_harm")
_FIRST_WORDS = 240
_LAST_WORDS = 240
_SURE = 0.5
# intents that are answered as ever while danger lasts, and do not end it
STILL_ANSWERED = (
    *("ask_human", "ask_progress", "rate", "notice_wish", "bot_challenge"),
    *("leave_here", "take_over"),
)
_NEARER_AFTER = 2
_TO_PLACES = ("fire", "gas", "electricity")


@dataclass
class Danger:
    """What was told of it. `ways`: the sentences said; `times`: how often the assistant answered;
    `they`: 他 or 她 when somebody else is at risk; `first`, `last`: the words, for who rings back;
    `aside`: another matter goes on since; `no_number`: whoever rings back has none yet."""

    ways: list[str] = field(default_factory=list)
    times: int = 0
    they: str | None = None
    first: str = ""
    last: str = ""
    aside: bool = False
    no_number: bool = False

    @classmethod
    def of(cls, draft: Draft) -> Danger:
        """The danger that the draft remembers, or a new one."""
        return cls(**(draft.danger or {}))

    @classmethod
    def told_anew(cls, draft: Draft) -> Danger:
        """The same; one that was put aside begins again and keeps its words."""
        danger = cls.of(draft)
        return cls(first=danger.first, last=danger.last) if danger.aside else danger

    def hear(self, draft: Draft, turn: Turn) -> None:
        """Keeps the words: the first ones and the latest."""
        if not self.first:
            self.first = turn.text[:_FIRST_WORDS]
        else:
            self.last = f"{self.last}\n{turn.text}"[-_LAST_WORDS:]
        self.times += 1
        draft.danger = asdict(self)

    @property
    def words(self) -> str:
        """All that is kept of what was said, for the staff."""
        return "\n".join(filter(None, (self.first, self.last.strip())))

    @property
    def to_a_person(self) -> bool:
        """Somebody is at risk, not a place."""
        return any(way not in _TO_PLACES for way in self.ways)

    @property
    def of_the_heart(self) -> bool:
        """Somebody thinks of ending their life."""
        return any(way.startswith("self_harm") for way in self.ways)


_WORDS = Wordlist(__file__)
_says = _WORDS.says


def raised(danger: Danger, turn: Turn) -> list[Say]:
    """The number to call for each new danger, else a shorter word each time."""
    danger.they = _they(turn) or danger.they
    ways = [_way(kind, turn.text, danger) for kind in _kinds(turn)]
    fresh = [way for way in dict.fromkeys(ways) if way not in danger.ways]
    danger.ways += fresh
    if not fresh:
        return staying(danger)
    return [say(f"utter_danger_{way}", they=danger.they or "他") for way in fresh]


def _kinds(turn: Turn) -> list[str]:
    return sorted({a["kind"] for a in turn.alerts}, key=_KINDS.index) or ["crime"]


def _way(kind: str, text: str, danger: Danger) -> str:
    if kind == "self_harm":
        return "self_harm_other" if danger.they else kind
    ways = _WORDS.table["ways"].get(kind, ())
    way = next((name for name, words in ways if re.search(words, text)), None)
    return way or kind


def _they(turn: Turn) -> str | None:
    """他 or 她, when the nearest person named before a sign of self-harm is not the citizen."""
    sign = next((a for a in turn.alerts if a["kind"] == "self_harm"), None)
    if sign is None:
        return None
    before = turn.text[: int(sign.get("start", 0)) + 1]
    others = list(re.finditer(_WORDS.table["third"], before))
    own = [m.start() for m in re.finditer(_WORDS.table["first"], before)]
    if not others or (own and own[-1] > others[-1].start()):
        return None
    return "她" if _says("her", others[-1].group()) else "他"


def staying(danger: Danger) -> list[Say]:
    """Never the same paragraph twice in a row."""
    if danger.times <= 1:
        return [say("utter_danger_stay" if danger.of_the_heart else "utter_danger_stay_safe")]
    if danger.times == 2:
        return [say("utter_danger_short")]
    return [say("utter_danger_person" if danger.times % 2 else "utter_danger_here")]


def goes_on(draft: Draft, turn: Turn) -> bool:
    """Whether another part of the assistant answers: danger is put aside, or it is only asked."""
    danger = Danger.of(draft)
    if turn.intent in STILL_ANSWERED:
        return True
    if _says("calm", turn.text) or _says("no_police", turn.text):
        return False
    return _answers(draft, turn) or _brings_matter(danger, turn)


def _answers(draft: Draft, turn: Turn) -> bool:
    """The message fits the question that was open before."""
    if not draft.items or draft.asked is None:
        return False
    if draft.asked in PLACE_QUESTIONS and (turn.places("request") or turn.choice):
        return True
    if draft.asked in CONTACT_QUESTIONS and (turn.any_phone or turn.skips):
        return True
    return draft.asked in (*CONSENT_QUESTIONS, "type") and (turn.yes or turn.choice is not None)


def _brings_matter(danger: Danger, turn: Turn) -> bool:
    """A matter of the programme; one that lies near to the danger only after a while."""
    if turn.intent not in ("report", "another", "announce") or not turn.requests:
        return False
    best = turn.requests[0]
    if best["category"] == "out_of_scope" or best["confidence"] < _SURE:
        return False
    return best["type"] not in _WORDS.table["near"] or danger.times > _NEARER_AFTER


def first_again(danger: Danger) -> Say:
    """The number to call, said once more before another matter goes on."""
    return say("utter_danger_first_heart" if danger.of_the_heart else "utter_danger_first")


def lasts(draft: Draft) -> bool:
    """Whether danger was told and nothing else goes on."""
    return draft.danger is not None and not Danger.of(draft).aside


def told_meanwhile(draft: Draft, turn: Turn) -> list[Say]:
    """What is said to a message that neither brings new danger nor belongs to another part."""
    danger = Danger.of(draft)
    if _says("no_police", turn.text):
        danger.hear(draft, turn)
        return [say("utter_danger_no_police")]
    if _says("calm", turn.text):
        draft.danger = None
        over = "utter_danger_calm_heart" if danger.of_the_heart else "utter_danger_calm"
        return [say(over), *repeat_question(draft)]
    if _comes_back(draft, turn):
        draft.danger = None
        return repeat_question(draft)
    said = [say("utter_danger_called")] if _says("called", turn.text) else staying(danger)
    danger.hear(draft, turn)
    return said


def _comes_back(draft: Draft, turn: Turn) -> bool:
    """“那路灯呢”: the open matter is named again."""
    known = {item.type for item in draft.items}
    named = any(request["type"] in known for request in turn.requests)
    return bool(draft.items) and named and _says("back", turn.text)


def refuses_police(turn: Turn) -> bool:
    """“我不想报警” takes nothing back."""
    return turn.intent in ("cancel", "withdraw") and _says("no_police", turn.text)


def mourns(turn: Turn) -> bool:
    """The message tells that somebody close has died."""
    return _says("death", turn.text) or _says("gone", turn.text)
