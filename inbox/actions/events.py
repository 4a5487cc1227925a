"""Appending to the fact log: outbox, audit and stream cursor in one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from inbox.models import Event
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_INSERT = Lean(insert(Event))


def record(
    tx: Tx,
    actor: Actor,
    kind: EventKind,
    *,
    conversation_id: int | None = None,
    contact_id: int | None = None,
    message_id: int | None = None,
    channel_id: int | None = None,
    agent_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> int:
    """Append one event in this transaction and return its id.

    `agent_id` is whom the fact is about, `actor` is who did it. `details` holds a few plain values, never a secret.
    """
    tx.last_event_id = _INSERT.insert(
        tx,
        {
            "at": tx.now,
            "kind": kind.value,
            "actor_kind": actor.kind.value,
            "actor_id": actor.agent_id,
            "conversation_id": conversation_id,
            "contact_id": contact_id,
            "message_id": message_id,
            "channel_id": channel_id,
            "agent_id": agent_id,
            "details": details,
        },
    )
    return tx.last_event_id


def new_id(result: Any) -> int:
    """The integer primary key of a row just inserted."""
    key: int = result.inserted_primary_key[0]
    return key
