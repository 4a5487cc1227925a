"""Response speed: figures over the stored turns, closed days from the roll-up and the rest counted now.

Rolled and counted days give the same figures because both are the same histogram (rules/percentiles.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from inbox.models import Agent, Channel, Company, LeadSource, ResponseDay, Turn
from inbox.rules.percentiles import Sort, Tally, bucket_of, count_within, percentile, share_within, sort_of
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

DIMENSIONS = ("all", "agent", "channel", "source")
# The upper edges of the distribution, in seconds; the last bar has none.
EDGES = (30, 120, 300, 600, 1800, 3600)


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
class Figures:
    """One line: how many waits, their percentiles in seconds (None: never), the share within target (0..1)."""

    key: str
    label: str
    total: int
    p50: int | None
    p90: int | None
    p95: int | None
    share: float | None
    never: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ResponseReport:
    """The whole page."""

    filter: ReportFilter
    target_seconds: int
    overall: Figures
    before: Figures
    days: tuple[tuple[date, Figures], ...]
    bars: tuple[tuple[int | None, int], ...]
    agents: tuple[Figures, ...]
    channels: tuple[Figures, ...]
    sources: tuple[Figures, ...]


@dataclass(slots=True)
class Counted:
    """Tallies of one period: by day, and by key of each dimension."""

    days: dict[date, Tally] = field(default_factory=dict)
    by: dict[str, dict[int, Tally]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})

    def add(self, dimension: str, key: int, counted: Tally, day: date) -> None:
        """Put a tally in its place."""
        place = self.by[dimension]
        place[key] = place[key] + counted if key in place else counted
        if dimension == "all":
            self.days[day] = self.days[day] + counted if day in self.days else counted


def response_report(tx: Tx, actor: Actor, wanted: ReportFilter) -> ResponseReport:
    """Figures of a period, compared with the period of the same length before it."""
    require(actor, Permission.REPORT_READ)
    company = tx.execute(select(Company.__table__)).one()
    target = (
        company.first_response_target_seconds if wanted.measure == "first" else company.next_response_target_seconds
    )
    length = wanted.end - wanted.start + timedelta(days=1)
    now = count(tx, wanted, target, company.time_zone)
    earlier = ReportFilter(wanted.start - length, wanted.start - timedelta(days=1), wanted.measure, wanted.hours,
                           wanted.channel_id, wanted.agent_id, wanted.source)  # fmt: skip
    before = count(tx, earlier, target, company.time_zone)
    whole = now.by["all"].get(0, Tally())
    agents = {row.id: row.name for row in tx.execute(select(Agent.id, Agent.name))}
    channels = {row.id: row.name for row in tx.execute(select(Channel.id, Channel.name))}
    sources = {
        row.id: row.source or row.label
        for row in tx.execute(select(LeadSource.id, LeadSource.source, LeadSource.label))
    }
    span = [wanted.start + timedelta(days=number) for number in range(length.days)]
    return ResponseReport(
        filter=wanted,
        target_seconds=target,
        overall=_figures("all", "", whole, target),
        before=_figures("all", "", before.by["all"].get(0, Tally()), target),
        days=tuple((day, _figures(day.isoformat(), "", now.days.get(day, Tally()), target)) for day in span),
        bars=_bars(whole),
        agents=_lines(now.by["agent"], agents, target),
        channels=_lines(now.by["channel"], channels, target),
        sources=_named_lines(now.by["source"], sources, target),
    )


def count(tx: Tx, wanted: ReportFilter, target: int, time_zone: str) -> Counted:
    """Count a period: rolled days as they are stored, other days and open waits from the turns."""
    counted = Counted()
    rolled = set() if wanted.narrowed else _add_rolled(tx, wanted, counted)
    days = [wanted.start + timedelta(days=number) for number in range((wanted.end - wanted.start).days + 1)]
    for first, last in _stretches([day for day in days if day not in rolled]):
        _add_turns(tx, wanted, counted, target, time_zone, first, last, open_only=False)
    if rolled:
        _add_turns(tx, wanted, counted, target, time_zone, wanted.start, wanted.end, open_only=True, only_days=rolled)
    return counted


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
        for dimension, key in (
            ("all", 0),
            ("agent", agent),
            ("channel", row.channel_id),
            ("source", row.lead_source_id or 0),
        ):
            place = (day, dimension, key)
            if sort is Sort.NEVER or (sort is Sort.WAITING and seconds < target):
                others.setdefault(place, [0, 0])[0 if sort is Sort.NEVER else 1] += 1
            else:
                buckets = counts.setdefault(place, {})
                bucket = bucket_of(seconds or 0)
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
    counted: Counted,
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
    statement = select(*TURN_COLUMNS).where(*turn_conditions(wanted, first, last, time_zone))
    if open_only:
        statement = statement.where(Turn.closed_at.is_(None))
    tallies = tally_days(tx.execute(statement), days, starts, wanted.hours, tx.now, target)
    for (day, dimension, key), found in tallies.items():
        if only_days is None or day in only_days:
            counted.add(dimension, key, found, day)


def turn_conditions(wanted: ReportFilter, first: date, last: date, time_zone: str) -> list[Any]:
    """The conditions of a filter on turns, for the figures and for the list behind them."""
    conditions: list[Any] = [
        Turn.opened_at >= local_midnight(first, time_zone),
        Turn.opened_at < local_midnight(last + timedelta(days=1), time_zone),
        Turn.number == 1 if wanted.measure == "first" else Turn.number > 1,
    ]
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


def _add_rolled(tx: Tx, wanted: ReportFilter, counted: Counted) -> set[date]:
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
        counts = {int(bucket): number for bucket, number in orjson.loads(row.histogram).items()}
        counted.add(row.dimension, row.key, Tally(counts, row.never), row.day)
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


def _figures(key: str, label: str, counted: Tally, target: int) -> Figures:
    counts, never = counted.counts, counted.never
    return Figures(
        key=key,
        label=label,
        total=counted.total,
        p50=percentile(counts, never, 0.5),
        p90=percentile(counts, never, 0.9),
        p95=percentile(counts, never, 0.95),
        share=share_within(counts, never, target),
        never=never,
        waiting=counted.undecided,
    )


def _lines(tallies: Mapping[int, Tally], names: Mapping[int, str], target: int) -> tuple[Figures, ...]:
    lines = [_figures(str(key), names.get(key, ""), counted, target) for key, counted in tallies.items()]
    return tuple(sorted(lines, key=lambda line: (-line.total, line.label)))


def _named_lines(tallies: Mapping[int, Tally], names: Mapping[int, str], target: int) -> tuple[Figures, ...]:
    """Sources of one name are one line, whatever their campaigns."""
    merged: dict[str, Tally] = {}
    for key, counted in tallies.items():
        name = names.get(key, "")
        merged[name] = merged[name] + counted if name in merged else counted
    lines = [_figures(name, name, counted, target) for name, counted in merged.items()]
    return tuple(sorted(lines, key=lambda line: (-line.total, line.label)))


def _bars(counted: Tally) -> tuple[tuple[int | None, int], ...]:
    """(upper edge in seconds, how many) of each bar; an edge of 0 is "longer", None is "never"."""
    below = [count_within(counted.counts, edge) for edge in EDGES]
    bars: list[tuple[int | None, int]] = [
        (edge, number - (below[index - 1] if index else 0))
        for index, (edge, number) in enumerate(zip(EDGES, below, strict=True))
    ]
    return (*bars, (0, sum(counted.counts.values()) - below[-1]), (None, counted.never))
