"""Reading the fact log forward from a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from inbox.models import Event
from inbox.rules.events import EventKind
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_KINDS = {kind.value: kind for kind in EventKind}

_AFTER = Lean(
    select(
        Event.id,
        Event.at,
        Event.kind,
        Event.actor_id,
        Event.conversation_id,
        Event.contact_id,
        Event.message_id,
        Event.channel_id,
        Event.agent_id,
        Event.details,
    )
    .where(Event.id > bindparam("cursor"))
    .order_by(Event.id)
    .limit(bindparam("most"))
)
_NEWEST = Lean(select(func.coalesce(func.max(Event.id), 0)))


@dataclass(frozen=True, slots=True)
class Fact:
    """One event as listeners see it: what happened to whom, never the content."""

    id: int
    at: datetime
    kind: EventKind
    actor_id: int | None
    conversation_id: int | None
    contact_id: int | None
    message_id: int | None
    channel_id: int | None
    agent_id: int | None
    details: dict[str, Any] | None


def facts_after(tx: Tx, cursor: int, most: int) -> list[Fact]:
    """At most `most` facts beyond the cursor, oldest first. Kinds that this version does not know are left out."""
    rows = _AFTER.rows(tx, {"cursor": cursor, "most": most})
    return [Fact(row.id, row.at, _KINDS[row.kind], *row[3:]) for row in rows if row.kind in _KINDS]


def newest_event_id(tx: Tx) -> int:
    """The id of the newest fact; 0 for an empty log."""
    return int(_NEWEST.scalar(tx, {}))
