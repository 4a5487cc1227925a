"""Counting the facts of a period: closed days and hours from the roll-up, the rest and open waits from the facts, now.

Rolled and counted days give the same figures because both are the same histogram (rules/percentiles.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from inbox.models import ConversationTag, ReportDay, Turn
from inbox.queries.report_axes import VERDICTS, Key, fact_columns, stored_key, tally_rows
from inbox.queries.report_filter import (
    ENDINGS,
    HOUR,
    ReportFilter,
    began_at,
    fact_conditions,
    local_midnight,
    narrowing,
    source_ids,
)
from inbox.queries.report_measures import HAPPENINGS, LOOSE, MEASURES, Axes, Measure, stored_axes, stored_name
from inbox.queries.stored_turns import calendar_of, stored_turns
from inbox.rules.percentiles import Sum, Tally, lanes_of, unpack
from inbox.rules.wait_lengths import By, Calendar, Definition, Since, Whose, length_of
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

Counted = Mapping[Axes, Mapping[Key, Tally]]
_Sums = dict[Axes, defaultdict[Key, Sum]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which stored count serves one that is asked for."""

    axes: Axes
    measure: Measure
    stored: Axes


@dataclass(frozen=True, slots=True)
class _Gaps:
    """The stretches of a period that are not rolled up, and the whole of it."""

    start: datetime
    end: datetime
    stretches: tuple[tuple[datetime, datetime], ...]

    def covered(self, moment: datetime) -> bool:
        """Whether the roll-up has counted what began then."""
        inside = self.start <= moment < self.end
        return inside and not any(start <= moment < end for start, end in self.stretches)


def count(tx: Tx, wanted: ReportFilter, target: int, time_zone: str, counts: Sequence[Axes]) -> Counted:
    """Count a period by each of these axes. `target` (seconds) decides who is late for sure while they still wait."""
    sums: _Sums = {axes: defaultdict(Sum) for axes in counts}
    fixed = _fixed(tx, wanted)
    plans: defaultdict[Measure | None, list[_Plan]] = defaultdict(list)
    for axes in counts:
        plan = _plan(wanted, axes, fixed)
        plans[plan.measure if plan else None].append(plan or _Plan(axes, Measure(""), ()))
    for measure, together in plans.items():
        asked = [plan.axes for plan in together]
        if measure is None:
            _add(sums, _live(tx, wanted, target, time_zone, asked, fact_conditions(wanted, time_zone)))
            continue
        gaps = _gaps(tx, wanted, measure, time_zone)
        for plan in together:
            _add_rolled(tx, wanted, sums, plan, fixed)
        for start, end in gaps.stretches:
            conditions = [began_at(wanted) >= start, began_at(wanted) < end, *narrowing(wanted)]
            _add(sums, _live(tx, wanted, target, time_zone, asked, conditions))
        if wanted.measure not in HAPPENINGS:
            # Without the period in the SQL the small index of open waits is the only one that fits; with it, the
            # planner would walk all the turns of the period.
            conditions = [Turn.closed_at.is_(None), *narrowing(wanted)]
            _add(sums, _live(tx, wanted, target, time_zone, asked, conditions, only=gaps))
    return _done(sums)


def _fixed(tx: Tx, wanted: ReportFilter) -> dict[str, set[int]]:
    """To which keys of which axes a filter narrows."""
    fixed: dict[str, set[int]] = {}
    numbers = {
        "agent": wanted.agent_id,
        "channel": wanted.channel_id,
        "team": wanted.team_id,
        "tag": wanted.tag_id,
        "verdict": None if wanted.verdict is None else VERDICTS.index(wanted.verdict or None),
        "ending": None if wanted.ending is None else ENDINGS.index(wanted.ending),
    }
    fixed |= {axis: {number} for axis, number in numbers.items() if number is not None}
    if wanted.source is not None:
        fixed["source"] = source_ids(tx, wanted.source)
    return fixed


def _plan(wanted: ReportFilter, axes: Axes, fixed: Mapping[str, set[int]]) -> _Plan | None:
    """How the roll-up serves a count; None when it has to be counted from the facts."""
    if wanted.hour is not None or wanted.weekday is not None:
        return None
    loose = [axis for axis in LOOSE if axis in axes or axis in fixed]
    measure = wanted.stored_measure("".join(loose[:1]))
    if measure not in MEASURES or len(loose) > 1:
        return None
    stored = stored_axes({*axes, *fixed}, measure)
    return None if stored is None else _Plan(axes, measure, stored)


def _gaps(tx: Tx, wanted: ReportFilter, measure: Measure, time_zone: str) -> _Gaps:
    """What of the period has to be counted from the facts."""
    table = ReportDay
    rows = tx.execute(
        select(table.day, table.part).where(
            table.measure == measure.name,
            table.dimension == stored_name(()),
            table.day >= wanted.start,
            table.day <= wanted.end,
        )
    )
    rolled: defaultdict[date, set[int]] = defaultdict(set)
    for row in rows:
        rolled[row.day].add(row.part)
    start = local_midnight(wanted.start, time_zone)
    end = local_midnight(wanted.end + timedelta(days=1), time_zone)
    open_stretches: list[tuple[datetime, datetime]] = []
    for day in wanted.days:
        parts = rolled.get(day, set())
        if 0 in parts:
            continue
        midnight, over = local_midnight(day, time_zone), local_midnight(day + timedelta(days=1), time_zone)
        for first, last in _missing(midnight, over, parts):
            if open_stretches and open_stretches[-1][1] == first:
                open_stretches[-1] = (open_stretches[-1][0], last)
            else:
                open_stretches.append((first, last))
    return _Gaps(start, end, tuple(open_stretches))


def _missing(midnight: datetime, over: datetime, parts: set[int]) -> Iterable[tuple[datetime, datetime]]:
    """The hours of a day that are not rolled; a day without any is one stretch."""
    if not parts:
        yield midnight, over
        return
    for number in range(-(-(over - midnight) // HOUR)):
        if number + 1 not in parts:
            yield midnight + number * HOUR, min(over, midnight + (number + 1) * HOUR)


def _add_rolled(tx: Tx, wanted: ReportFilter, sums: _Sums, plan: _Plan, fixed: Mapping[str, set[int]]) -> None:
    table = ReportDay
    own = (table.key, table.second, table.third)
    columns = dict(zip(plan.stored, own, strict=False))
    conditions: list[Any] = [
        table.measure == plan.measure.name,
        table.dimension == stored_name(plan.stored),
        table.day >= wanted.start,
        table.day <= wanted.end,
        *(columns[axis].in_(keys) for axis, keys in fixed.items()),
    ]
    place_of = stored_key(plan.axes, plan.stored)
    places = sums[plan.axes]
    for row in tx.execute(select(table.day, *own, table.never, table.histogram).where(*conditions)):
        places[place_of(row[0], row[1:4])].add(unpack(row[5]), row[4])


def _live(
    tx: Tx,
    wanted: ReportFilter,
    target: int,
    time_zone: str,
    counts: Sequence[Axes],
    conditions: Sequence[Any],
    only: _Gaps | None = None,
) -> dict[Axes, dict[Key, Tally]]:
    """Counted from the facts; `only`: those that began where the roll-up has counted the closed ones."""
    found = {}
    waited = open_lengths(tx, wanted.definition, narrowing(wanted))
    for loose in ("", *LOOSE):
        asked = [axes for axes in counts if loose == next((axis for axis in LOOSE if axis in axes), "")]
        if asked:
            statement = fact_columns(wanted.measure, wanted.definition, loose).where(*conditions)
            if loose == "tag" and wanted.tag_id:
                # Of a dialog with other tags as well, its line of this one.
                statement = statement.where(ConversationTag.tag_id == wanted.tag_id)
            rows = (row for row in tx.execute(statement) if only is None or only.covered(row.opened_at))
            found.update(tally_rows(rows, asked, zone(time_zone), target, waited))
    return found


def open_lengths(tx: Tx, definition: Definition, conditions: Sequence[Any]) -> Callable[[Any], int]:
    """How long the turn of a row has waited by now, which its columns do not say yet."""
    if (definition.whose, definition.since, definition.by) == (Whose.CLIENT, Since.FIRST, By.CLOCK):
        return lambda row: int((tx.now - row.opened_at).total_seconds())
    calendars: dict[tuple[Any, ...], Calendar] = {}
    lengths = {}
    for stored in stored_turns(tx, Turn.closed_at.is_(None), *conditions):
        shifts = stored.shift_ids
        key = (stored.hours_id, *sorted(shifts.items()))
        if key not in calendars:
            calendars[key] = calendar_of(tx, stored.hours_id, shifts)
        lengths[stored.id] = length_of(stored.turn, definition, calendars[key], tx.now)
    return lambda row: lengths.get(row.id, 0)


def _add(sums: _Sums, found: Mapping[Axes, Mapping[Key, Tally]]) -> None:
    for axes, places in found.items():
        for key, tally in places.items():
            sums[axes][key].add(lanes_of(tally.counts), tally.never, tally.undecided)


def _done(sums: _Sums) -> Counted:
    return {axes: {key: found.tally() for key, found in places.items()} for axes, places in sums.items()}
