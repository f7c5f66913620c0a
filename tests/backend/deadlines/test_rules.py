"""The programme's clocks: every number of 东府办〔2020〕22号 and of the local decisions."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.clock import SHANGHAI
from backend.deadlines.rules import RULES, Event, LocalRules, due, explain

E = Event


def at(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    """A moment in Dongguan."""
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


class TestNumbersOfThePlan:
    @pytest.mark.parametrize(
        ("event", "length", "unit", "quoted"),
        [
            pytest.param(E.PROJECT_RECEIVED, 15, "日", "15日内", id="22 deliberation"),
            pytest.param(E.PLAN_SUBMITTED, 5, "工作日", "5个工作日内", id="26 review"),
            pytest.param(E.WORKS_CONFIRMED, 6, "个月", "6个月内完工", id="37 works"),
            pytest.param(E.SERVICE_CONFIRMED, 15, "日", "15日内正式开展", id="38 service"),
            pytest.param(E.WISH_DECIDED, 5, "工作日", "不超过5个工作日", id="39 wish"),
            pytest.param(E.DIRECT_CONFIRMED, 10, "工作日", "10个工作日内", id="41 publish"),
            pytest.param(E.CLAIMED, 1, "个月", "1个月内启动", id="46 docking"),
            pytest.param(E.PUBLICITY_STARTED, 5, "日", "不少于5天", id="51 publicity"),
            pytest.param(E.COMPLETED, 5, "工作日", "5个工作日内", id="54 feedback"),
        ],
    )
    def test_is_one_row_with_its_clause(
        self, event: Event, length: int, unit: str, quoted: str
    ) -> None:
        rule = RULES[event]
        assert (rule.length, rule.unit) == (length, unit)
        assert quoted in rule.clause

    @pytest.mark.parametrize(
        ("event", "length", "unit"),
        [
            pytest.param(E.WISH_RECEIVED, 3, "工作日", id="D2 verification"),
            pytest.param(E.CLAIM_PUBLISHED, 30, "日", id="D4 waiting for a claim"),
            pytest.param(E.RATED_LOW, 3, "工作日", id="follow-up of a low rating"),
        ],
    )
    def test_local_numbers_are_marked_as_local(self, event: Event, length: int, unit: str) -> None:
        assert (RULES[event].length, RULES[event].unit) == (length, unit)
        assert RULES[event].local

    @pytest.mark.parametrize("event", [E.WORKS_CONFIRMED, E.SERVICE_CONFIRMED])
    def test_d1_the_start_at_confirmation_is_marked_as_local(self, event: Event) -> None:
        assert RULES[event].local == "起算日为镇街审核确认之日"

    def test_every_event_has_its_row(self) -> None:
        assert set(RULES) == set(Event)

    def test_only_publicity_is_a_minimum(self) -> None:
        assert [rule.event for rule in RULES.values() if rule.at_least] == [E.PUBLICITY_STARTED]


class TestCounting:
    """Decision D5."""

    @pytest.mark.parametrize(
        ("event", "start", "end"),
        [
            pytest.param(
                E.PROJECT_RECEIVED, at(11, 3), date(2026, 11, 18), id="day after is day 1"
            ),
            pytest.param(
                E.PROJECT_RECEIVED, at(9, 20), date(2026, 10, 5), id="日 end on a holiday"
            ),
            pytest.param(E.PLAN_SUBMITTED, at(11, 3), date(2026, 11, 10), id="over a weekend"),
            pytest.param(E.PLAN_SUBMITTED, at(9, 18), date(2026, 9, 24), id="make-up Sunday works"),
            pytest.param(E.PLAN_SUBMITTED, at(9, 29), date(2026, 10, 12), id="over 国庆 and 调休"),
            pytest.param(E.WORKS_CONFIRMED, at(8, 31), date(2027, 2, 28), id="clipped to 28 Feb"),
            pytest.param(E.CLAIMED, at(1, 31), date(2026, 2, 28), id="one month clipped"),
            pytest.param(E.WORKS_CONFIRMED, at(3, 15), date(2026, 9, 15), id="same day of month"),
        ],
    )
    def test_last_day(self, event: Event, start: datetime, end: date) -> None:
        assert due(event, start).at == datetime.combine(end, time(23, 59, 59), SHANGHAI)

    def test_the_day_is_dongguans_not_utcs(self) -> None:
        late = datetime(2026, 11, 3, 16, 30, tzinfo=UTC)  # 00:30 on the 4th in Dongguan
        assert due(E.PROJECT_RECEIVED, late).at.date() == date(2026, 11, 19)

    def test_rolls_forward_only_if_the_setting_says_so(self) -> None:
        rolled = due(E.PROJECT_RECEIVED, at(9, 20), local=LocalRules(roll_forward=True))
        assert rolled.at.date() == date(2026, 10, 8)

    def test_a_minimum_never_rolls(self) -> None:
        start = at(9, 28)
        plain = due(E.PUBLICITY_STARTED, start)
        assert due(E.PUBLICITY_STARTED, start, local=LocalRules(roll_forward=True)).at == plain.at

    @pytest.mark.parametrize(
        ("event", "start", "provisional"),
        [
            pytest.param(E.PLAN_SUBMITTED, at(12, 30), True, id="working days into 2027"),
            pytest.param(E.WORKS_CONFIRMED, at(11, 3), True, id="months into 2027"),
            pytest.param(E.PLAN_SUBMITTED, at(12, 21), False, id="all within 2026"),
        ],
    )
    def test_a_year_without_notice_is_provisional(
        self, event: Event, start: datetime, provisional: bool
    ) -> None:
        assert due(event, start).provisional is provisional

    def test_the_installations_numbers_are_used(self) -> None:
        local = LocalRules(verification_working_days=2)
        assert due(E.WISH_RECEIVED, at(11, 3), local=local).at.date() == date(2026, 11, 5)

    @given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 6, 1)), st.sampled_from(Event))
    def test_always_ends_after_it_starts(self, start: datetime, event: Event) -> None:
        begin = start.replace(tzinfo=SHANGHAI)
        assert due(event, begin).at.date() > begin.date()

    @given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 6, 1)), st.integers(1, 40))
    def test_a_later_start_never_ends_earlier(self, start: datetime, days: int) -> None:
        begin = start.replace(tzinfo=SHANGHAI)
        for event in Event:
            assert due(event, begin).at <= due(event, begin + timedelta(days=days)).at


class TestBasis:
    @pytest.mark.parametrize(
        ("event", "start", "basis"),
        [
            (E.PROJECT_RECEIVED, at(11, 3), "11月3日接收，15日内召开协商会议 → 11月18日"),
            (E.PLAN_SUBMITTED, at(11, 3), "11月3日提交实施方案，5个工作日内完成审核 → 11月10日"),
            (E.WORKS_CONFIRMED, at(11, 3), "11月3日审核确认，6个月内完工 → 2027年5月3日"),
            (E.PUBLICITY_STARTED, at(11, 3), "11月3日开始公示，不少于5日后公示期满 → 11月8日"),
        ],
    )
    def test_says_how_the_day_came_about(self, event: Event, start: datetime, basis: str) -> None:
        assert due(event, start).basis == basis

    def test_another_verb_for_a_clock_that_starts_anew(self) -> None:
        text = explain(RULES[E.PROJECT_RECEIVED], date(2026, 11, 3), date(2026, 11, 18), "恢复办理")
        assert text == "11月3日恢复办理，15日内召开协商会议 → 11月18日"
