"""Writing down how long a wait was, by every definition of rules/wait_lengths.py, and by which schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from inbox.models import Agent, TurnSegment
from inbox.queries.hours import applying_hours, stored_hours
from inbox.rules import response_times
from inbox.rules.response_times import Segment
from inbox.rules.wait_lengths import Calendar, Lengths, segment_lengths, turn_lengths
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_SEGMENTS = Lean(
    select(
        TurnSegment.id,
        TurnSegment.agent_id,
        TurnSegment.started_at,
        TurnSegment.ended_at,
        Agent.business_hours_id.label("shift_id"),
    )
    .outerjoin(Agent, Agent.id == TurnSegment.agent_id)
    .where(TurnSegment.turn_id == bindparam("turn"))
    .order_by(TurnSegment.id)
)
_LENGTHS: dict[str, Any] = {name: bindparam(f"its_{name}") for name in Lengths._fields}
_KEEP_SEGMENT = Lean(
    update(TurnSegment)
    .where(TurnSegment.id == bindparam("segment"))
    .values(business_hours_id=bindparam("hours"), **_LENGTHS)
)


def count_turn(tx: Tx, turn_id: int, channel_id: int, last_client_at: datetime, closed_at: datetime) -> dict[str, Any]:
    """Fill the segments of a turn that is being closed; returns the lengths and the schedule for the turn itself.

    The segments must have ended. Counted by the hours that apply now and by the present shifts.
    """
    rows = _SEGMENTS.rows(tx, {"turn": turn_id})
    applying = applying_hours(tx, channel_id)
    shift_ids = {row.agent_id: row.shift_id for row in rows if row.shift_id is not None}
    shifts = stored_hours(tx, set(shift_ids.values()))
    calendar = Calendar(applying.hours, {agent: shifts[key] for agent, key in shift_ids.items()})
    segments = tuple(Segment(row.agent_id, row.started_at, row.ended_at) for row in rows)
    turn = _measured(segments, last_client_at, closed_at)
    for row, segment in zip(rows, segments, strict=True):
        keep_segment(tx, row.id, row.shift_id, segment_lengths(turn, segment, calendar, closed_at))
    return {"business_hours_id": applying.hours_id, **turn_lengths(turn, calendar, closed_at)._asdict()}


def keep_segment(tx: Tx, segment_id: int, hours_id: int | None, lengths: Lengths) -> None:
    """Write the lengths of one segment and the shift that they were counted by."""
    values = {f"its_{name}": value for name, value in lengths._asdict().items()}
    _KEEP_SEGMENT.change(tx, {"segment": segment_id, "hours": hours_id, **values})


def _measured(segments: tuple[Segment, ...], last_client_at: datetime, closed_at: datetime) -> response_times.Turn:
    """As much of a turn as its lengths depend on."""
    return response_times.Turn(
        number=1,
        first_message_id=None,
        last_message_id=None,
        opened_at=segments[0].started_at,
        last_client_at=last_client_at,
        segments=segments,
        closed_at=closed_at,
    )
