"""Episodes of work, their tags, and why each was given to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index

from inbox.models.base import Base, BigId, Code, Mapped, mapped_column, partial_index

_UNRESOLVED = "status <> 'resolved'"
_OPEN = "status = 'open'"
_SNOOZED = "status = 'snoozed'"
_RESOLVED = "status = 'resolved'"
_RATED = "rated_at IS NOT NULL"
_DUE = "due_at IS NOT NULL"
_TAKEN = "previous_agent_id IS NOT NULL"


class Conversation(Base):
    """One episode with a contact at one address, from opened to resolved.

    `waiting_since` is the start of the open turn (NULL when nobody waits) and `due_at` the nearest deadline of a
    running clock; the turn and clock tables hold the truth, these columns serve the queue. `priority` is low, normal,
    high or urgent. `started_by_us`: a person of ours wrote before the client ever did.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        partial_index("uq_conversation_unresolved", _UNRESOLVED, "address_id", unique=True),
        partial_index("ix_conversation_open", _OPEN, "assignee_id", "waiting_since", "last_message_at", "id"),
        partial_index("ix_conversation_open_all", _OPEN, "waiting_since", "last_message_at", "id"),
        partial_index("ix_conversation_due", _DUE, "due_at", "id"),
        partial_index("ix_conversation_snoozed", _SNOOZED, "snoozed_until", "id", "assignee_id"),
        partial_index("ix_conversation_resolved", _RESOLVED, "resolved_at", "id"),
        partial_index("ix_conversation_rated", _RATED, "rated_at", "assignee_id", "rating"),
        Index("ix_conversation_contact_id", "contact_id", "id"),
        Index("ix_conversation_address_id", "address_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    address_id: Mapped[int] = mapped_column(BigId, ForeignKey("address.id"))
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    status: Mapped[str] = mapped_column(Code)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    opened_at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    last_message_id: Mapped[int | None] = mapped_column(BigId)
    last_message_at: Mapped[datetime]
    client_seen_message_id: Mapped[int | None] = mapped_column(BigId)
    turn_count: Mapped[int] = mapped_column(default=0, server_default="0")
    lead_source_id: Mapped[int | None] = mapped_column(ForeignKey("lead_source.id"))
    touch_id: Mapped[int | None] = mapped_column(BigId)
    verdict: Mapped[str | None]
    verdict_reason: Mapped[str | None]
    rating_asked_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    rating_comment: Mapped[str | None]
    rated_at: Mapped[datetime | None]
    priority: Mapped[str] = mapped_column(default="normal", server_default="normal")
    started_by_us: Mapped[bool] = mapped_column(default=False, server_default="0")
    due_at: Mapped[datetime | None]


class Assignment(Base):
    """One decision about the assignee: who, by which mode, and the reasons that the rule gave (shown as "why")."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_conversation_id", "conversation_id", "id"),
        partial_index("ix_assignment_handed_on", _TAKEN, "at", "previous_agent_id", "agent_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    previous_agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    actor_kind: Mapped[str]
    actor_agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    mode: Mapped[str]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    at: Mapped[datetime]


class Tag(Base):
    """A label. `colour` is #rrggbb; `name_key` is the normalised name that must be unique."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    colour: Mapped[str]


class ConversationTag(Base):
    """A tag on a conversation."""

    __tablename__ = "conversation_tag"
    __table_args__ = (Index("ix_conversation_tag_tag_id", "tag_id", "conversation_id"),)

    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True)
