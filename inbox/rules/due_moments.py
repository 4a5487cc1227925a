"""When something that repeats by the calendar is due next: every day, every week or every month at a time of day."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`minute` since local midnight; `weekday` (0 is Monday) of a week, `day` (1..31) of a month."""

    every: Every
    minute: int
    weekday: int = 0
    day: int = 1

    def falls_on(self, local: date) -> bool:
        """Whether a local day is one of its days. A month that is too short has it on its last day."""
        if self.every is Every.WEEK:
            return local.weekday() == self.weekday
        if self.every is Every.MONTH:
            return local.day == min(self.day, monthrange(local.year, local.month)[1])
        return True


def due_on(rule: Recurrence, local: date, zone: tzinfo) -> datetime:
    """The moment of a local day, in UTC.

    A time that the clocks leave out comes as much later; of a time that they show twice it is the first.
    """
    moment = time(rule.minute // 60, rule.minute % 60)
    return datetime.combine(local, moment, zone).astimezone(UTC)


def next_due(rule: Recurrence, after: datetime, zone: tzinfo) -> datetime:
    """The first moment later than `after`."""
    local = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        if rule.falls_on(local) and (found := due_on(rule, local, zone)) > after:
            return found
        local += timedelta(days=1)
