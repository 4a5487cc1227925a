"""The axes of the reports: by what facts can be told apart, in rows of the roll-up and in rows of the facts.

A count is asked for by up to three axes: () is everything, ("agent",) a line per agent, ("weekday", "hour") the heat
map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, literal, null, select

from inbox.models import ConversationMoment, ConversationTag, Turn
from inbox.queries.report_filter import ending_column
from inbox.queries.report_measures import HAPPENINGS, Axes
from inbox.queries.stored_turns import length_column
from inbox.rules.percentiles import Sort, Tally, bucket_of, sort_of
from inbox.rules.verdicts import Verdict
from inbox.rules.wait_lengths import Definition

Key = tuple[int, ...]

# The keys of the axis "verdict" are the places in this list.
VERDICTS = (None, Verdict.TARGET.value, Verdict.OTHER.value)
_CALENDAR: Mapping[str, Callable[[date], int]] = {"day": date.toordinal, "weekday": date.weekday}


def stored_key(axes: Axes, stored: Axes) -> Callable[[date, Key], Key]:
    """Where a stored row belongs in a count: a function of its day and its key."""
    if not any(axis in _CALENDAR for axis in axes):
        places = [stored.index(axis) for axis in axes]
        pick = _picked(places)
        return lambda _, key: pick(key)
    parts = [_calendar_part(axis) if axis in _CALENDAR else _key_part(stored.index(axis)) for axis in axes]
    return lambda day, key: tuple([part(day, key) for part in parts])


def _calendar_part(axis: str) -> Callable[[date, Key], int]:
    read = _CALENDAR[axis]
    return lambda day, _: read(day)


def _key_part(place: int) -> Callable[[date, Key], int]:
    return lambda _, key: key[place]


def _picked(places: Sequence[int]) -> Callable[[Any], Key]:
    """Some values of a tuple, as a tuple also when it is one or none."""
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1) if places else slice(0))


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
_OF_CLOCK = ("hour", "day", "weekday")


@dataclass(slots=True)
class _Place:
    counts: dict[int, int] = field(default_factory=dict)
    never: int = 0
    undecided: int = 0


@cache
def fact_columns(fact: str, definition: Definition, loose: str = "") -> Select[Any]:
    """What tally_rows reads of first or next waits or of a happening; `seconds` is the length of a closed wait.

    A dialog with two tags is there twice when tags are told apart.
    """
    if fact in HAPPENINGS:
        m: Any = ConversationMoment
        own = (m.at.label("opened_at"), literal("answered").label("outcome"), null().label("answered_by_id"))
        columns = [*own, null().label("verdict"), literal(0).label("seconds")]
        of_kind = m.kind == fact
    else:
        m = Turn
        columns = [m.opened_at, m.outcome, m.answered_by_id, m.verdict, length_column(definition).label("seconds")]
        of_kind = m.number == 1 if fact == "first" else m.number > 1
    found = select(m.id, *columns, m.agent_id, m.channel_id, m.lead_source_id, m.team_id).where(of_kind)
    if loose == "tag":
        tags = ConversationTag.conversation_id == m.conversation_id
        return found.add_columns(ConversationTag.tag_id).outerjoin(ConversationTag, tags)
    return found.add_columns(ending_column().label("ending")) if loose else found


def tally_rows(
    rows: Iterable[Any], counts: Sequence[Axes], place: ZoneInfo, target: int, waited: Callable[[Any], int]
) -> dict[Axes, dict[Key, Tally]]:
    """Rows of fact_columns counted by these axes. `waited` is how long an open wait is, `target` who is late already.

    A turn of an older version that was never measured this way is left out until it is rebuilt.
    """
    found: dict[Axes, dict[Key, _Place]] = {axes: {} for axes in counts}
    names = sorted({axis for axes in counts for axis in axes})
    parts = [_OF_ROW[axis] for axis in names]
    readers = [(found[axes], _picked([names.index(axis) for axis in axes])) for axes in counts]
    timed = any(axis in _OF_CLOCK for axis in names)
    for row in rows:
        sort = sort_of(row.outcome)
        if sort is Sort.LEFT_OUT:
            continue
        seconds = waited(row) if sort is Sort.WAITING else row.seconds
        if seconds is None:
            continue
        local = row.opened_at.astimezone(place) if timed else row.opened_at
        values = tuple([part(row, local) for part in parts])
        undecided = sort is Sort.WAITING and seconds < target
        bucket = bucket_of(seconds)
        for places, pick in readers:
            key = pick(values)
            into = places.get(key)
            if into is None:
                into = places[key] = _Place()
            if sort is Sort.NEVER:
                into.never += 1
            elif undecided:
                into.undecided += 1
            else:
                into.counts[bucket] = into.counts.get(bucket, 0) + 1
    return {
        axes: {key: Tally(into.counts, into.never, into.undecided) for key, into in places.items()}
        for axes, places in found.items()
    }
