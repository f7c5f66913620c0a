"""What a message means where the conversation stands: the same words answer one question or ask another.

The assistant hears each message by itself; here its intent is weighed again with the question that is
open. Pure; the words it goes by are in hearing.yml.
"""

from __future__ import annotations

from dataclasses import replace

from actions.elsewhere.words import meaning
from actions.intake.draft import Draft
from actions.turn import Turn
from actions.wordlist import Wordlist

CONTACT_QUESTIONS = ("phone", "referral_phone")
PLACE_QUESTIONS = ("location", "place_choice", "other_city")
CONSENT_QUESTIONS = ("confirm", "referral")
_KEEP = ("danger", "ask_human", "rate", "supplement")
_ANSWERS = ("correct", "inform", "deny", "skip", "affirm")
_SURE = 0.6


_WORDS = Wordlist(__file__)
says = _WORDS.says


def heard(turn: Turn, draft: Draft) -> Turn:
    """The turn with the intent that fits the open question; the turn itself when that is the same."""
    if turn.alerts:
        return turn if turn.intent == "danger" else replace(turn, intent="danger")
    intent = meaning(turn, draft)
    if intent is None:
        intent = _under_way(turn, draft) if draft.items else _at_the_start(turn, draft)
    return turn if intent in (None, turn.intent) else replace(turn, intent=str(intent))


def _at_the_start(turn: Turn, draft: Draft) -> str | None:
    """A matter told in the words of a question, or before anything was asked, is a matter."""
    if turn.intent in _KEEP or turn.case_numbers:
        return None
    best = turn.requests[0] if turn.requests else None
    told = best and best["category"] != "out_of_scope" and best["confidence"] >= _SURE
    if told and (turn.sureness < _SURE if turn.aside else turn.intent in _ANSWERS):
        return "report"
    if says("reported", turn.text) and says("nothing_done", turn.text):
        return "ask_progress"
    if says("adding", turn.text) and (draft.filed or turn.intent == "report"):
        return "supplement"
    if draft.filed and not told and says("urges", turn.text):
        return "supplement"
    if draft.filed and turn.aside and says("when", turn.text):
        return "ask_progress"
    if draft.filed and turn.intent == "cancel" and says("take_back", turn.text):
        return "withdraw"
    if not told and turn.intent == "faq_scope" and says("scolds", turn.text):
        return "rude"
    if draft.asked == "detail" and turn.aside and not says("asks", turn.text):
        return "report"
    return None


def _under_way(turn: Turn, draft: Draft) -> str | None:
    if turn.intent in _KEEP:
        return None
    if turn.intent in ("withdraw", "cancel"):
        return _stop(turn, draft)
    return _consent(turn, draft) or _fact(turn, draft) or _time(turn) or _expected(turn, draft)


def _stop(turn: Turn, draft: Draft) -> str | None:
    """“撤了吧” means the draft, unless an earlier case is named; “算了，不留电话” only the number."""
    if turn.case_numbers or says("earlier", turn.text):
        return None
    if says("whether", turn.text):
        return "ask_progress"
    if draft.asked in CONTACT_QUESTIONS and says("number", turn.text):
        return "skip"
    return "cancel"


def _consent(turn: Turn, draft: Draft) -> str | None:
    """“好的，麻烦快点” is a yes to “对吗？”, though it also thanks or urges."""
    if draft.asked not in CONSENT_QUESTIONS or turn.facts_told or says("objects", turn.text):
        return None
    if says("afterthought", turn.text):
        return "supplement" if turn.intent == "affirm" else None
    agrees = turn.facts.get("polarity") == "yes" or says("agrees", turn.text)
    return "affirm" if agrees and not says("asks", turn.text) else None


def _fact(turn: Turn, draft: Draft) -> str | None:
    """What was asked for stands in the message: it is an answer, however it is put."""
    if draft.asked in CONTACT_QUESTIONS:
        if turn.any_phone:
            return "inform"
        if says("no_number", turn.text) or says("no_answer", turn.text):
            return "skip"
    if draft.asked in PLACE_QUESTIONS and turn.places("request") and turn.aside:
        return "inform"
    if draft.asked not in ("confirm", "correction"):
        return None
    if turn.facts_told or turn.phone_tail:
        return "correct" if turn.aside or turn.intent == "inform" else None
    mends = says("instead", turn.text) or (draft.asked == "correction" and turn.aside)
    return "correct" if mends else None


def _time(turn: Turn) -> str | None:
    """Nothing is filed yet: “什么时候能弄好” asks how long such things take."""
    asks = turn.intent == "ask_progress" and not turn.case_numbers
    return "faq_duration" if asks and says("when", turn.text) else None


def _expected(turn: Turn, draft: Draft) -> str | None:
    """An aside that is far from sure gives way to an answer that was waited for."""
    if not turn.aside or turn.sureness >= _SURE or says("asks", turn.text):
        return None
    waited = _WORDS.table["expected"].get(draft.asked or "", ())
    chances = {name: chance for name, chance in turn.ranking if name in waited}
    return max(chances, key=lambda name: chances[name], default=None)
