"""Building stored turns anew from the timeline, where they differ or were closed by an older version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from inbox.actions.events import new_id, record
from inbox.actions.roll_up import forget, forget_ending
from inbox.models import Agent, Channel, Conversation, Turn, TurnSegment
from inbox.queries.hours import applying_hours
from inbox.queries.stored_turns import StoredTurn, calendar_of
from inbox.queries.turn_recount import Recount, recounts
from inbox.rules import response_times
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.report_columns import WAITS
from inbox.rules.wait_lengths import Lengths, segment_lengths, turn_lengths
from inbox.runtime.database import Tx


def rebuild_turns(tx: Tx, actor: Actor, ids: range) -> int:
    """Build the turns of a range of conversations anew where it is needed; returns how many conversations changed.

    A wait that was counted keeps the schedules that it was counted by; one that was not gets those of now.
    """
    require(actor, Permission.SETTINGS_MANAGE)
    wrong = [found for found in recounts(tx, ids) if found.difference is not None or found.uncounted]
    for found in wrong:
        _rebuild(tx, found)
        whose = select(Conversation.contact_id).where(Conversation.id == found.conversation_id)
        about = {"conversation_id": found.conversation_id, "contact_id": tx.execute(whose).scalar_one()}
        record(tx, actor, EventKind.TURNS_REBUILT, **about)
    return len(wrong)


def resume_turn(tx: Tx, conversation_id: int) -> None:
    """Somebody has opened a dialog again: its client waits on, when the timeline says that they were never answered."""
    for found in recounts(tx, range(conversation_id, conversation_id + 1)):
        if found.turns and found.turns[-1].closed_at is None:
            _rebuild(tx, found)


def _rebuild(tx: Tx, found: Recount) -> None:
    stored = {turn.turn.number: turn for turn in found.stored}
    columns = (Conversation.channel_id, Conversation.lead_source_id, Channel.team_id)
    about = select(*columns).join(Channel, Channel.id == Conversation.channel_id)
    row = tx.execute(about.where(Conversation.id == found.conversation_id)).one()
    copied = {"channel_id": row.channel_id, "lead_source_id": row.lead_source_id, "team_id": row.team_id}
    for turn in found.turns:
        _keep(tx, found, turn, stored.pop(turn.number, None), copied)
    for extra in stored.values():
        tx.execute(delete(Turn).where(Turn.id == extra.id))
        forget(tx, WAITS, [extra.turn.opened_at])
    # A wait without an answer, found or lost, loses or saves the whole dialog.
    forget_ending(tx, found.conversation_id)
    last = found.turns[-1] if found.turns else None
    waits = last is not None and last.closed_at is None
    values = {
        "turn_count": len(found.turns),
        "waiting_since": last.opened_at if last is not None and waits else None,
        "started_by_us": found.ours,
    }
    tx.execute(update(Conversation).where(Conversation.id == found.conversation_id).values(values))


def _keep(tx: Tx, found: Recount, turn: response_times.Turn, kept: StoredTurn | None, copied: dict[str, Any]) -> None:
    counted = kept is not None and kept.lengths is not None
    channel_id = kept.channel_id if kept is not None else copied["channel_id"]
    if counted and kept is not None:
        hours_id, shift_ids = kept.hours_id, kept.shift_ids
    else:
        hours_id, shift_ids = applying_hours(tx, channel_id).hours_id, _present_shifts(tx, turn)
    calendar = calendar_of(tx, hours_id, shift_ids)
    closed = turn.closed_at
    values: dict[str, Any] = {
        "agent_id": turn.holder,
        "first_message_id": turn.first_message_id,
        "last_message_id": turn.last_message_id,
        "opened_at": turn.opened_at,
        "last_client_at": turn.last_client_at,
        "closed_at": closed,
        "outcome": turn.outcome.value if turn.outcome is not None else None,
        "answered_by_id": turn.answered_by,
        "answer_message_id": turn.answer_message_id,
        "dismiss_reason": turn.reason,
        "started_by_us": found.ours,
        "business_hours_id": hours_id if closed is not None else None,
        **(turn_lengths(turn, calendar, closed)._asdict() if closed is not None else dict.fromkeys(Lengths._fields)),
    }
    if kept is not None:
        turn_id = kept.id
        tx.execute(update(Turn).where(Turn.id == turn_id).values(values))
        tx.execute(delete(TurnSegment).where(TurnSegment.turn_id == turn_id))
        forget(tx, WAITS, [kept.turn.opened_at])
    else:
        about = {"conversation_id": found.conversation_id, "number": turn.number, **copied}
        turn_id = new_id(tx.execute(insert(Turn), {**about, **values}))
    for part in turn.segments:
        held: dict[str, Any] = {"turn_id": turn_id, "agent_id": part.agent_id, "started_at": part.started_at}
        if closed is not None:
            held |= segment_lengths(turn, part, calendar, closed)._asdict()
            held["business_hours_id"] = shift_ids.get(part.agent_id) if part.agent_id is not None else None
        tx.execute(insert(TurnSegment), {**held, "ended_at": part.ended_at})
    forget(tx, WAITS, [turn.opened_at])


def _present_shifts(tx: Tx, turn: response_times.Turn) -> dict[int, int]:
    holders = {part.agent_id for part in turn.segments if part.agent_id is not None}
    shifts = select(Agent.id, Agent.business_hours_id).where(
        Agent.id.in_(sorted(holders)), Agent.business_hours_id.is_not(None)
    )
    return {row.id: row.business_hours_id for row in tx.execute(shifts)}
