"""The fact log (outbox, audit and stream cursor in one) and leases between processes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index

from inbox.models.base import Base, BigId, Mapped, mapped_column


class Event(Base):
    """One fact, appended in the transaction that made it true. Never changed, never deleted before retention.

    No foreign keys: the log outlives what it speaks of, and appending must stay cheap.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_conversation_id", "conversation_id", "id"),)
    # AUTOINCREMENT: a cursor must never see an id twice, not even after the newest row was removed.
    __table_options__: ClassVar = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    conversation_id: Mapped[int | None] = mapped_column(BigId)
    contact_id: Mapped[int | None] = mapped_column(BigId)
    message_id: Mapped[int | None] = mapped_column(BigId)
    channel_id: Mapped[int | None]
    agent_id: Mapped[int | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Lease(Base):
    """The right of one process to do one thing (poll a bot, run a timer) until `until`."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
