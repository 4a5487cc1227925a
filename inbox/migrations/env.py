"""Alembic's entry: runs on the connection that inbox.migrations.run hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from inbox.models import Base, UtcDateTime


def render_item(kind: str, value: Any, _autogenerate: Any) -> str | Literal[False]:
    """Write our own column type as what it is stored as: a migration must not depend on today's models."""
    return "sa.BigInteger()" if kind == "type" and isinstance(value, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter most things in place: batch mode copies the table. An empty database needs no copies.
    render_as_batch=context.config.attributes["batch"],
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
