"""Counting the turns of a period: closed days and hours from the roll-up, the rest and open waits from the turns, now.

Rolled and counted days give the same figures because both are the same histogram (rules/percentiles.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from inbox.models import ConversationTag, ResponseDay, Turn
from inbox.queries.report_axes import Axes, Key, stored_axes, stored_key, stored_name, tally_rows, turn_columns
from inbox.queries.report_filter import (
    HOUR,
    ReportFilter,
    ending_column,
    local_midnight,
    narrowing,
    source_ids,
    turn_conditions,
)
from inbox.queries.stored_turns import calendar_of, stored_turns
from inbox.rules.percentiles import Sum, Tally, lanes_of, unpack
from inbox.rules.wait_lengths import By, Calendar, Definition, Since, Whose, length_of
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

Counted = Mapping[Axes, Mapping[Key, Tally]]
_Sums = dict[Axes, defaultdict[Key, Sum]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which stored count serves one that is asked for, and which of its keys are let through."""

    axes: Axes
    stored: Axes
    fixed: Mapping[str, set[int]]


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
    plans = _plans(tx, wanted, counts)
    if plans is None:
        _add(sums, _live(tx, wanted, target, time_zone, counts, turn_conditions(wanted, time_zone)))
        return _done(sums)
    gaps = _gaps(tx, wanted, time_zone)
    for plan in plans:
        _add_rolled(tx, wanted, sums, plan)
    for start, end in gaps.stretches:
        conditions = [Turn.opened_at >= start, Turn.opened_at < end, *narrowing(wanted)]
        _add(sums, _live(tx, wanted, target, time_zone, counts, conditions))
    # Without the period in the SQL the small index of open waits is the only one that fits; with it, the planner
    # would walk all the turns of the period.
    conditions = [Turn.closed_at.is_(None), *narrowing(wanted)]
    _add(sums, _live(tx, wanted, target, time_zone, counts, conditions, only=gaps))
    return _done(sums)


def _plans(tx: Tx, wanted: ReportFilter, counts: Sequence[Axes]) -> list[_Plan] | None:
    """How the roll-up serves these counts; None when one of them has to be counted from the turns."""
    if not wanted.rolled or any(
        part is not None for part in (wanted.hour, wanted.weekday, wanted.tag_id, wanted.verdict, wanted.ending)
    ):
        return None
    fixed: dict[str, set[int]] = {}
    if wanted.agent_id is not None:
        fixed["agent"] = {wanted.agent_id}
    if wanted.channel_id is not None:
        fixed["channel"] = {wanted.channel_id}
    if wanted.team_id is not None:
        fixed["team"] = {wanted.team_id}
    if wanted.source is not None:
        fixed["source"] = source_ids(tx, wanted.source)
    plans = []
    for axes in counts:
        stored = stored_axes({*axes, *fixed})
        if stored is None:
            return None
        plans.append(_Plan(axes, stored, fixed))
    return plans


def _gaps(tx: Tx, wanted: ReportFilter, time_zone: str) -> _Gaps:
    """What of the period has to be counted from the turns."""
    table = ResponseDay
    rows = tx.execute(
        select(table.day, table.part).where(
            table.measure == wanted.stored_measure,
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


def _add_rolled(tx: Tx, wanted: ReportFilter, sums: _Sums, plan: _Plan) -> None:
    table = ResponseDay
    columns = dict(zip(plan.stored, (table.key, table.second), strict=False))
    conditions: list[Any] = [
        table.measure == wanted.stored_measure,
        table.dimension == stored_name(plan.stored),
        table.day >= wanted.start,
        table.day <= wanted.end,
        *(columns[axis].in_(keys) for axis, keys in plan.fixed.items()),
    ]
    place_of = stored_key(plan.axes, plan.stored)
    places = sums[plan.axes]
    for day, key, second, never, histogram in tx.execute(
        select(table.day, table.key, table.second, table.never, table.histogram).where(*conditions)
    ):
        places[place_of(day, (key, second))].add(unpack(histogram), never)


def _live(
    tx: Tx,
    wanted: ReportFilter,
    target: int,
    time_zone: str,
    counts: Sequence[Axes],
    conditions: Sequence[Any],
    only: _Gaps | None = None,
) -> dict[Axes, dict[Key, Tally]]:
    """Counted from the turns; `only`: those that began where the roll-up has counted the closed ones."""
    found = {}
    waited = open_lengths(tx, wanted.definition, narrowing(wanted))
    for tagged in (False, True):
        asked = [axes for axes in counts if ("tag" in axes) is tagged]
        if not asked:
            continue
        statement = turn_columns(wanted.definition).where(*conditions)
        if any("ending" in axes for axes in asked):
            statement = statement.add_columns(ending_column().label("ending"))
        if tagged:
            # A dialog with two tags is in both of their lines.
            statement = statement.add_columns(ConversationTag.tag_id).outerjoin(
                ConversationTag, ConversationTag.conversation_id == Turn.conversation_id
            )
            if wanted.tag_id:
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
