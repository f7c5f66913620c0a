"""Decisions of a conversation."""

import pytest

from backend.conversations import rules


class TestBackOff:
    @pytest.mark.parametrize(
        ("failed", "wait_s"), [(1, 2), (2, 5), (3, 10), (4, 15), (5, 15), (50, 15)]
    )
    def test_waits_longer_after_each_failure(self, failed: int, wait_s: int) -> None:
        assert rules.retry_in_s(failed) == wait_s

    def test_gives_up_after_an_hour(self) -> None:
        waits: list[int] = []
        while (wait_s := rules.retry_in_s(len(waits) + 1)) is not None:
            waits.append(wait_s)
        assert 3600 <= sum(waits) < 3700


class TestCleanText:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            pytest.param("  路灯坏了\n ", "路灯坏了", id="outer blanks"),
            pytest.param("一\r\n二\r三", "一\n二\n三", id="line breaks"),
            pytest.param("a\x00b\x1bc\u2028d", "abcd", id="control characters"),
            pytest.param("\ud83d路灯", "路灯", id="half an emoji"),
            pytest.param("👨‍👩‍👧 家里", "👨‍👩‍👧 家里", id="joined emoji stay"),
            pytest.param(" \n\t ", "", id="nothing"),
        ],
    )
    def test_keeps_what_people_write(self, sent: str, kept: str) -> None:
        assert rules.clean_text(sent) == kept


class TestEmergencyNumber:
    @pytest.mark.parametrize(
        ("text", "is_named"),
        [
            ("请马上拨打 120！\n同时告诉我您在哪里。", True),
            ("火警119，先离开屋子", True),
            ("我记下了。\n有危险请拨打110", False),
            ("中山路110号的路灯", False),
            ("请拨打 12345", False),
            ("电话 0769-110", False),
            ("", False),
        ],
    )
    def test_only_the_first_line_counts(self, text: str, is_named: bool) -> None:
        assert rules.names_emergency_number(text) is is_named
