"""The pace of a channel: places are handed out in order, one slow person holds nobody else."""

from __future__ import annotations

import asyncio
import time

from inbox.pacing import Pace


class Seconds:
    """A clock in seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_so_many_a_second_for_an_account() -> None:
    pace = Pace(Seconds())
    assert [pace.book(1, 4) for _ in range(5)] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert pace.book(2, 4) == 0.0
    assert pace.book(3, None) == 0.0


def test_a_pause_for_each_person_alone() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    assert [pace.book_address(1, "slow", 1.0) for _ in range(3)] == [0.0, 1.0, 2.0]
    assert pace.book_address(1, "quick", 1.0) == 0.0
    seconds.now += 10
    assert pace.book_address(1, "slow", 1.0) == 0.0


async def test_who_waits_for_one_person_holds_nobody_else() -> None:
    pace = Pace(time.monotonic)
    for _ in range(3):
        pace.book_address(1, "slow", 60.0)
    waiting = asyncio.create_task(pace.wait(1, "slow", 28.0, 60.0))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        for number in range(5):
            await pace.wait(1, f"quick-{number}", 28.0, 60.0)
    assert not waiting.done()
    waiting.cancel()


def test_an_account_that_was_asked_to_wait_is_busy() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    pace.hold(1, 5.0)
    assert pace.busy(2.0) == [1]
    assert pace.book(1, 30) == 5.0
    assert pace.book(1, None) >= 5.0
    seconds.now += 4
    assert pace.busy(2.0) == []


def test_one_person_is_told_to_wait_but_two_mean_the_account() -> None:
    seconds = Seconds()
    pace = Pace(seconds)
    pace.told_to_wait(1, "slow", 30.0)
    pace.told_to_wait(1, "slow", 30.0)
    assert pace.busy(2.0) == []
    seconds.now += 31
    pace.told_to_wait(1, "another", 5.0)
    assert pace.busy(2.0) == []
    pace.told_to_wait(1, "third", 5.0)
    assert pace.busy(2.0) == [1]
    assert pace.busy(6.0) == []
