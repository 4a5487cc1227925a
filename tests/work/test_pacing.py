"""The pace of a channel: places are handed out in order, one slow person holds nobody else."""

from __future__ import annotations

from inbox.pacing import Pace


class Seconds:
    """A clock in seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_so_many_a_second_for_an_account() -> None:
    pace = Pace(Seconds())
    waits = [pace.book(1, f"a{number}", 4, 0.0) for number in range(5)]
    assert waits == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert pace.book(2, "a", 4, 0.0) == 0.0


def test_a_pause_for_each_person_alone() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    assert [pace.book(1, "slow", None, 1.0) for _ in range(3)] == [0.0, 1.0, 2.0]
    assert pace.book(1, "quick", None, 1.0) == 0.0
    seconds.now += 10
    assert pace.book(1, "slow", None, 1.0) == 0.0


def test_an_account_that_was_asked_to_wait_is_busy() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    pace.hold(1, 5.0)
    assert pace.busy(2.0) == [1]
    assert pace.book(1, "a", 30, 0.0) == 5.0
    seconds.now += 4
    assert pace.busy(2.0) == []
