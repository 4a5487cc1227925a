"""Stored turns in the form of the rule, and the schedules that their lengths are counted by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, func, select

from inbox.models import Agent, Turn, TurnSegment
from inbox.queries.hours import applying_hours, stored_hours
from inbox.rules import response_times
from inbox.rules.response_times import Outcome, Segment
from inbox.rules.wait_lengths import Calendar, Definition, Lengths, Whose
from inbox.runtime.database import Tx

_SHIFTS = select(Agent.id, Agent.business_hours_id).where(Agent.business_hours_id.is_not(None))


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment with its row, schedule and lengths (None while the turn is open, or of an older version)."""

    id: int
    segment: Segment
    hours_id: int | None
    lengths: Lengths | None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn with its row, schedule, lengths and segments."""

    id: int
    conversation_id: int
    channel_id: int
    turn: response_times.Turn
    hours_id: int | None
    started_by_us: bool
    lengths: Lengths | None
    segments: tuple[StoredSegment, ...]

    @property
    def shift_ids(self) -> dict[int, int]:
        """The schedules of shifts by agent."""
        agents = ((part.segment.agent_id, part.hours_id) for part in self.segments)
        return {agent: hours for agent, hours in agents if agent is not None and hours is not None}


def stored_turns(tx: Tx, *conditions: ColumnElement[bool]) -> list[StoredTurn]:
    """The turns that fit conditions on Turn, by conversation and number.

    An open one has no schedules of its own yet: it is counted by those that apply now.
    """
    # Put in order here, for an order of its own a database would walk all the waits there are; by the places of the
    # columns id, conversation_id and number, which is faster than by their names.
    rows = sorted(tx.execute(select(Turn.__table__).where(*conditions)).all(), key=itemgetter(1, 2))
    channels = {row.id: row.channel_id for row in rows if row.closed_at is None}
    hours = {channel_id: applying_hours(tx, channel_id).hours_id for channel_id in set(channels.values())}
    shifts: dict[int | None, int | None] = {row[0]: row[1] for row in tx.execute(_SHIFTS)} if channels else {}
    part = TurnSegment.__table__
    segments: defaultdict[int, list[StoredSegment]] = defaultdict(list)
    held = select(part).where(part.c.turn_id.in_(select(Turn.id).where(*conditions)))
    for row in sorted(tx.execute(held).all(), key=itemgetter(0)):
        segment = Segment(row.agent_id, row.started_at, row.ended_at)
        hours_id = shifts.get(row.agent_id) if row.turn_id in channels else row.business_hours_id
        segments[row.turn_id].append(StoredSegment(row.id, segment, hours_id, _lengths(row)))
    return [
        _stored(row, tuple(segments[row.id]), hours[row.channel_id] if row.id in channels else row.business_hours_id)
        for row in rows
    ]


def calendar_of(tx: Tx, hours_id: int | None, shift_ids: dict[int, int]) -> Calendar:
    """The hours that a wait is counted by, from the ids of its schedules."""
    found = stored_hours(tx, {*shift_ids.values(), *([] if hours_id is None else [hours_id])})
    business = None if hours_id is None else found[hours_id]
    return Calendar(business, {agent: found[key] for agent, key in shift_ids.items()})


def length_column(definition: Definition) -> ColumnElement[int]:
    """The stored length of closed turns by a definition, to be selected from Turn. The agent's is the answerer's."""
    if definition.whose is Whose.CLIENT:
        column: ColumnElement[int] = getattr(Turn, definition.column)
        return column
    own = select(func.coalesce(func.sum(getattr(TurnSegment, definition.column)), 0))
    answerer = func.coalesce(Turn.answered_by_id, Turn.agent_id)
    return own.where(TurnSegment.turn_id == Turn.id, TurnSegment.agent_id == answerer).correlate(Turn).scalar_subquery()


def definition_conditions(definition: Definition) -> Sequence[ColumnElement[bool]]:
    """The conditions on Turn that a definition adds."""
    return () if definition.with_ours else (Turn.started_by_us.is_(False),)


def _stored(row: Any, segments: tuple[StoredSegment, ...], hours_id: int | None) -> StoredTurn:
    turn = response_times.Turn(
        number=row.number,
        first_message_id=row.first_message_id,
        last_message_id=row.last_message_id,
        opened_at=row.opened_at,
        last_client_at=row.last_client_at,
        segments=tuple(part.segment for part in segments),
        closed_at=row.closed_at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        answered_by=row.answered_by_id,
        answer_message_id=row.answer_message_id,
        reason=row.dismiss_reason,
    )
    return StoredTurn(
        row.id,
        row.conversation_id,
        row.channel_id,
        turn,
        hours_id,
        row.started_by_us,
        _lengths(row),
        segments,
    )


def _lengths(row: Any) -> Lengths | None:
    if row.clock_seconds is None:
        return None
    found = tuple(getattr(row, name) for name in Lengths._fields)
    return None if None in found else Lengths(*found)
