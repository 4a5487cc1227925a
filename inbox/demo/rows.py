"""Rows on their way into the database: filled by hand as tuples, written a table at a time.

A million dialogs are tens of millions of rows. Core builds each statement once, and the driver gets plain tuples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, bindparam, column, func, insert, select, table, text, update

from inbox.models import (
    Address,
    Assignment,
    Base,
    Contact,
    Conversation,
    ConversationMoment,
    ConversationTag,
    Delivery,
    Event,
    Message,
    Touch,
    Turn,
    TurnSegment,
    Visitor,
)
from inbox.rules.wait_lengths import Lengths
from inbox.runtime.database import Tx

Row = tuple[Any, ...]

# In the order in which foreign keys allow them; the columns as the tuples have them.
_COLUMNS: Mapping[type[Base], tuple[str, ...]] = {
    Contact: (
        "id", "name", "phone", "email", "note", "language", "time_zone", "first_touch_id", "last_touch_id",
        "created_at", "changed_at",
    ),
    Address: ("id", "channel_id", "external_id", "contact_id", "title", "verified", "created_at", "last_seen_at"),
    Visitor: (
        "address_id", "token_hash", "page_url", "page_title", "page_at", "user_agent", "created_at", "expires_at",
    ),
    Conversation: (
        "id", "channel_id", "address_id", "contact_id", "status", "assignee_id", "opened_at", "reopened_at",
        "resolved_at", "snoozed_until", "waiting_since", "last_message_id", "last_message_at",
        "client_seen_message_id", "turn_count", "lead_source_id", "touch_id",
    ),
    Touch: (
        "id", "contact_id", "conversation_id", "lead_source_id", "at", "confidence", "click_id_kind", "click_id",
        "landing_url", "page_url", "referrer",
    ),
    Message: (
        "id", "conversation_id", "channel_id", "kind", "agent_id", "native", "text", "activity", "at", "created_at",
        "external_id", "client_id",
    ),
    Delivery: (
        "id", "message_id", "channel_id", "address_id", "state", "attempts", "error", "created_at", "sent_at",
        "delivered_at", "read_at",
    ),
    Turn: (
        "id", "conversation_id", "number", "channel_id", "lead_source_id", "agent_id", "first_message_id",
        "last_message_id", "opened_at", "last_client_at", "closed_at", "outcome", "answered_by_id",
        "answer_message_id", "dismiss_reason", "business_hours_id", *Lengths._fields,
    ),
    TurnSegment: ("id", "turn_id", "agent_id", "started_at", "ended_at", *Lengths._fields),
    Assignment: (
        "id", "conversation_id", "agent_id", "previous_agent_id", "actor_kind", "actor_agent_id", "mode", "reasons",
        "at",
    ),
    ConversationMoment: ("id", "conversation_id", "kind", "at", "channel_id", "lead_source_id", "agent_id"),
    ConversationTag: ("conversation_id", "tag_id"),
    Event: (
        "id", "at", "kind", "actor_kind", "actor_id", "conversation_id", "contact_id", "message_id", "channel_id",
        "agent_id", "details",
    ),
}  # fmt: skip

_LAST_TOUCH = update(Contact).where(Contact.id == bindparam("contact")).values(last_touch_id=bindparam("touch"))
# Ids that were given by hand: the sequence does not know of them.
_SEQUENCE = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")


class Rows:
    """What one transaction will write. `next_id` counts on from the ids that the database has now."""

    def __init__(self, tx: Tx) -> None:
        """Look where each table's ids end; the transaction holds the writer's lock, so nobody takes them."""
        self.of: dict[type[Base], list[Row]] = {model: [] for model in _COLUMNS}
        self._last: dict[type[Base], int] = {
            model: tx.execute(select(func.coalesce(func.max(model.__table__.c.id), 0))).scalar_one()
            for model, columns in _COLUMNS.items()
            if columns[0] == "id"
        }
        # (touch, contact) of those who came back, and (message, text) for the search index.
        self.last_touches: list[tuple[int, int]] = []
        self.texts: list[tuple[int, str]] = []

    def reserve(self, model: type[Base]) -> int:
        """An id for a row that others point to before it is complete; `put` adds it."""
        self._last[model] += 1
        return self._last[model]

    def put(self, model: type[Base], *values: Any) -> None:
        """Add a complete row, with its id if it has one."""
        self.of[model].append(values)

    def add(self, model: type[Base], *values: Any) -> int:
        """Add a row without its id, which is returned. Moments are milliseconds, as they are stored."""
        key = self._last[model] = self._last[model] + 1
        self.of[model].append((key, *values))
        return key

    def write(self, tx: Tx) -> int:
        """Write everything; returns the newest event's id."""
        dialect = tx.connection.dialect
        for model, rows in self.of.items():
            if rows:
                tx.connection.exec_driver_sql(_insert(model, dialect), rows)
        if self.last_touches:
            tx.execute(_LAST_TOUCH, [{"contact": contact, "touch": touch} for touch, contact in self.last_touches])
        if dialect.name == "postgresql":
            for model, last in self._last.items():
                tx.execute(_SEQUENCE, {"name": model.__tablename__, "last": max(1, last)})
        return self._last[Event]


def _insert(model: type[Base], dialect: Dialect) -> str:
    """The statement with placeholders of the driver, in the order of the tuples."""
    wanted: Sequence[str] = _COLUMNS[model]
    # A bare table: the defaults of columns that are left out are the database's own.
    bare = table(model.__tablename__, *(column(name) for name in wanted))
    compiled: Any = insert(bare).inline().compile(dialect=dialect, column_keys=list(wanted))
    if tuple(compiled.positiontup) != tuple(wanted):
        raise AssertionError(f"{model.__name__}: the statement has {compiled.positiontup}")
    return str(compiled)
