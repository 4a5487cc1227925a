"""When an agent's messenger stays silent, and when the morning's digest is due."""

from __future__ import annotations

from datetime import date, datetime

# A server that comes up later than this after the hour does not send yesterday's news at noon.
DIGEST_LIFE_MINUTES = 180


def is_quiet(local: datetime, quiet_from: int | None, quiet_to: int | None) -> bool:
    """Whether it is quiet now: minutes since local midnight, perhaps over midnight ("22:00 to 8:00").

    Without both ends, or with equal ones, it is never quiet.
    """
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return False
    minute = local.hour * 60 + local.minute
    if quiet_from < quiet_to:
        return quiet_from <= minute < quiet_to
    return minute >= quiet_from or minute < quiet_to


def digest_day(local: datetime, digest_minute: int) -> date | None:
    """The day whose digest is due now; None before its minute and long after it."""
    minute = local.hour * 60 + local.minute
    return local.date() if digest_minute <= minute < digest_minute + DIGEST_LIFE_MINUTES else None


def read_minute(text: str) -> int | None:
    """Minutes since midnight of "8:05"; None when it is no time of day."""
    hours, _, minutes = text.strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2):
        return None
    value = int(hours) * 60 + int(minutes)
    return value if int(hours) < 24 and int(minutes) < 60 else None
