"""The table of steps, read as the programme's procedure."""

import itertools
from datetime import timedelta

import pytest

from backend.cases.rules import (
    ENDED,
    MATTER,
    PROJECT,
    STEPS,
    WISH,
    Actor,
    Status,
    allowed,
    clock_started_by,
    find_step,
    publicity_over,
    steps_from,
)
from backend.cases.wording import status_label
from backend.deadlines.rules import Event
from tests.support.api import NOW

S = Status
PROJECT_WAY = (S.RECEIVED, S.POLICY_CHECK, S.DELIBERATION, S.REVIEW, S.PUBLICITY, S.IMPLEMENTATION,
               S.SETTLEMENT, S.COMPLETED, S.FEEDBACK)  # fmt: skip
WISH_WAY = (S.RECEIVED, S.VERIFICATION, S.ASSESSMENT, S.AID, S.COMPLETED, S.FEEDBACK)
MATTER_WAY = (S.RECEIVED, S.REFERRED, S.FEEDBACK)


class TestWays:
    @pytest.mark.parametrize(
        ("category", "way"),
        [
            pytest.param(PROJECT, PROJECT_WAY, id="微实事"),
            pytest.param(WISH, WISH_WAY, id="微心愿"),
            pytest.param(
                WISH,
                (S.RECEIVED, S.POLICY_CHECK, S.POLICY_HANDLING, S.COMPLETED),
                id="微心愿 by present policy",
            ),
            pytest.param(
                WISH, (S.RECEIVED, S.POLICY_CHECK, S.VERIFICATION, S.REFUSED), id="微心愿 refused"
            ),
            pytest.param(
                WISH,
                (S.ASSESSMENT, S.CLAIM_PENDING, S.CLAIM_OPEN, S.CLAIMED, S.AID, S.COMPLETED),
                id="莞家直达, claimed",
            ),
            pytest.param(
                WISH, (S.CLAIM_PENDING, S.CLAIM_OPEN, S.AID), id="莞家直达, by the special fund"
            ),
            pytest.param(
                PROJECT,
                (S.PUBLICITY, S.CLAIM_PENDING, S.CLAIM_OPEN, S.CLAIMED, S.IMPLEMENTATION),
                id="莞家直达 of a 微实事",
            ),
            pytest.param(
                PROJECT, (S.CLAIM_OPEN, S.IMPLEMENTATION), id="微实事, by the special fund"
            ),
            pytest.param(WISH, (S.CLAIMED, S.CLAIM_OPEN, S.CLAIMED), id="the claimant leaves"),
            pytest.param(MATTER, MATTER_WAY, id="referral"),
            pytest.param(PROJECT, (S.COMPLETED, S.REDO, S.IMPLEMENTATION, S.SETTLEMENT), id="redo"),
            pytest.param(PROJECT, (S.REVIEW, S.DELIBERATION), id="plan sent back"),
            pytest.param(
                PROJECT, (S.POLICY_CHECK, S.REFERRED, S.RECEIVED), id="department's return"
            ),
        ],
    )
    def test_the_city_may_go_all_of_it(self, category: str, way: tuple[Status, ...]) -> None:
        for origin, to in itertools.pairwise(way):
            assert find_step(category, origin, to, "city"), (origin, to)

    def test_no_implementation_without_a_passed_meeting_and_publicity(self) -> None:
        """001: 所有项目经社区协商会议讨论通过后方可实施; 002: 公示."""
        origins = {
            origin
            for s in STEPS
            if s.category == PROJECT and s.to == S.IMPLEMENTATION
            for origin in s.origins
        }
        assert origins == {S.PUBLICITY, S.CLAIM_OPEN, S.CLAIMED, S.SETTLEMENT, S.REDO}
        origins = {s.origins for s in STEPS if s.category == PROJECT and s.to == S.CLAIM_PENDING}
        assert origins == {(S.PUBLICITY,)}
        origins = [s.origins for s in STEPS if s.category == PROJECT and s.to == S.PUBLICITY]
        assert origins == [(S.REVIEW,)]

    def test_no_aid_without_assessment(self) -> None:
        assert [s.origins for s in STEPS if s.category == WISH and s.to == S.AID] == [
            (S.ASSESSMENT,),
            (S.CLAIM_OPEN,),
            (S.CLAIMED,),
            (S.REDO,),
        ]
        before = [s.origins for s in STEPS if s.category == WISH and s.to == S.CLAIM_PENDING]
        assert before == [(S.ASSESSMENT,)]

    @pytest.mark.parametrize(
        ("category", "ended"), [(c, e) for c in (PROJECT, WISH) for e in ENDED]
    )
    def test_nothing_leaves_an_end(self, category: str, ended: Status) -> None:
        assert steps_from(category, ended) == []

    def test_every_step_leads_somewhere_real(self) -> None:
        for step in STEPS:
            assert step.to not in step.origins
            assert step.clause

    def test_every_status_can_be_reached_or_starts(self) -> None:
        assert {step.to for step in STEPS} | {S.RECEIVED} == set(Status)

    @pytest.mark.parametrize("status", Status)
    def test_every_status_has_its_label(self, status: Status) -> None:
        assert status_label(status)


class TestRoles:
    @pytest.mark.parametrize(
        ("category", "origin", "to", "may", "may_not"),
        [
            (PROJECT, S.RECEIVED, S.DELIBERATION, "village", "hotline"),
            (PROJECT, S.REVIEW, S.PUBLICITY, "town", "village"),
            (WISH, S.ASSESSMENT, S.AID, "town", "village"),
            (WISH, S.ASSESSMENT, S.CLAIM_PENDING, "town", "village"),
            (WISH, S.CLAIM_PENDING, S.CLAIM_OPEN, "city", "town"),
            (WISH, S.CLAIM_OPEN, S.CLAIMED, "town", "village"),
            (WISH, S.CLAIM_OPEN, S.AID, "system", "village"),
            (WISH, S.CLAIMED, S.AID, "village", "hotline"),
            (WISH, S.CLAIMED, S.CLAIM_OPEN, "town", "village"),
            (PROJECT, S.PUBLICITY, S.CLAIM_PENDING, "town", "village"),
            (PROJECT, S.CLAIM_PENDING, S.CLAIM_OPEN, "city", "town"),
            (PROJECT, S.CLAIM_OPEN, S.CLAIMED, "town", "village"),
            (PROJECT, S.CLAIM_OPEN, S.IMPLEMENTATION, "system", "village"),
            (PROJECT, S.CLAIMED, S.IMPLEMENTATION, "village", "hotline"),
            (PROJECT, S.RECEIVED, S.WITHDRAWN, "citizen", None),
            (PROJECT, S.RECEIVED, S.REFUSED, "village", "citizen"),
            (MATTER, S.RECEIVED, S.REFERRED, "hotline", "citizen"),
        ],
    )
    def test_who_may(
        self, category: str, origin: Status, to: Status, may: Actor, may_not: Actor | None
    ) -> None:
        assert find_step(category, origin, to, may)
        assert may_not is None or find_step(category, origin, to, may_not) is None

    def test_a_citizen_can_only_withdraw_and_only_before_it_is_under_way(self) -> None:
        for status in Status:
            assert set(allowed(PROJECT, status, "citizen")) <= {"withdrawn"}
        assert allowed(PROJECT, S.IMPLEMENTATION, "citizen") == []

    @pytest.mark.parametrize("to", [S.REFUSED, S.SUSPENDED, S.REDO, S.MERGED])
    def test_what_needs_an_explanation(self, to: Status) -> None:
        assert all(step.needs_note for step in STEPS if step.to == to)


class TestSuspension:
    def test_goes_back_to_where_it_was(self) -> None:
        assert find_step(PROJECT, S.SUSPENDED, S.DELIBERATION, "village", S.DELIBERATION)
        assert not find_step(PROJECT, S.SUSPENDED, S.IMPLEMENTATION, "city", S.DELIBERATION)


class TestClocks:
    @pytest.mark.parametrize(
        ("category", "group", "status", "event"),
        [
            (PROJECT, "convenience_works", S.RECEIVED, Event.PROJECT_RECEIVED),
            (PROJECT, "convenience_works", S.DELIBERATION, Event.PROJECT_RECEIVED),
            (PROJECT, "convenience_works", S.REVIEW, Event.PLAN_SUBMITTED),
            (PROJECT, "convenience_works", S.PUBLICITY, Event.PUBLICITY_STARTED),
            (PROJECT, "convenience_works", S.IMPLEMENTATION, Event.WORKS_CONFIRMED),
            (PROJECT, "public_service", S.IMPLEMENTATION, Event.SERVICE_CONFIRMED),
            (PROJECT, "public_service", S.SETTLEMENT, None),
            (WISH, "hardship_aid", S.VERIFICATION, Event.WISH_RECEIVED),
            (WISH, "hardship_aid", S.AID, Event.WISH_DECIDED),
            (WISH, "hardship_aid", S.COMPLETED, Event.COMPLETED),
            (MATTER, "redirect", S.RECEIVED, None),
        ],
    )
    def test_a_status_starts_its_clock(
        self, category: str, group: str, status: Status, event: Event | None
    ) -> None:
        assert clock_started_by(category, group, status) == event


class TestPublicity:
    """Decision D6: five full days."""

    @pytest.mark.parametrize(("days", "over"), [(0, False), (5, False), (6, True)])
    def test_is_over_after_five_full_days(self, days: int, over: bool) -> None:
        assert publicity_over(NOW, NOW + timedelta(days=days)) is over
