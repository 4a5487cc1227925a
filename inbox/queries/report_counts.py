"""Counting the facts of a period: what is over from the roll-up, the rest and open waits from the facts, now.

Rolled and present facts give the same figures because both are the same columns (rules/report_columns.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from inbox.models import ReportColumn, Turn
from inbox.models.base import to_milliseconds
from inbox.queries.open_waits import open_lengths
from inbox.queries.report_facts import of_fact, over_between, read_columns, unindexed
from inbox.queries.report_filter import ReportFilter, day_parts, local_midnight, source_ids
from inbox.rules.percentiles import Tally, bucket_of
from inbox.rules.report_columns import (
    ENDINGS,
    HAPPENINGS,
    TAG_COLUMNS,
    VERDICTS,
    Axes,
    End,
    Key,
    Part,
    length_name,
    pack,
)
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

Counted = Mapping[Axes, Mapping[Key, Tally]]
_Columns = dict[str, bytes]


def count(tx: Tx, wanted: ReportFilter, target: int, time_zone: str, counts: Sequence[Axes]) -> Counted:
    """Count a period by each of these axes. `target` (seconds) decides who is late for sure while they still wait."""
    # Only here, for who never opens a report shall not pay for it.
    from inbox.rules.fact_counts import count_facts

    narrow = narrowed(tx, wanted)
    length = None if wanted.measure in HAPPENINGS else length_name(wanted.definition)
    names = needed_columns({*narrow, *(axis for axes in counts for axis in axes)}, length)
    return count_facts(read_parts(tx, wanted, target, time_zone, names), names, length, narrow, counts)


def read_parts(tx: Tx, wanted: ReportFilter, target: int, time_zone: str, names: set[str]) -> list[Part]:
    """The facts of the period of a filter, whatever else it says; the last part has those who still wait."""
    parts, gaps = _stored(tx, wanted, names, time_zone)
    for start, end in gaps:
        conditions = over_between(wanted.measure, start, end)
        parts.append(Part(_packed(read_columns(tx, wanted.measure, names, conditions, zone(time_zone)))))
    if wanted.measure not in HAPPENINGS:
        parts.append(Part(_packed(_open(tx, wanted, target, time_zone, names))))
    return parts


def narrowed(tx: Tx, wanted: ReportFilter) -> dict[str, Collection[int]]:
    """Which numbers of which columns a filter lets through."""
    numbers = {
        "agent": wanted.agent_id,
        "channel": wanted.channel_id,
        "team": wanted.team_id,
        "tag": wanted.tag_id,
        "verdict": None if wanted.verdict is None else VERDICTS.index(wanted.verdict or None),
        "ending": None if wanted.ending is None else ENDINGS.index(wanted.ending),
        "weekday": wanted.weekday,
        "hour": wanted.hour,
        "ours": None if wanted.definition.with_ours or wanted.measure in HAPPENINGS else 0,
    }
    narrow: dict[str, Collection[int]] = {axis: [number] for axis, number in numbers.items() if number is not None}
    if wanted.source is not None:
        narrow["source"] = source_ids(tx, wanted.source)
    return narrow


def needed_columns(axes: Collection[str], length: str | None) -> set[str]:
    """The columns that tell facts apart by some axes; "hour" is always there, for it tells how many facts there are."""
    names = {"hour", *axes}
    if "weekday" in names:
        names = names - {"weekday"} | {"day"}
    if "tag" in names:
        names.update(TAG_COLUMNS)
    return names if length is None else names | {length, "outcome"}


def _stored(
    tx: Tx, wanted: ReportFilter, names: set[str], time_zone: str
) -> tuple[list[Part], list[tuple[datetime, datetime]]]:
    """What of the period is rolled up, and the stretches that are not."""
    kept = names - {"day"}
    rolled = _rolled(tx, wanted, kept)
    found: list[Part] = []
    gaps: list[tuple[datetime, datetime]] = []
    for day in wanted.days:
        if len(rolled[day][0]) == len(kept):
            found.append(Part(rolled[day][0], day.toordinal()))
            continue
        parts = day_parts(day, time_zone)
        whole = _whole(rolled[day], kept, len(parts))
        if whole is not None:
            found.append(Part(whole, day.toordinal()))
            continue
        for number, (start, end) in enumerate(parts, start=1):
            columns = rolled[day][number]
            if len(columns) == len(kept):
                found.append(Part(columns, day.toordinal()))
            elif gaps and gaps[-1][1] == start:
                gaps[-1] = (gaps[-1][0], end)
            else:
                gaps.append((start, end))
    return found, gaps


def _rolled(tx: Tx, wanted: ReportFilter, names: Collection[str]) -> Mapping[date, Mapping[int, _Columns]]:
    table = ReportColumn
    statement = select(table.day, table.part, table.name, table.numbers).where(
        table.fact == wanted.measure, table.day >= wanted.start, table.day <= wanted.end, table.name.in_(sorted(names))
    )
    rolled: defaultdict[date, defaultdict[int, _Columns]] = defaultdict(lambda: defaultdict(dict))
    for day, part, name, numbers in tx.execute(statement).all():
        rolled[day][part][name] = numbers
    return rolled


def _whole(parts: Mapping[int, _Columns], names: Collection[str], hours: int) -> _Columns | None:
    """The columns of a whole day, put together of its hours where they are kept so; None when one is missing."""
    columns: _Columns = {}
    for name in names:
        if name in parts[0]:
            columns[name] = parts[0][name]
        elif all(name in parts[part] for part in range(1, hours + 1)):
            columns[name] = b"".join([parts[part][name] for part in range(1, hours + 1)])
        else:
            return None
    return columns


def _open(tx: Tx, wanted: ReportFilter, target: int, time_zone: str, names: set[str]) -> dict[str, list[int]]:
    """Those of the period who still wait, with how long they have by now."""
    length = length_name(wanted.definition)
    # The small index of open waits is then the only one that fits.
    began = unindexed(Turn.opened_at)
    conditions = [
        of_fact(wanted.measure),
        Turn.closed_at.is_(None),
        began >= to_milliseconds(local_midnight(wanted.start, time_zone)),
        began < to_milliseconds(local_midnight(wanted.end + timedelta(days=1), time_zone)),
    ]
    asked = names - {length, "outcome"} | {"id"}
    columns = read_columns(tx, wanted.measure, asked, conditions, zone(time_zone))
    lengths = open_lengths(tx, wanted.definition, conditions)
    waited = [lengths[turn_id] for turn_id in columns["id"]]
    columns[length] = [bucket_of(seconds) for seconds in waited]
    columns["outcome"] = [End.UNDECIDED if seconds < target else End.ANSWERED for seconds in waited]
    return {name: columns[name] for name in names}


def _packed(columns: Mapping[str, Sequence[int]]) -> _Columns:
    return {name: pack(name, numbers) for name, numbers in columns.items()}
