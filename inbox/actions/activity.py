"""Small lines of the timeline: what was done with the conversation, between the messages.

The event is the fact; the line is how the dialog shows it, in the order of the screen.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import insert, select

from inbox.actions.events import record
from inbox.models import Agent, Message
from inbox.queries.access import ConversationState
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import MessageKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_MESSAGE = Lean(insert(Message))


def record_activity(
    tx: Tx,
    actor: Actor,
    kind: EventKind,
    conversation: ConversationState,
    *,
    agent_id: int | None = None,
    **words: Any,
) -> None:
    """Append the event and its line. `words` are what the line's sentence needs, as plain values of that moment."""
    message_id = _MESSAGE.insert(
        tx,
        {
            "conversation_id": conversation.id,
            "channel_id": conversation.channel_id,
            "kind": MessageKind.ACTIVITY.value,
            "agent_id": actor.agent_id,
            "text": "",
            "activity": {"kind": kind.value, **words},
            "at": tx.now,
            "created_at": tx.now,
            "client_id": secrets.token_urlsafe(12),
        },
    )
    record(
        tx,
        actor,
        kind,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        message_id=message_id,
        channel_id=conversation.channel_id,
        agent_id=agent_id,
        details=words or None,
    )


def agent_name(tx: Tx, agent_id: int | None) -> str | None:
    """An agent's name as of now, for a line that must still be true when they are gone."""
    if agent_id is None:
        return None
    return tx.execute(select(Agent.name).where(Agent.id == agent_id)).scalar_one_or_none()
