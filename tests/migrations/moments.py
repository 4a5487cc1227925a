"""What the migration to moments makes of dialogs that are there, to be compared with what was written as it happened."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sqlalchemy import delete, select, text

from inbox.models import ConversationMoment
from inbox.runtime.database import Tx

_COLUMNS = ("conversation_id", "kind", "at", "channel_id", "team_id", "lead_source_id", "agent_id")


def stored_moments(tx: Tx) -> list[tuple[Any, ...]]:
    """Every moment without its id."""
    rows = tx.execute(select(*(getattr(ConversationMoment, name) for name in _COLUMNS)))
    return sorted((tuple(row) for row in rows), key=lambda row: (row[2], row[0], row[1]))


def found_moments(tx: Tx) -> list[tuple[Any, ...]]:
    """The same as the migration finds it in dialogs, assignments and the log of facts; it stands in the table then."""
    tx.execute(delete(ConversationMoment))
    tx.execute(text(import_module("inbox.migrations.versions.0020_conversation_moments").FILL))
    return stored_moments(tx)
