"""When to try again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.retry import GIVE_UP_SECONDS, next_attempt

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def delay(attempt: int, retry_after: float | None = None, jitter: float = 0.0) -> float | None:
    """Seconds until the next try."""
    at = next_attempt(attempt, retry_after, NOW, jitter)
    return None if at is None else (at - NOW).total_seconds()


def test_waits_grow_to_an_hour() -> None:
    assert [delay(attempt) for attempt in range(1, 9)] == [5, 15, 45, 135, 405, 1215, 3600, 3600]


def test_it_gives_up_after_about_a_day() -> None:
    waited, attempt = 0.0, 1
    while (wait := delay(attempt)) is not None:
        waited += wait
        attempt += 1
    assert GIVE_UP_SECONDS <= waited <= GIVE_UP_SECONDS + 3600
    assert delay(10**9) is None


RETRY_AFTER = {
    "longer than ours": (1, 60.0, 60.0),
    "shorter than ours": (7, 60.0, 3600.0),
    "nonsense below zero": (1, -60.0, 5.0),
    "nonsense above a day": (1, 1e12, GIVE_UP_SECONDS),
}


@pytest.mark.parametrize(("attempt", "retry_after", "expected"), RETRY_AFTER.values(), ids=RETRY_AFTER.keys())
def test_the_platforms_word(attempt: int, retry_after: float, expected: float) -> None:
    assert delay(attempt, retry_after) == expected


@given(st.integers(-3, 25), st.none() | st.floats(0, 5000), st.floats(-1, 2))
def test_jitter_shortens_by_a_fifth_at_most_and_never_below_the_platforms_word(
    attempt: int, retry_after: float | None, jitter: float
) -> None:
    plain = delay(attempt)
    wait = delay(attempt, retry_after, jitter)
    assert plain is not None
    assert wait is not None
    assert wait >= max(0.8 * plain, retry_after or 0) - 1e-6
    assert wait <= max(plain, retry_after or 0) + 1e-6
    assert NOW + timedelta(seconds=wait) > NOW
