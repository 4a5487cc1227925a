"""A schedule as people keep it: a week, a preset of holidays, days that differ; and whose it is.

The company's applies everywhere, a team's to the channels it answers, a channel's own before both. An agent's is their
shift; the gaps in a day are its breaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from inbox.rules.business_hours import DAY_MINUTES, Hours, Interval, Ranges, problems, stretches
from inbox.rules.errors import Invalid
from inbox.rules.holidays import PRESETS
from inbox.rules.texts import N_

# Days that differ are written by hand, a few a year.
MOST_DAYS = 200


class OwnerKind(StrEnum):
    """Who can have hours of their own."""

    COMPANY = "company"
    TEAM = "team"
    CHANNEL = "channel"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose hours. The company has no id."""

    kind: OwnerKind
    id: int | None = None


COMPANY = Owner(OwnerKind.COMPANY)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date that differs from its week: other stretches, or closed without any."""

    day: date
    stretches: Ranges = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is stored. `holidays` is a key of holidays.PRESETS."""

    time_zone: str
    weekly: tuple[Interval, ...] = ()
    holidays: str = ""
    days: tuple[SpecialDay, ...] = ()


ALL_WEEK = tuple(Interval(weekday, 0, DAY_MINUTES) for weekday in range(7))


def hours_of(schedule: Schedule) -> Hours:
    """The schedule in the form that is counted with. A day that is written by hand wins over a holiday."""
    special: Mapping[date, Ranges] = {item.day: item.stretches for item in schedule.days}
    return Hours(schedule.time_zone, schedule.weekly, PRESETS.get(schedule.holidays, frozenset()), special)


def check_schedule(schedule: Schedule) -> None:
    """Raise Invalid for a schedule that cannot be kept: zone, hours, a day twice, nothing open at all."""
    found = problems(hours_of(schedule))
    if "time_zone" in found:
        raise Invalid({"time_zone": N_("Choose a time zone.")})
    if found:
        raise Invalid({"hours": N_("Closing time must be after opening time.")})
    if schedule.holidays not in PRESETS:
        raise Invalid({"holidays": N_("Choose the holidays.")})
    if len({item.day for item in schedule.days}) < len(schedule.days):
        raise Invalid({"days": N_("One day stands here twice.")})
    if len(schedule.days) > MOST_DAYS:
        raise Invalid({"days": N_("These are too many days.")})
    if not schedule.weekly:
        raise Invalid({"hours": N_("Choose at least one day, or around the clock.")})


def in_break(hours: Hours, moment: datetime) -> bool:
    """Whether a closed moment lies between two open stretches of its local day: a break, not the end of the work."""
    zone = ZoneInfo(hours.time_zone)
    today = moment.astimezone(zone).date()
    day = timedelta(days=1)
    around = [part for part in stretches(hours, moment - day, moment + day) if _touches(part, today, zone)]
    before = any(closes <= moment for _, closes in around)
    return before and any(opens > moment for opens, _ in around)


def _touches(part: tuple[datetime, datetime], today: date, zone: ZoneInfo) -> bool:
    return part[0].astimezone(zone).date() == today
