"""Ending, reopening and putting aside a conversation, and saying that a client needs no answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError

from inbox.actions.activity import record_activity
from inbox.actions.assign import drain
from inbox.actions.moments import keep_moment
from inbox.actions.rate import ask_rating
from inbox.actions.rebuild_turns import resume_turn
from inbox.actions.sla import stop_clocks
from inbox.actions.sla_clocks import begin_clocks, pause_clocks, resume_clocks
from inbox.actions.turns import close_turn
from inbox.models import Conversation
from inbox.models.base import to_milliseconds
from inbox.queries.access import STATE_COLUMNS, ConversationState, conversation_state
from inbox.rules.errors import Conflict, Invalid
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import MomentKind, Status
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

WAKE_LIMIT = 200

_SET = update(Conversation).where(Conversation.id == bindparam("conversation"))
_DUE = (
    select(*STATE_COLUMNS)
    .where(Conversation.status == "snoozed", Conversation.snoozed_until <= bindparam("moment"))
    .order_by(Conversation.snoozed_until)
    .limit(WAKE_LIMIT)
)


def resolve(tx: Tx, actor: Actor, conversation_id: int, *, no_answer_needed: bool = False) -> None:
    """End the conversation. A client who still waits becomes an unanswered turn: the number stays in the report.

    With `no_answer_needed` the wait is dismissed first.
    """
    require(actor, Permission.CONVERSATION_RESOLVE)
    conversation = conversation_state(tx, actor, conversation_id)
    if conversation.status == Status.RESOLVED.value:
        return
    if no_answer_needed:
        dismiss(tx, actor, conversation_id, "")
    close_turn(tx, conversation_id, "unanswered", tx.now)
    stop_clocks(tx, conversation_id)
    values: dict[str, Any] = {"status": Status.RESOLVED.value, "resolved_at": tx.now, "snoozed_until": None}
    tx.execute(_SET.values(**values), {"conversation": conversation_id})
    keep_moment(tx, conversation, MomentKind.RESOLVED, conversation.assignee_id or actor.agent_id)
    record_activity(tx, actor, EventKind.CONVERSATION_RESOLVED, conversation)
    ask_rating(tx, conversation)
    drain(tx, Actor.system())


def reopen(tx: Tx, actor: Actor, conversation_id: int) -> None:
    """Open a resolved or snoozed conversation by hand. Raises Conflict when the client has a newer open one."""
    require(actor, Permission.CONVERSATION_RESOLVE)
    conversation = conversation_state(tx, actor, conversation_id)
    if conversation.status == Status.OPEN.value:
        return
    open_again(tx, actor, conversation)


def open_again(tx: Tx, actor: Actor, conversation: ConversationState) -> None:
    """Open a conversation that is not open. Raises Conflict when the client has a newer open one at this address.

    A client who was left without an answer waits on from when they wrote; targets begin anew.
    """
    resolved = conversation.status == Status.RESOLVED.value
    values: dict[str, Any] = {"status": Status.OPEN.value, "snoozed_until": None, "resolved_at": None}
    if resolved:
        values["reopened_at"] = tx.now
    try:
        with tx.savepoint():
            tx.execute(_SET.values(**values), {"conversation": conversation.id})
    except IntegrityError as error:
        raise Conflict(N_("This client already has an open dialog: answer there.")) from error
    kind = EventKind.CONVERSATION_REOPENED if resolved else EventKind.CONVERSATION_UNSNOOZED
    record_activity(tx, actor, kind, conversation)
    if resolved:
        keep_moment(tx, conversation, MomentKind.REOPENED, conversation.assignee_id)
        resume_turn(tx, conversation.id)
        begin_clocks(tx, conversation.id, since=tx.now)
    else:
        resume_clocks(tx, conversation.id)


def snooze(tx: Tx, actor: Actor, conversation_id: int, until: datetime) -> None:
    """Put the conversation aside until a moment or until the client writes. Raises Invalid for the past.

    The client's wait goes on: putting a dialog aside answers nobody. Its targets stand when their policy says so.
    """
    require(actor, Permission.CONVERSATION_RESOLVE)
    conversation = conversation_state(tx, actor, conversation_id)
    if until <= tx.now:
        raise Invalid({"until": N_("Choose a moment in the future.")})
    if conversation.status == Status.RESOLVED.value:
        raise Conflict(N_("This dialog is resolved. Reopen it first."))
    values: dict[str, Any] = {"status": Status.SNOOZED.value, "snoozed_until": until}
    tx.execute(_SET.values(**values), {"conversation": conversation_id})
    pause_clocks(tx, conversation_id)
    record_activity(tx, actor, EventKind.CONVERSATION_SNOOZED, conversation, until=to_milliseconds(until))
    drain(tx, Actor.system())


def wake_snoozed(tx: Tx, actor: Actor) -> int:
    """Open the conversations whose time has come; returns how many."""
    rows = tx.execute(_DUE, {"moment": tx.now}).all()
    for row in rows:
        conversation = ConversationState(*row)
        values = {"status": Status.OPEN.value, "snoozed_until": None}
        tx.execute(_SET.values(**values), {"conversation": conversation.id})
        resume_clocks(tx, conversation.id)
        record_activity(tx, actor, EventKind.CONVERSATION_UNSNOOZED, conversation)
    return len(rows)


def dismiss(tx: Tx, actor: Actor, conversation_id: int, reason: str) -> None:
    """Say that the client's last message needs no answer ("thanks!"): the wait ends as dismissed, with the reason."""
    require(actor, Permission.CONVERSATION_REPLY)
    conversation = conversation_state(tx, actor, conversation_id)
    words = reason.strip()[:200]
    if close_turn(tx, conversation_id, "dismissed", tx.now, dismiss_reason=words or None):
        record_activity(tx, actor, EventKind.CONVERSATION_DISMISSED, conversation, reason=words)
