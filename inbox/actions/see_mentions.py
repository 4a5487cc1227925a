"""A mention is seen when the named agent has the dialog in front of them."""

from __future__ import annotations

from sqlalchemy import select, update

from inbox.actions.events import record
from inbox.models import Mention, Message
from inbox.queries.access import conversation_state
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


def see_mentions(tx: Tx, actor: Actor, conversation_id: int) -> None:
    """Take the dialog off this agent's list of mentions; nothing happens when it is not on it. Raises NotFound."""
    conversation = conversation_state(tx, actor, conversation_id)
    said_here = select(Message.id).where(Message.conversation_id == conversation.id)
    unseen = update(Mention).where(
        Mention.agent_id == actor.agent_id, Mention.seen_at.is_(None), Mention.message_id.in_(said_here)
    )
    if tx.execute(unseen.values(seen_at=tx.now)).rowcount:
        record(tx, actor, EventKind.MENTION_SEEN, conversation_id=conversation.id, agent_id=actor.agent_id)
