"""Working hours: whether we are open, how much working time lies between two moments, and when it runs out.

Hours are local: minutes since midnight in a time zone. Every calendar day is turned into moments by itself, so a day
on which the clocks change is as long as it really was. An hour that the clocks skip has no length; an hour that
they repeat is reached when they show it for the first time. Whole weeks without exceptions and clock changes are
counted at once, which makes spans of years cheap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440
# An open stretch may run over midnight, to the end of the next day at most.
MAX_CLOSE_MINUTE = 2 * DAY_MINUTES
# When the next opening lies further ahead than ten years, there is none.
HORIZON_DAYS = 3660

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_NOTHING = timedelta()

Ranges = tuple[tuple[int, int], ...]


class Interval(NamedTuple):
    """One open stretch: `weekday` 0 is Monday; minutes since local midnight; a close past 1440 is the next day."""

    weekday: int
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, slots=True)
class Hours:
    """A weekly schedule with exceptions.

    `days_off` are closed; `special_days` replace the weekly hours of a date by (opens, closes) minutes and win over
    a day off. What starts on a day belongs to it, also after midnight.
    """

    time_zone: str
    weekly: tuple[Interval, ...] = ()
    days_off: frozenset[date] = frozenset()
    special_days: Mapping[date, Ranges] = field(default_factory=dict)


def problems(hours: Hours) -> tuple[str, ...]:
    """What makes a schedule unusable, as codes: time_zone, weekday, order.

    Order means a close before its opening, or later than the end of the next day. Stretches that overlap are fine:
    they are counted once.
    """
    found = []
    try:
        ZoneInfo(hours.time_zone)
    except (ValueError, OSError, KeyError):
        # ZoneInfo refuses a bad name in three ways: unknown, unsafe path, a folder instead of a file.
        found.append("time_zone")
    if any(not 0 <= interval.weekday < _WEEK_DAYS for interval in hours.weekly):
        found.append("weekday")
    stretches = [(interval.opens_minute, interval.closes_minute) for interval in hours.weekly]
    stretches += [stretch for day in hours.special_days.values() for stretch in day]
    if any(not 0 <= opens < min(DAY_MINUTES, closes) or closes > MAX_CLOSE_MINUTE for opens, closes in stretches):
        found.append("order")
    return tuple(found)


def is_open(hours: Hours, moment: datetime) -> bool:
    """Whether this moment is inside the hours. An opening minute is, a closing minute is not."""
    opens = next_open(hours, moment, horizon_days=1)
    return opens == moment


def time_between(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """The exact working time between two moments; nothing when the end is not after the start."""
    if end <= start:
        return _NOTHING
    zone = ZoneInfo(hours.time_zone)
    # A day more on either side: around a clock change at midnight the local date may step back.
    first, last = start.astimezone(zone).date() - _DAY, end.astimezone(zone).date() + _DAY
    total, day = _NOTHING, first
    while day <= last:
        if day > first + _DAY and day + 9 * _DAY <= last and _is_plain_week(hours, zone, day):
            total += timedelta(minutes=_week_minutes(hours.weekly))
            day += _WEEK_DAYS * _DAY
            continue
        for opens, closes in _stretches(hours, zone, day):
            total += max(_NOTHING, min(closes, end) - max(opens, start))
        day += _DAY
    return total


def stretches(hours: Hours, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches that begin between two moments, or run at the first, in order and disjoint."""
    zone = ZoneInfo(hours.time_zone)
    day, last = start.astimezone(zone).date() - _DAY, end.astimezone(zone).date() + _DAY
    while day <= last:
        for opens, closes in _stretches(hours, zone, day):
            if closes > start and opens < end:
                yield opens, closes
        day += _DAY


def seconds_between(hours: Hours, start: datetime, end: datetime) -> int:
    """Whole working seconds between two moments; 0 when the end is not after the start."""
    return int(time_between(hours, start, end) / timedelta(seconds=1))


def next_open(hours: Hours, moment: datetime, horizon_days: int = HORIZON_DAYS) -> datetime | None:
    """The first working moment (UTC) at or after this one: itself while open; None when nothing opens any more."""
    zone = ZoneInfo(hours.time_zone)
    day = moment.astimezone(zone).date() - _DAY
    last = day + (horizon_days + 2) * _DAY
    if not hours.weekly:
        last = min(last, max(hours.special_days, default=day) + _DAY)
    while day <= last:
        for opens, closes in _stretches(hours, zone, day):
            if moment < closes:
                return max(opens, moment.astimezone(UTC))
        day += _DAY
    return None


def deadline(hours: Hours, start: datetime, seconds: int) -> datetime | None:
    """The first moment (UTC) by which `seconds` of working time have passed since the start.

    With 0 it is the start itself. None when the schedule never holds that much time.
    """
    left = timedelta(seconds=seconds)
    if left <= _NOTHING:
        return start.astimezone(UTC)
    zone = ZoneInfo(hours.time_zone)
    first = start.astimezone(zone).date() - _DAY
    week = timedelta(minutes=_week_minutes(hours.weekly))
    day, last_useful = first, first + HORIZON_DAYS * _DAY
    while day <= last_useful:
        if day > first + 2 * _DAY and _NOTHING < week < left and _is_plain_week(hours, zone, day):
            left -= week
            day += _WEEK_DAYS * _DAY
            last_useful = day + HORIZON_DAYS * _DAY
            continue
        for opens, closes in _stretches(hours, zone, day):
            begins = max(opens, start)
            if begins >= closes:
                continue
            if left <= closes - begins:
                return (begins + left).astimezone(UTC)
            left -= closes - begins
        day += _DAY
    return None


def _stretches(hours: Hours, zone: ZoneInfo, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The open moments of one calendar day, in order and disjoint; also those left over from the day before."""
    for opens, closes in _day_ranges(hours, day):
        yield _moment(zone, day, opens), _moment(zone, day, closes)


def _day_ranges(hours: Hours, day: date) -> Ranges:
    before = day - _DAY
    if not _is_exceptional(hours, day) and not _is_exceptional(hours, before):
        return _week(hours.weekly)[day.weekday()]
    return _merge(_starting_on(hours, day), _starting_on(hours, before))


def _starting_on(hours: Hours, day: date) -> Ranges:
    special = hours.special_days.get(day)
    if special is not None:
        return special
    return () if day in hours.days_off else _weekday(hours.weekly, day.weekday())


def _is_exceptional(hours: Hours, day: date) -> bool:
    return day in hours.days_off or day in hours.special_days


def _is_plain_week(hours: Hours, zone: ZoneInfo, first: date) -> bool:
    """Whether seven days from here hold exactly one week's schedule: no exceptions, no change of the clocks.

    No zone changes its clocks forth and back within one week, so equal offsets at both ends are proof.
    """
    dated = bool(hours.days_off or hours.special_days)
    if dated and any(_is_exceptional(hours, first + number * _DAY) for number in range(-1, _WEEK_DAYS)):
        return False
    starts = datetime.combine(first, time(), zone)
    return starts.utcoffset() == datetime.combine(first + _WEEK_DAYS * _DAY, time(), zone).utcoffset()


@lru_cache(maxsize=256)
def _week(weekly: tuple[Interval, ...]) -> tuple[Ranges, ...]:
    """For each weekday the merged ranges that are open on it."""
    return tuple(_merge(_weekday(weekly, number), _weekday(weekly, (number - 1) % 7)) for number in range(_WEEK_DAYS))


@lru_cache(maxsize=256)
def _week_minutes(weekly: tuple[Interval, ...]) -> int:
    return sum(closes - opens for day in _week(weekly) for opens, closes in day)


def _weekday(weekly: tuple[Interval, ...], weekday: int) -> Ranges:
    return tuple((item.opens_minute, item.closes_minute) for item in weekly if item.weekday == weekday)


def _merge(today: Ranges, yesterday: Ranges) -> Ranges:
    """Today's ranges and what is left of yesterday's, inside the day, ordered, with overlaps counted once."""
    clipped = [(opens, min(closes, DAY_MINUTES)) for opens, closes in today]
    clipped += [(max(opens - DAY_MINUTES, 0), min(closes - DAY_MINUTES, DAY_MINUTES)) for opens, closes in yesterday]
    merged: list[tuple[int, int]] = []
    for opens, closes in sorted(clipped):
        if opens >= closes:
            continue
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return tuple(merged)


@lru_cache(maxsize=4096)
def _moment(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The moment (UTC) at which the local clock first shows this minute, or jumps over it. Never decreases."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    after = wall.replace(tzinfo=zone).astimezone(UTC)
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if before >= after:
        # The usual case (equal), or a repeated hour, of which `after` is the first pass.
        return after
    # The clocks jumped over this minute: look for the jump, which lies between the two readings.
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
