"""Saying how urgent a dialog is."""

from __future__ import annotations

from sqlalchemy import select, update

from inbox.actions.activity import record_activity
from inbox.actions.sla_clocks import moving_clocks
from inbox.models import Conversation
from inbox.queries.access import conversation_state
from inbox.rules.errors import Invalid
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.sla import Priority
from inbox.rules.texts import N_
from inbox.runtime.database import Tx


def prioritise(tx: Tx, actor: Actor, conversation_id: int, priority: str) -> None:
    """Change the priority of a dialog, and its targets with it. Raises Invalid and NotFound."""
    require(actor, Permission.CONVERSATION_TAG)
    conversation = conversation_state(tx, actor, conversation_id)
    if priority not in set(Priority):
        raise Invalid({"priority": N_("Choose how urgent it is.")})
    here = Conversation.id == conversation_id
    if tx.execute(select(Conversation.priority).where(here)).scalar_one() == priority:
        return
    with moving_clocks(tx, conversation_id):
        tx.execute(update(Conversation).where(here).values(priority=priority))
    record_activity(tx, actor, EventKind.CONVERSATION_PRIORITISED, conversation, priority=priority)
