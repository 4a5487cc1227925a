"""A report on one sheet: its big numbers beside those of the period before, a chart and one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select

from inbox.models import Company
from inbox.queries.report_crossed import AXES, crossed
from inbox.queries.report_filter import ReportFilter
from inbox.queries.report_people import Person, people
from inbox.queries.report_sales import Sales, sales
from inbox.queries.report_workload import BY, workload
from inbox.queries.reports import Figures, ResponseReport, axis_labels, response_hours, response_report
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.wait_lengths import By
from inbox.runtime.database import Tx

LINES = 10


@dataclass(frozen=True, slots=True)
class Number:
    """A big number and that of the period before (None: nothing was counted). `kind` says what it counts.

    p50, p90: seconds, infinite for never; share, good_share, target_share: 0..1; anything else is how many.
    """

    kind: str
    value: float | None
    before: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One place of the chart: a day, or an hour of the only day; `p50` in seconds (None: no waits, or never)."""

    place: date | int
    total: int
    p50: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: its key and name on the axis, and a value per column (None: nothing was counted)."""

    key: str
    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The sheet. `axis` is what the table's lines are, `columns` the kinds of its values (see Number).

    `narrowed` says by axis to what the filter narrows it ("" is nothing of that kind). `bars` counts new dialogs of
    workload, else waits, whose half is drawn as a line beside `target_seconds`.
    """

    page: str
    company: str
    start: date
    end: date
    measure: str
    hours: By
    narrowed: tuple[tuple[str, str], ...]
    target_seconds: int
    numbers: tuple[Number, ...]
    bars: tuple[Bar, ...]
    axis: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def report_summary(tx: Tx, actor: Actor, page: str, wanted: ReportFilter, choices: Mapping[str, str]) -> Summary:
    """The sheet of one of rules.saved_reports.PAGES; `choices` are those of its address."""
    require(actor, Permission.REPORT_READ)
    wanted = replace(wanted, measure="first") if page == "sales" else wanted
    sheet = _blank(tx, page, wanted)
    if page == "workload":
        return _workload(tx, actor, sheet, wanted, choices.get("by", ""))
    report = response_report(tx, actor, wanted)
    waits = replace(
        sheet,
        target_seconds=report.target_seconds,
        numbers=_waits(report.overall, report.before),
        bars=_bars(tx, actor, report, wanted),
        axis="channel" if wanted.agent_id is not None else "agent",
        columns=_WAITS,
        lines=_figures(report.channels if wanted.agent_id is not None else report.agents),
    )
    if page == "crossed":
        return _crossed(tx, actor, waits, wanted, choices)
    if page == "sales":
        return _sales(tx, actor, waits, wanted)
    return _people(tx, actor, waits, wanted) if page == "people" else waits


_WAITS = ("waits", "p50", "p90", "share")
_WORK = ("new", "answered", "resolved", "unanswered")
_WORKED = ("waits", "never", "resolved", "good_share")
_NEVER = float("inf")


def _blank(tx: Tx, page: str, wanted: ReportFilter) -> Summary:
    """The head of a sheet."""
    names = axis_labels(tx)
    keys = {"channel": wanted.channel_id, "agent": wanted.agent_id, "tag": wanted.tag_id, "team": wanted.team_id}
    narrowed = [(axis, names[axis].get(key, "")) for axis, key in keys.items() if key is not None]
    if wanted.source is not None:
        narrowed.append(("source", wanted.source))
    return Summary(
        page=page,
        company=tx.execute(select(Company.name)).scalar_one(),
        start=wanted.start,
        end=wanted.end,
        measure=wanted.measure,
        hours=wanted.definition.by,
        narrowed=tuple(narrowed),
        target_seconds=0,
        numbers=(),
        bars=(),
        axis="",
        columns=(),
        lines=(),
    )


def _waits(now: Figures, before: Figures) -> tuple[Number, ...]:
    pairs = zip(_WAITS, _values(now), _values(before), strict=True)
    numbers = {kind: Number(kind, value, earlier) for kind, value, earlier in pairs}
    return tuple(numbers[kind] for kind in ("p50", "p90", "share", "waits"))


def _values(found: Figures) -> tuple[float | None, ...]:
    """In the order of _WAITS. Without an answer the half, or nine of ten, may have no end."""
    lengths = (None if not found.total else _NEVER if length is None else length for length in (found.p50, found.p90))
    return (found.total + found.waiting, *lengths, found.share)


def _figures(rows: Sequence[Figures]) -> tuple[Line, ...]:
    return tuple(Line(row.key, row.label, _values(row)) for row in rows[:LINES])


def _bars(tx: Tx, actor: Actor, report: ResponseReport, wanted: ReportFilter) -> tuple[Bar, ...]:
    if len(report.days) > 1:
        return tuple(Bar(day, found.total + found.waiting, found.p50) for day, found in report.days)
    hours = {hour: found for (_, hour), found in response_hours(tx, actor, wanted).hours.items()}
    span = range(min(hours), max(hours) + 1) if hours else range(0)
    return tuple(
        Bar(
            hour,
            hours[hour].total + hours[hour].waiting if hour in hours else 0,
            hours[hour].p50 if hour in hours else None,
        )
        for hour in span
    )


def _crossed(tx: Tx, actor: Actor, waits: Summary, wanted: ReportFilter, choices: Mapping[str, str]) -> Summary:
    """The lines of the table that is crossed, whole."""
    down = choices["down"] if choices.get("down") in AXES else "agent"
    across = next(axis for axis in AXES if axis != down)
    found = crossed(tx, actor, wanted, down, across)
    most = 24 if down == "hour" else LINES
    lines = tuple(Line(row.key, row.label, _values(row)) for row in found.lines[:most])
    return replace(waits, axis=down, lines=lines)


def _workload(tx: Tx, actor: Actor, sheet: Summary, wanted: ReportFilter, by: str) -> Summary:
    days = workload(tx, actor, wanted, "day")
    before = workload(tx, actor, _earlier(wanted), "day").whole.numbers
    axis = by if by in BY and by != "day" else "agent"
    table = workload(tx, actor, wanted, axis)
    lines = tuple(
        Line(line.key, line.label, tuple(line.numbers.get(kind, 0) for kind in _WORK)) for line in table.lines[:LINES]
    )
    bars = tuple(Bar(line.day, line.numbers.get("new", 0), None) for line in reversed(days.lines) if line.day)
    return replace(
        sheet,
        numbers=tuple(Number(kind, days.whole.numbers.get(kind, 0), before.get(kind, 0)) for kind in _WORK),
        bars=bars if len(bars) > 1 else (),
        axis=axis,
        columns=_WORK,
        lines=lines,
    )


def _people(tx: Tx, actor: Actor, waits: Summary, wanted: ReportFilter) -> Summary:
    found = people(tx, actor, wanted)
    now, before = _worked(found), _worked(people(tx, actor, _earlier(wanted)))
    numbers = tuple(Number(kind, now[place], before[place]) for place, kind in enumerate(_WORKED))
    lines = [Line(str(person.id), person.name, _worked([person])) for person in found]
    lines.sort(key=lambda line: (-(line.values[0] or 0), line.label))
    return replace(waits, numbers=numbers, axis="agent", columns=_WORKED, lines=tuple(lines[:LINES]))


def _worked(found: Sequence[Person]) -> tuple[float | None, ...]:
    """In the order of _WORKED, of everybody together."""
    rated = sum(person.rated for person in found)
    good = sum((person.good_share or 0) * person.rated for person in found)
    counts = (sum(getattr(person, kind) for person in found) for kind in _WORKED[:3])
    return (*counts, good / rated if rated else None)


def _sales(tx: Tx, actor: Actor, waits: Summary, wanted: ReportFilter) -> Summary:
    """By verdicts, or without any by how dialogs ended, as on the page."""
    found = sales(tx, actor, wanted)
    found = found if found.judged else sales(tx, actor, wanted, "ending")
    before = sales(tx, actor, _earlier(wanted), found.by)
    share = "target_share" if found.by == "verdict" else "answered_share"
    numbers = (
        Number(f"fast_{share}", found.fast.share, before.fast.share),
        Number(f"slow_{share}", found.slow.share, before.slow.share),
        Number("lost", found.lost, before.lost),
        Number("dialogs", _dialogs(found), _dialogs(before)),
    )
    lines = tuple(
        Line(line.name, line.name, ((line.fast + line.slow).total, line.fast.share, line.slow.share, line.lost))
        for line in found.sources[:LINES]
    )
    columns = ("dialogs", f"fast_{share}", f"slow_{share}", "lost")
    return replace(waits, numbers=numbers, axis="source", columns=columns, lines=lines)


def _dialogs(found: Sales) -> int:
    return (found.fast + found.slow).total


def _earlier(wanted: ReportFilter) -> ReportFilter:
    """The period of the same length before it."""
    length = wanted.end - wanted.start + timedelta(days=1)
    return replace(wanted, start=wanted.start - length, end=wanted.start - timedelta(days=1))
