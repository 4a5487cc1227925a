"""The axes of the reports: by what waits can be told apart, and which of it the roll-up keeps.

A count is asked for by one or two axes: () is all waits, ("agent",) a line per agent, ("weekday", "hour") the heat map.
Calendar axes need no roll-up of their own: every stored row belongs to a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from inbox.models import Turn
from inbox.queries.stored_turns import length_column
from inbox.rules.percentiles import Sort, Tally, bucket_of, sort_of
from inbox.rules.verdicts import Verdict
from inbox.rules.wait_lengths import Definition

Axes = tuple[str, ...]
Key = tuple[int, ...]

MEASURES = ("first.clock", "first.business", "next.clock", "next.business")
# The keys of the axis "verdict" are the places in this list.
VERDICTS = (None, Verdict.TARGET.value, Verdict.OTHER.value)
# What the roll-up keeps; pairs in this order of their axes.
_ORDER = ("agent", "channel", "source", "hour", "team", "verdict")
_PAIRED = _ORDER[:4]
STORED: tuple[Axes, ...] = (
    (),
    *((axis,) for axis in _ORDER),
    *((one, other) for number, one in enumerate(_PAIRED) for other in _PAIRED[number + 1 :]),
    ("source", "verdict"),
)
_COLUMNS = (
    Turn.id,
    Turn.opened_at,
    Turn.outcome,
    Turn.agent_id,
    Turn.answered_by_id,
    Turn.channel_id,
    Turn.lead_source_id,
    Turn.team_id,
    Turn.verdict,
)

_CALENDAR: Mapping[str, Callable[[date], int]] = {"day": date.toordinal, "weekday": date.weekday}


def stored_name(axes: Axes) -> str:
    """The name under which the roll-up keeps a count."""
    return ".".join(axes) or "all"


def stored_axes(axes: Iterable[str]) -> Axes | None:
    """The stored count that has these axes; None when the roll-up keeps none. Calendar axes are in all of them."""
    wanted = {axis for axis in axes if axis not in _CALENDAR}
    found = tuple(axis for axis in _ORDER if axis in wanted)
    return found if found in STORED and len(found) == len(wanted) else None


def stored_key(axes: Axes, stored: Axes) -> Callable[[date, Key], Key]:
    """Where a stored row belongs in a count: a function of its day and its key."""
    parts = [_calendar_part(axis) if axis in _CALENDAR else _key_part(stored.index(axis)) for axis in axes]
    return lambda day, key: tuple([part(day, key) for part in parts])


def _calendar_part(axis: str) -> Callable[[date, Key], int]:
    read = _CALENDAR[axis]
    return lambda day, _: read(day)


def _key_part(place: int) -> Callable[[date, Key], int]:
    return lambda _, key: key[place]


_OF_ROW: Mapping[str, Callable[[Any, datetime], int]] = {
    "agent": lambda row, _: row.answered_by_id or row.agent_id or 0,
    "channel": lambda row, _: row.channel_id,
    "source": lambda row, _: row.lead_source_id or 0,
    "tag": lambda row, _: row.tag_id or 0,
    "team": lambda row, _: row.team_id or 0,
    "verdict": lambda row, _: VERDICTS.index(row.verdict),
    "ending": lambda row, _: row.ending,
    "hour": lambda _, local: local.hour,
    "day": lambda _, local: local.toordinal(),
    "weekday": lambda _, local: local.weekday(),
}


@dataclass(slots=True)
class _Place:
    counts: dict[int, int] = field(default_factory=dict)
    never: int = 0
    undecided: int = 0


def turn_columns(definition: Definition) -> Select[Any]:
    """What tally_rows reads of a turn; `seconds` is the length of a closed one."""
    columns: list[Any] = [*_COLUMNS, length_column(definition).label("seconds")]
    return select(*columns)


def tally_rows(
    rows: Iterable[Any], counts: Sequence[Axes], place: ZoneInfo, target: int, waited: Callable[[Any], int]
) -> dict[Axes, dict[Key, Tally]]:
    """Turn rows counted by these axes. `waited` tells how long an open one is; `target` who of them is late for sure.

    A turn of an older version that was never measured this way is left out until it is rebuilt.
    """
    found: dict[Axes, dict[Key, _Place]] = {axes: {} for axes in counts}
    readers = [(found[axes], [_OF_ROW[axis] for axis in axes]) for axes in counts]
    for row in rows:
        sort = sort_of(row.outcome)
        if sort is Sort.LEFT_OUT:
            continue
        seconds = waited(row) if sort is Sort.WAITING else row.seconds
        if seconds is None:
            continue
        local = row.opened_at.astimezone(place)
        for places, parts in readers:
            key = tuple([part(row, local) for part in parts])
            into = places.get(key)
            if into is None:
                into = places[key] = _Place()
            if sort is Sort.NEVER:
                into.never += 1
            elif sort is Sort.WAITING and seconds < target:
                into.undecided += 1
            else:
                bucket = bucket_of(seconds)
                into.counts[bucket] = into.counts.get(bucket, 0) + 1
    return {
        axes: {key: Tally(into.counts, into.never, into.undecided) for key, into in places.items()}
        for axes, places in found.items()
    }
