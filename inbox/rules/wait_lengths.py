"""How long a wait was: the same stretch measured by every definition that a report may choose.

Whose: the client's whole wait, or one agent's own part of it (the segments in which the dialog was theirs). From: the
first message of the client's burst, or the last. By: the clock; business hours (the channel's, its team's or the
company's); the shift of whoever held the dialog, business hours standing in for nobody and for agents without one.
Dialogs that a person of ours began may be left out. All are whole seconds, rounded down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from inbox.rules.business_hours import Hours, time_between
from inbox.rules.response_times import Entry, EntryKind, Segment, Turn, in_order

_SECOND = timedelta(seconds=1)
_NOTHING = timedelta()


class Whose(StrEnum):
    """The client's wait, or the agent's own time."""

    CLIENT = "client"
    AGENT = "agent"


class Since(StrEnum):
    """The message of the burst from which the wait is counted."""

    FIRST = "first"
    LAST = "last"


class By(StrEnum):
    """Which seconds count."""

    CLOCK = "clock"
    BUSINESS = "business"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a report means by the length of a wait. `with_ours`: also in dialogs that we began."""

    whose: Whose = Whose.CLIENT
    since: Since = Since.FIRST
    by: By = By.CLOCK
    with_ours: bool = True

    @property
    def column(self) -> str:
        """The name of the length, of a turn for the client and of a segment for the agent."""
        return f"{'last_' if self.since is Since.LAST else ''}{self.by.value}_seconds"


class Lengths(NamedTuple):
    """One stretch by all definitions, in the order and by the names of the columns."""

    clock_seconds: int
    business_seconds: int
    shift_seconds: int
    last_clock_seconds: int
    last_business_seconds: int
    last_shift_seconds: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours that a wait is counted by; None is always open. `shifts` are those of agents who have one."""

    business: Hours | None = None
    shifts: Mapping[int, Hours] | None = None

    def shift(self, agent_id: int | None) -> Hours | None:
        """What an agent's seconds are counted by."""
        own = (self.shifts or {}).get(agent_id) if agent_id is not None else None
        return own if own is not None else self.business


def segment_lengths(turn: Turn, segment: Segment, calendar: Calendar, now: datetime) -> Lengths:
    """One holder's part of the wait, or what it is by now."""
    return _whole(_measure(turn, segment, calendar, now))


def turn_lengths(turn: Turn, calendar: Calendar, now: datetime) -> Lengths:
    """The client's wait, or what it is by now: the sum of its segments, which leave nothing out."""
    parts = [_measure(turn, segment, calendar, now) for segment in turn.segments]
    return _whole([sum(column, _NOTHING) for column in zip(*parts, strict=True)])


def length_of(
    turn: Turn, definition: Definition, calendar: Calendar, now: datetime, agent_id: int | None = None
) -> int:
    """The wait by one definition; `agent_id` says whose own time is meant, else the one who answered or holds it."""
    since, by = definition.since, definition.by
    if definition.whose is Whose.CLIENT:
        parts = [_part(turn, segment, since, by, calendar, now) for segment in turn.segments]
        return sum(parts, _NOTHING) // _SECOND
    whose = agent_id or turn.answered_by or turn.holder
    own = [segment for segment in turn.segments if segment.agent_id == whose]
    return sum(_part(turn, segment, since, by, calendar, now) // _SECOND for segment in own)


def started_by_us(entries: Iterable[Entry]) -> bool:
    """Whether a person of ours wrote before the client ever did."""
    for entry in in_order(entries):
        if entry.kind in (EntryKind.CLIENT, EntryKind.PERSON):
            return entry.kind is EntryKind.PERSON
    return False


def _measure(turn: Turn, segment: Segment, calendar: Calendar, now: datetime) -> list[timedelta]:
    return [_part(turn, segment, since, by, calendar, now) for since in Since for by in By]


def _part(turn: Turn, segment: Segment, since: Since, by: By, calendar: Calendar, now: datetime) -> timedelta:
    """One holder's part of the wait by one definition."""
    start, end = segment.started_at, segment.ended_at or now
    if since is Since.LAST:
        start = max(start, turn.last_client_at)
    hours = None if by is By.CLOCK else calendar.business if by is By.BUSINESS else calendar.shift(segment.agent_id)
    return max(_NOTHING, end - start) if hours is None else time_between(hours, start, end)


def _whole(parts: Iterable[timedelta]) -> Lengths:
    return Lengths(*(part // _SECOND for part in parts))
