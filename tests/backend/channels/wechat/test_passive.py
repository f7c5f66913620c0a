"""How long a callback is held for its answer."""

import pytest

from backend.channels.wechat.passive import passive_wait_s
from backend.conversations.live import LiveUpdates


@pytest.mark.parametrize(("waiting", "wait_s"), [(1, 0.7), (16, 0.7), (17, 0.0), (50, 0.0)])
def test_behind_a_crowd_nobody_waits(waiting: int, wait_s: float) -> None:
    assert passive_wait_s(0.7, waiting) == wait_s


@pytest.mark.parametrize(("waiting", "wait_s"), [(1, 0.7), (2, 0.0)])
def test_while_answers_come_late_one_at_a_time_waits(waiting: int, wait_s: float) -> None:
    assert passive_wait_s(0.7, waiting, is_late=True) == wait_s


def test_an_account_without_the_api_always_waits() -> None:
    assert passive_wait_s(4.0, 50) == 4.0


def test_held_callbacks_are_counted() -> None:
    live = LiveUpdates("")
    with live.waiting_callback() as first, live.waiting_callback() as second:
        assert (first, second) == (1, 2)
    with pytest.raises(ValueError, match="broken"), live.waiting_callback():
        raise ValueError("broken")
    with live.waiting_callback() as alone:
        assert alone == 1
