"""Stored turns in the form of the rule, and the schedules that their lengths are counted by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from inbox.models import Turn, TurnSegment
from inbox.queries.hours import stored_hours
from inbox.rules import response_times
from inbox.rules.response_times import Outcome, Segment
from inbox.rules.wait_lengths import Calendar, Definition, Lengths, Whose
from inbox.runtime.database import Tx


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
    """The turns that fit conditions on Turn, by conversation and number; an open one has no schedules yet."""
    part = TurnSegment.__table__
    segments: defaultdict[int, list[StoredSegment]] = defaultdict(list)
    held = select(part).join(Turn, Turn.id == part.c.turn_id).where(*conditions)
    for row in tx.execute(held.order_by(part.c.id)):
        segment = Segment(row.agent_id, row.started_at, row.ended_at)
        segments[row.turn_id].append(StoredSegment(row.id, segment, row.business_hours_id, _lengths(row)))
    statement = select(Turn.__table__).where(*conditions).order_by(Turn.conversation_id, Turn.number)
    return [_stored(row, tuple(segments[row.id])) for row in tx.execute(statement)]


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


def _stored(row: Any, segments: tuple[StoredSegment, ...]) -> StoredTurn:
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
        row.business_hours_id,
        row.started_by_us,
        _lengths(row),
        segments,
    )


def _lengths(row: Any) -> Lengths | None:
    if row.clock_seconds is None:
        return None
    found = tuple(getattr(row, name) for name in Lengths._fields)
    return None if None in found else Lengths(*found)
