"""The ledger finds what it is there to find: each fault in a conversation that is otherwise sound."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from backend.conversations.models import InboundMessage, OutboundMessage
from tests.stories.ledger import Stored, Verdict, judge

NUMBER, OTHER = "WSS26112252247", "WSS26112252255"
ASKED, FILED = "对吗？回“是”就登记。", f"登记好了，编号 {NUMBER}。"


@dataclass
class Phone:
    """A citizen in WeChat: what was acknowledged, what was read."""

    taken: list[str]
    read: list[str]
    channel: str = "wechat"
    address: str = "openid"

    async def say(self, text: str) -> None:
        """Never called."""


@dataclass
class Case:
    """Two messages, two answers, one case; a fault is put in by the test."""

    phone: Phone = field(default_factory=lambda: Phone(["1", "2"], [ASKED, FILED]))
    stored: Stored = field(
        default_factory=lambda: Stored(
            uuid.uuid4(),
            [InboundMessage(id=n, external_id=f"msg:{n}", turn_state="answered") for n in (1, 2)],
            [
                OutboundMessage(id=n, inbound_id=n, seq=n, dedupe_key=f"turn:{n}:0", state="sent")
                for n in (1, 2)
            ],
            {1: ASKED, 2: FILED},
            {NUMBER: 1},
        )
    )

    def verdict(self) -> Verdict:
        """What the ledger says."""
        verdict = Verdict()
        judge(verdict, self.phone, self.stored)
        return verdict


def _not_stored(case: Case) -> None:
    case.phone.taken.append("3")


def _not_answered(case: Case) -> None:
    case.stored.inbound[1].turn_state = "queued"


def _not_shown(case: Case) -> None:
    case.phone.read.pop()


def _shown_twice(case: Case) -> None:
    case.phone.read.append(FILED)


def _two_cases(case: Case) -> None:
    case.stored.cases[OTHER] = 1
    case.stored.texts[1] = case.phone.read[0] = f"{ASKED}{OTHER}"


def _two_keys(case: Case) -> None:
    case.stored.cases[NUMBER] = 2


def _no_case(case: Case) -> None:
    case.stored.cases.clear()


def _not_told(case: Case) -> None:
    case.stored.texts[2] = case.phone.read[1] = "好。"


def test_a_sound_conversation_is_clean() -> None:
    verdict = Case().verdict()
    assert verdict.is_clean
    assert (verdict.conversations, verdict.messages, verdict.cases) == (1, 2, 1)


def test_answers_that_went_as_one_message_are_clean() -> None:
    case = Case()
    case.phone.read = [f"{ASKED}\n{FILED}"]
    assert case.verdict().is_clean


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (_not_stored, "lost"),
        (_not_answered, "unanswered"),
        (_not_shown, "lost"),
        (_shown_twice, "doubled"),
        (_two_cases, "filed_twice"),
        (_two_keys, "filed_twice"),
        (_no_case, "not_filed"),
        (_not_told, "untold"),
    ],
)
def test_a_fault_is_found_and_called_by_its_name(fault: Callable[[Case], None], found: str) -> None:
    case = Case()
    fault(case)
    verdict = case.verdict()
    assert not verdict.is_clean
    assert [line.split()[0] for line in verdict.details] == [found]


def test_what_may_have_arrived_is_a_figure_and_no_fault() -> None:
    case = Case()
    case.phone.read.pop()
    case.stored.outbound[1].state = "unknown"
    verdict = case.verdict()
    assert verdict.is_clean
    assert (verdict.unknown, verdict.unknown_unsent) == (1, 1)


def test_what_still_waits_in_the_end_is_not_clean() -> None:
    assert not replace(Case().verdict(), undrained=1).is_clean
