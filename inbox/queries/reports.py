"""Response speed: the figures, lines and bars of the report over what report_counts counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from inbox.models import Agent, Channel, Company, LeadSource, Tag, Team
from inbox.queries.report_counts import count
from inbox.queries.report_filter import ReportFilter
from inbox.rules.percentiles import Tally
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.report_columns import Axes, Key
from inbox.runtime.database import Tx

# The upper edges of the distribution, in seconds; the last bar has none.
EDGES = (30, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Figures:
    """One line: how many waits, their percentiles in seconds (None: never), the share within target (0..1).

    `within` is how many that share is of `total`; `waiting` are in neither.
    """

    key: str
    label: str
    total: int
    p50: int | None
    p90: int | None
    p95: int | None
    share: float | None
    within: int
    never: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ResponseReport:
    """The whole page. `before` is the period before it, whose first and last day are `earlier`."""

    filter: ReportFilter
    target_seconds: int
    overall: Figures
    before: Figures
    earlier: tuple[date, date]
    days: tuple[tuple[date, Figures], ...]
    bars: tuple[tuple[int | None, int], ...]
    agents: tuple[Figures, ...]
    channels: tuple[Figures, ...]
    sources: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class ResponseHours:
    """The waits of a period by (weekday, hour) of their beginning."""

    target_seconds: int
    hours: Mapping[Key, Figures]


_COUNTS: tuple[Axes, ...] = ((), ("day",), ("agent",), ("channel",), ("source",))
_HOURS: Axes = ("weekday", "hour")


def response_report(tx: Tx, actor: Actor, wanted: ReportFilter) -> ResponseReport:
    """Figures of a period, compared with the period of the same length before it."""
    require(actor, Permission.REPORT_READ)
    company = tx.execute(select(Company.__table__)).one()
    target = report_target(company, wanted)
    length = wanted.end - wanted.start + timedelta(days=1)
    now = count(tx, wanted, target, company.time_zone, _COUNTS)
    earlier = replace(wanted, start=wanted.start - length, end=wanted.start - timedelta(days=1))
    before = count(tx, earlier, target, company.time_zone, [()])[()].get((), Tally())
    whole = now[()].get((), Tally())
    labels = axis_labels(tx)
    days = {key[0]: counted for key, counted in now["day",].items()}
    return ResponseReport(
        filter=wanted,
        target_seconds=target,
        overall=figures("all", "", whole, target),
        before=figures("all", "", before, target),
        earlier=(earlier.start, earlier.end),
        days=tuple(
            (day, figures(day.isoformat(), "", days.get(day.toordinal(), Tally()), target)) for day in wanted.days
        ),
        bars=_bars(whole),
        agents=_lines(now["agent",], labels["agent"], target),
        channels=_lines(now["channel",], labels["channel"], target),
        sources=_named_lines(now["source",], labels["source"], target),
    )


def response_hours(tx: Tx, actor: Actor, wanted: ReportFilter) -> ResponseHours:
    """The same waits by hour and weekday. Apart from the report: it is as much work again, and stands below it."""
    require(actor, Permission.REPORT_READ)
    company = tx.execute(select(Company.__table__)).one()
    target = report_target(company, wanted)
    found = count(tx, wanted, target, company.time_zone, [_HOURS])[_HOURS]
    return ResponseHours(target, {key: figures("", "", counted, target) for key, counted in found.items()})


def report_target(company: Any, wanted: ReportFilter) -> int:
    """The company's target for what is counted, in seconds."""
    first = wanted.measure == "first"
    return int(company.first_response_target_seconds if first else company.next_response_target_seconds)


def axis_labels(tx: Tx) -> dict[str, dict[int, str]]:
    """What the keys of the axes are called."""
    return {
        "agent": {row.id: row.name for row in tx.execute(select(Agent.id, Agent.name))},
        "channel": {row.id: row.name for row in tx.execute(select(Channel.id, Channel.name))},
        "source": {
            row.id: row.source or row.label
            for row in tx.execute(select(LeadSource.id, LeadSource.source, LeadSource.label))
        },
        "team": {row.id: row.name for row in tx.execute(select(Team.id, Team.name))},
        "tag": {row.id: row.name for row in tx.execute(select(Tag.id, Tag.name))},
    }


def figures(key: str, label: str, counted: Tally, target: int) -> Figures:
    """The figures of a tally; `target` in seconds."""
    ranking = counted.ranking
    return Figures(
        key=key,
        label=label,
        total=counted.total,
        p50=ranking.percentile(0.5),
        p90=ranking.percentile(0.9),
        p95=ranking.percentile(0.95),
        share=ranking.share_within(target),
        within=ranking.within(target),
        never=counted.never,
        waiting=counted.undecided,
    )


def _lines(tallies: Mapping[Key, Tally], names: Mapping[int, str], target: int) -> tuple[Figures, ...]:
    lines = [figures(str(key), names.get(key, ""), counted, target) for (key,), counted in tallies.items()]
    return tuple(sorted(lines, key=lambda line: (-line.total, line.label)))


def _named_lines(tallies: Mapping[Key, Tally], names: Mapping[int, str], target: int) -> tuple[Figures, ...]:
    """Sources of one name are one line, whatever their campaigns."""
    merged: dict[str, Tally] = {}
    for (key,), counted in tallies.items():
        name = names.get(key, "")
        merged[name] = merged[name] + counted if name in merged else counted
    lines = [figures(name, name, counted, target) for name, counted in merged.items()]
    return tuple(sorted(lines, key=lambda line: (-line.total, line.label)))


def _bars(counted: Tally) -> tuple[tuple[int | None, int], ...]:
    """(upper edge in seconds, how many) of each bar; an edge of 0 is "longer", None is "never"."""
    ranking = counted.ranking
    below = [ranking.within(edge) for edge in EDGES]
    bars: list[tuple[int | None, int]] = [
        (edge, number - (below[index - 1] if index else 0))
        for index, (edge, number) in enumerate(zip(EDGES, below, strict=True))
    ]
    return (*bars, (0, sum(counted.counts.values()) - below[-1]), (None, counted.never))
