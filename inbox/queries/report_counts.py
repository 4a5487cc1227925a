"""Counting the stored turns of a period: closed days from the roll-up and the rest from the turns, now.

Rolled and counted days give the same figures because both are the same histogram (rules/percentiles.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from inbox.models import LeadSource, ResponseDay, Turn
from inbox.rules.percentiles import Sort, Sum, Tally, bucket_of, lanes_of, sort_of, unpack
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

DIMENSIONS = ("all", "agent", "channel", "source")


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What is counted: waits that began on local days from `start` to `end` (both included).

    `measure` is first or next; `hours` is clock or business. None means any.
    """

    start: date
    end: date
    measure: str = "first"
    hours: str = "clock"
    channel_id: int | None = None
    agent_id: int | None = None
    source: str | None = None

    @property
    def narrowed(self) -> bool:
        """Whether a filter crosses the dimensions, which the roll-up does not keep."""
        return bool(self.channel_id or self.agent_id or self.source)

    @property
    def stored_measure(self) -> str:
        """The name under which the roll-up keeps this measure."""
        return f"{self.measure}.{self.hours}"


@dataclass(frozen=True, slots=True)
class Counted:
    """Tallies of one period: by day, and by key of each dimension."""

    days: dict[date, Tally]
    by: dict[str, dict[int, Tally]]


@dataclass(frozen=True, slots=True)
class _Counting:
    """The same while it is counted."""

    days: defaultdict[date, Sum] = field(default_factory=lambda: defaultdict(Sum))
    by: dict[str, defaultdict[int, Sum]] = field(
        default_factory=lambda: {name: defaultdict(Sum) for name in DIMENSIONS}
    )

    def places(self, dimension: str, key: int, day: date) -> tuple[Sum, ...]:
        """Where a histogram of this key and day belongs."""
        place = self.by[dimension][key]
        return (place, self.days[day]) if dimension == "all" else (place,)

    def done(self) -> Counted:
        """The result."""
        by = {name: {key: found.tally() for key, found in places.items()} for name, places in self.by.items()}
        return Counted({day: found.tally() for day, found in self.days.items()}, by)


def count(tx: Tx, wanted: ReportFilter, target: int, time_zone: str) -> Counted:
    """Count a period: rolled days as they are stored, other days and open waits from the turns."""
    counted = _Counting()
    rolled = set() if wanted.narrowed else _add_rolled(tx, wanted, counted)
    days = [wanted.start + timedelta(days=number) for number in range((wanted.end - wanted.start).days + 1)]
    for first, last in _stretches([day for day in days if day not in rolled]):
        _add_turns(tx, wanted, counted, target, time_zone, first, last, open_only=False)
    if rolled:
        _add_turns(tx, wanted, counted, target, time_zone, wanted.start, wanted.end, open_only=True, only_days=rolled)
    return counted.done()


def local_midnight(day: date, time_zone: str) -> datetime:
    """When a local day begins, in UTC."""
    return datetime.combine(day, time(), zone(time_zone)).astimezone(UTC)


def tally_days(
    rows: Iterable[Any], days: list[date], starts: list[datetime], hours: str, now: datetime, target: int
) -> dict[tuple[date, str, int], Tally]:
    """Turn rows counted by day, dimension and key. `starts` are the beginnings of `days`, ascending."""
    counts: dict[tuple[date, str, int], dict[int, int]] = {}
    others: dict[tuple[date, str, int], list[int]] = {}
    for row in rows:
        day = days[bisect_right(starts, row.opened_at) - 1]
        sort = sort_of(row.outcome)
        if sort is Sort.LEFT_OUT:
            continue
        seconds = row.business_seconds if hours == "business" else row.clock_seconds
        if sort is Sort.WAITING:
            seconds = int((now - row.opened_at).total_seconds())
        agent = row.answered_by_id or row.agent_id or 0
        endless = sort is Sort.NEVER or (sort is Sort.WAITING and seconds < target)
        bucket = 0 if endless else bucket_of(seconds or 0)
        for dimension, key in (
            ("all", 0),
            ("agent", agent),
            ("channel", row.channel_id),
            ("source", row.lead_source_id or 0),
        ):
            place = (day, dimension, key)
            if endless:
                others.setdefault(place, [0, 0])[0 if sort is Sort.NEVER else 1] += 1
            else:
                buckets = counts.setdefault(place, {})
                buckets[bucket] = buckets.get(bucket, 0) + 1
    return {place: Tally(counts.get(place, {}), *others.get(place, (0, 0))) for place in {**counts, **others}}


TURN_COLUMNS = (
    Turn.opened_at,
    Turn.outcome,
    Turn.clock_seconds,
    Turn.business_seconds,
    Turn.agent_id,
    Turn.answered_by_id,
    Turn.channel_id,
    Turn.lead_source_id,
)


def _add_turns(
    tx: Tx,
    wanted: ReportFilter,
    counted: _Counting,
    target: int,
    time_zone: str,
    first: date,
    last: date,
    *,
    open_only: bool,
    only_days: set[date] | None = None,
) -> None:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    starts = [local_midnight(day, time_zone) for day in days]
    if open_only:
        # Without the period in the SQL the small index of open waits is the only one that fits; with it, the planner
        # would walk all the turns of the period.
        statement = select(*TURN_COLUMNS).where(Turn.closed_at.is_(None), *_narrowing(wanted))
        end = local_midnight(last + timedelta(days=1), time_zone)
        rows = [row for row in tx.execute(statement) if starts[0] <= row.opened_at < end]
    else:
        rows = list(tx.execute(select(*TURN_COLUMNS).where(*turn_conditions(wanted, first, last, time_zone))))
    tallies = tally_days(rows, days, starts, wanted.hours, tx.now, target)
    for (day, dimension, key), found in tallies.items():
        if only_days is None or day in only_days:
            lanes = lanes_of(found.counts)
            for place in counted.places(dimension, key, day):
                place.add(lanes, found.never, found.undecided)


def turn_conditions(wanted: ReportFilter, first: date, last: date, time_zone: str) -> list[Any]:
    """The conditions of a filter on turns, for the figures and for the list behind them."""
    return [
        Turn.opened_at >= local_midnight(first, time_zone),
        Turn.opened_at < local_midnight(last + timedelta(days=1), time_zone),
        *_narrowing(wanted),
    ]


def _narrowing(wanted: ReportFilter) -> list[Any]:
    """The conditions of a filter without its period."""
    conditions: list[Any] = [Turn.number == 1 if wanted.measure == "first" else Turn.number > 1]
    if wanted.channel_id is not None:
        conditions.append(Turn.channel_id == wanted.channel_id)
    if wanted.agent_id is not None:
        # Nobody is agent 0.
        holder = Turn.answered_by_id == wanted.agent_id
        free = Turn.answered_by_id.is_(None)
        own = Turn.agent_id == wanted.agent_id if wanted.agent_id else Turn.agent_id.is_(None)
        conditions.append(holder | (free & own))
    if wanted.source is not None:
        ids = select(LeadSource.id).where((LeadSource.source == wanted.source) | (LeadSource.label == wanted.source))
        conditions.append(Turn.lead_source_id.in_(ids) if wanted.source else Turn.lead_source_id.is_(None))
    return conditions


def _add_rolled(tx: Tx, wanted: ReportFilter, counted: _Counting) -> set[date]:
    rows = tx.execute(
        select(ResponseDay.day, ResponseDay.dimension, ResponseDay.key, ResponseDay.never, ResponseDay.histogram).where(
            ResponseDay.day >= wanted.start,
            ResponseDay.day <= wanted.end,
            ResponseDay.measure == wanted.stored_measure,
        )
    )
    days = set()
    for row in rows:
        days.add(row.day)
        lanes = unpack(row.histogram)
        for place in counted.places(row.dimension, row.key, row.day):
            place.add(lanes, row.never)
    return days


def _stretches(days: list[date]) -> Iterable[tuple[date, date]]:
    """Runs of neighbouring days, so that one query serves each."""
    run: list[date] = []
    for day in days:
        if run and day - run[-1] > timedelta(days=1):
            yield run[0], run[-1]
            run = []
        run.append(day)
    if run:
        yield run[0], run[-1]
