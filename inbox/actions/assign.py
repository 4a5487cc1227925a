"""Giving a conversation to somebody: by hand, by the rule, and back to the queue.

The claim of the rule is a conditional update, so two processes can never give one conversation to two agents.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from inbox.actions.activity import agent_name, record_activity
from inbox.actions.moments import credit_moments
from inbox.actions.turns import hold
from inbox.models import Agent, Assignment, Conversation
from inbox.queries.access import STATE_COLUMNS, ConversationState, conversation_state
from inbox.queries.candidates import PRESENCE_SECONDS, routing, shifts_begun
from inbox.rules.assignment import Choice, Mode, choose
from inbox.rules.errors import Invalid
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

DRAIN_LIMIT = 100

_CLAIM = Lean(
    update(Conversation)
    .where(
        Conversation.id == bindparam("conversation"),
        Conversation.assignee_id.is_(None),
        Conversation.status == "open",
    )
    .values(assignee_id=bindparam("agent"))
)
_NOTE_TURN = Lean(update(Agent).where(Agent.id == bindparam("agent")).values(last_assigned_at=bindparam("moment")))
_ASSIGNMENT = Lean(insert(Assignment))
_LAST_HOLDER = Lean(
    select(Assignment.agent_id)
    .join(Conversation, Conversation.id == Assignment.conversation_id)
    .where(Conversation.contact_id == bindparam("contact"), Assignment.agent_id.is_not(None))
    .order_by(Assignment.id.desc())
    .limit(1)
)
# Whom a person took the dialog from into the queue, when that was the last decision about it.
_NEWEST = (
    select(func.max(Assignment.id)).where(Assignment.conversation_id == bindparam("conversation")).scalar_subquery()
)
_RETURNED_FROM = Lean(
    select(Assignment.previous_agent_id).where(
        Assignment.id == _NEWEST, Assignment.agent_id.is_(None), Assignment.actor_kind == "agent"
    )
)
_OLDEST_WAITING = (
    select(*STATE_COLUMNS)
    .where(Conversation.status == "open", Conversation.assignee_id.is_(None), Conversation.waiting_since.is_not(None))
    .order_by(Conversation.waiting_since, Conversation.id)
    .limit(DRAIN_LIMIT)
)


def assign(tx: Tx, actor: Actor, conversation_id: int, agent_id: int | None) -> ConversationState:
    """Take, transfer or (None) return a conversation to the queue by hand. Doing what is already so changes nothing.

    Raises NotFound for an unseen conversation and Invalid when the agent cannot hold one.
    """
    require(actor, Permission.CONVERSATION_ASSIGN)
    conversation = conversation_state(tx, actor, conversation_id)
    if conversation.assignee_id == agent_id:
        return conversation
    if agent_id is not None:
        active = select(Agent.id).where(Agent.id == agent_id, Agent.deactivated_at.is_(None))
        if tx.execute(active).scalar_one_or_none() is None:
            raise Invalid({"agent_id": N_("This person no longer works here. Choose somebody else.")})
    tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(assignee_id=agent_id))
    _store(tx, actor, conversation, Choice(agent_id=agent_id, mode=Mode.BY_HAND, reasons=()))
    if agent_id is None or actor.agent_id != agent_id:
        drain(tx, Actor.system())
    return conversation_state(tx, actor, conversation_id)


def route(tx: Tx, conversation: ConversationState) -> Choice:
    """Let the rule choose for an unassigned open conversation and claim it. The choice is stored with its reasons."""
    plan = routing(tx, conversation.channel_id)
    previous, candidates = None, plan.candidates
    if plan.mode is not Mode.BY_HAND:
        previous = _LAST_HOLDER.scalar(tx, {"contact": conversation.contact_id})
    # A dialog can only have been returned when somebody held it.
    returned = _RETURNED_FROM.scalar(tx, {"conversation": conversation.id}) if previous is not None else None
    if returned is not None:
        candidates = tuple(replace(one, returned=one.agent_id == returned) for one in candidates)
    choice = choose(plan.mode, candidates, previous_agent_id=previous, now=tx.now)
    if choice.agent_id is None:
        return choice
    if _CLAIM.change(tx, {"conversation": conversation.id, "agent": choice.agent_id}):
        _store(tx, Actor.system(), conversation, choice)
    return choice


def drain(tx: Tx, actor: Actor) -> int:
    """Give waiting conversations of the queue to whoever is free, the longest waiting first; returns how many.

    Called on everything that can free somebody: login, status, capacity, resolve, snooze.
    """
    given = 0
    for row in tx.execute(_OLDEST_WAITING).all():
        if route(tx, ConversationState(*row)).agent_id is not None:
            given += 1
    return given


def release(tx: Tx, actor: Actor, agent_id: int, *, waiting_only: bool) -> int:
    """Return an agent's open conversations to the queue (all, or those whose client waits), then drain it."""
    held = select(*STATE_COLUMNS).where(Conversation.assignee_id == agent_id, Conversation.status != "resolved")
    if waiting_only:
        held = held.where(Conversation.status == "open", Conversation.waiting_since.is_not(None))
    rows = tx.execute(held.order_by(Conversation.id)).all()
    for row in rows:
        conversation = ConversationState(*row)
        tx.execute(update(Conversation).where(Conversation.id == conversation.id).values(assignee_id=None))
        _store(tx, actor, conversation, Choice(agent_id=None, mode=Mode.BY_HAND, reasons=()))
    if rows:
        drain(tx, actor)
    return len(rows)


def release_absent(tx: Tx, actor: Actor, grace_seconds: int) -> int:
    """Return waiting dialogs of agents who have been gone longer than the grace period; returns how many."""
    gone = tx.now - timedelta(seconds=PRESENCE_SECONDS + grace_seconds)
    absent = (
        select(Agent.id)
        .join(Conversation, Conversation.assignee_id == Agent.id)
        .where(
            Conversation.status == "open",
            Conversation.waiting_since.is_not(None),
            (Agent.last_seen_at < gone) | Agent.last_seen_at.is_(None),
            (Agent.console_until < tx.now - timedelta(seconds=grace_seconds)) | Agent.console_until.is_(None),
        )
        .distinct()
    )
    return sum(release(tx, actor, agent_id, waiting_only=True) for agent_id in tx.execute(absent).scalars().all())


def begin_shifts(tx: Tx, actor: Actor, seconds: int) -> int:
    """Drain the queue when somebody's shift began within the last seconds; returns how many dialogs were given."""
    return drain(tx, actor) if shifts_begun(tx, seconds) else 0


def _store(tx: Tx, actor: Actor, conversation: ConversationState, choice: Choice) -> None:
    reasons: list[dict[str, Any]] = [asdict(reason) for reason in choice.reasons]
    assignment_id = _ASSIGNMENT.insert(
        tx,
        {
            "conversation_id": conversation.id,
            "agent_id": choice.agent_id,
            "previous_agent_id": conversation.assignee_id,
            "actor_kind": actor.kind.value,
            "actor_agent_id": actor.agent_id,
            "mode": choice.mode.value,
            "reasons": reasons,
            "at": tx.now,
        },
    )
    hold(tx, conversation.id, choice.agent_id, tx.now)
    if choice.agent_id is not None:
        _NOTE_TURN.change(tx, {"agent": choice.agent_id, "moment": tx.now})
        if conversation.assignee_id is None:
            credit_moments(tx, conversation.id, choice.agent_id)
    kind = EventKind.CONVERSATION_ASSIGNED if choice.agent_id is not None else EventKind.CONVERSATION_UNASSIGNED
    record_activity(
        tx,
        actor,
        kind,
        conversation,
        agent_id=choice.agent_id,
        name=agent_name(tx, choice.agent_id),
        mode=choice.mode.value,
        assignment_id=assignment_id,
    )
