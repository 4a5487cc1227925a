"""What the clocks of a dialog depend on, in lean reads: it lies on the path of a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from inbox.models import Assignment, Channel, Conversation, ConversationTag, LeadSource, SlaClock
from inbox.rules.sla import Clock, Dialog, DialogFacts, Kind
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

RUNNING = SlaClock.stopped_at.is_(None)

_FACTS = Lean(
    select(
        Conversation.channel_id,
        Conversation.status,
        Conversation.waiting_since,
        Conversation.turn_count,
        Conversation.opened_at,
        Conversation.reopened_at,
        Conversation.priority,
        Channel.team_id,
        LeadSource.kind.label("source_kind"),
    )
    .join(Channel, Channel.id == Conversation.channel_id)
    .outerjoin(LeadSource, LeadSource.id == Conversation.lead_source_id)
    .where(Conversation.id == bindparam("conversation"))
)
_TAGS = Lean(select(ConversationTag.tag_id).where(ConversationTag.conversation_id == bindparam("conversation")))
_CLOCKS = (
    SlaClock.id,
    SlaClock.conversation_id,
    SlaClock.sla_policy_id,
    SlaClock.kind,
    SlaClock.target_seconds,
    SlaClock.spent_seconds,
    SlaClock.started_at,
    SlaClock.running_since,
    SlaClock.warned_percent,
    SlaClock.in_hours,
    SlaClock.pauses,
    SlaClock.due_at,
    SlaClock.breached_at,
    Conversation.channel_id,
)
_STATES = select(*_CLOCKS).join(Conversation, Conversation.id == SlaClock.conversation_id)
_RUNNING = Lean(_STATES.where(SlaClock.conversation_id == bindparam("conversation"), RUNNING))
_DUE = Lean(_STATES.where(SlaClock.next_at <= bindparam("moment")).order_by(SlaClock.next_at).limit(bindparam("most")))
_IN_HOURS = Lean(
    _STATES.where(
        RUNNING, SlaClock.in_hours, SlaClock.running_since.is_not(None), SlaClock.breached_at.is_(None)
    ).order_by(SlaClock.id)
)
_HOLDER = Lean(
    select(Assignment.agent_id)
    .where(Assignment.conversation_id == bindparam("conversation"), Assignment.at <= bindparam("moment"))
    .order_by(Assignment.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock that has not stopped, with the policy's copied words."""

    id: int
    conversation_id: int
    policy_id: int
    kind: Kind
    clock: Clock
    in_hours: bool
    pauses: bool
    started_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    channel_id: int


def dialog_facts(tx: Tx, conversation_id: int, *, with_tags: bool) -> DialogFacts:
    """The facts of a conversation that exists; its tags only when a policy asks for them."""
    row = _FACTS.first(tx, {"conversation": conversation_id})
    tags = _TAGS.rows(tx, {"conversation": conversation_id}) if with_tags else []
    dialog = Dialog(row.channel_id, row.team_id, row.source_kind, row.priority, frozenset(tag[0] for tag in tags))
    return DialogFacts(dialog, row.status, row.waiting_since, row.turn_count, row.reopened_at or row.opened_at)


def running_clocks(tx: Tx, conversation_id: int) -> list[ClockState]:
    """The clocks of a dialog that have not stopped."""
    return [_state(row) for row in _RUNNING.rows(tx, {"conversation": conversation_id})]


def due_clocks(tx: Tx, most: int) -> list[ClockState]:
    """The clocks that have reached a threshold nobody was told of, the longest due first."""
    return [_state(row) for row in _DUE.rows(tx, {"moment": tx.now, "most": most})]


def clocks_by_hours(tx: Tx) -> list[ClockState]:
    """The clocks that run by working hours now and have missed nothing yet."""
    return [_state(row) for row in _IN_HOURS.rows(tx, {})]


def holder_at(tx: Tx, conversation_id: int, moment: datetime) -> int | None:
    """Who was responsible for a dialog at a moment."""
    found: int | None = _HOLDER.scalar(tx, {"conversation": conversation_id, "moment": moment})
    return found


def _state(row: Any) -> ClockState:
    return ClockState(
        id=row.id,
        conversation_id=row.conversation_id,
        policy_id=row.sla_policy_id,
        kind=Kind(row.kind),
        clock=Clock(row.target_seconds, row.spent_seconds, row.running_since, row.warned_percent),
        in_hours=row.in_hours,
        pauses=row.pauses,
        started_at=row.started_at,
        due_at=row.due_at,
        breached_at=row.breached_at,
        channel_id=row.channel_id,
    )
