"""When to try again to hand a message over."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_DELAY_SECONDS = 5.0
GROWTH = 3.0
LONGEST_DELAY_SECONDS = 3600.0
GIVE_UP_SECONDS = 24 * 3600.0


def next_attempt(attempt: int, retry_after: float | None, now: datetime, jitter: float) -> datetime | None:
    """The moment of the next try after `attempt` failed ones (1, 2, ...), or None to give up after about a day.

    Waits grow 5 s, 15 s, 45 s ... to an hour. `jitter` in 0..1 shortens a wait by at most a fifth, so that a crowd
    of messages does not come back in step. A platform's own `retry_after` (seconds) is never undercut.
    """
    if waited_before(attempt) >= GIVE_UP_SECONDS:
        return None
    delay = _delay(attempt) * (1 - 0.2 * min(max(jitter, 0.0), 1.0))
    if retry_after is not None:
        delay = max(delay, min(max(retry_after, 0.0), GIVE_UP_SECONDS))
    return now + timedelta(seconds=delay)


def waited_before(attempt: int) -> float:
    """The longest time in seconds that the tries before this failed one can have taken."""
    # A counter gone wild must not be walked: a hundred tries are far beyond giving up.
    return sum(_delay(number) for number in range(1, min(attempt, 100)))


def _delay(attempt: int) -> float:
    # The exponent is capped: a counter gone wild must not overflow a float.
    return min(FIRST_DELAY_SECONDS * GROWTH ** min(max(attempt, 1) - 1, 20), LONGEST_DELAY_SECONDS)
