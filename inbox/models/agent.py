"""Staff: agents, when they were at their screens, their sessions, and the links by which they set a password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, BigId, Mapped, mapped_column


class Agent(Base):
    """A member of staff. `email` is stored lower-case. `last_assigned_at` orders the turn of assignment.

    `console_until`: until then what they did in a console counts as being here.
    `business_hours_id` is their shift: new dialogs come only inside it. NULL: at any time.
    """

    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    language: Mapped[str]
    time_zone: Mapped[str]
    theme: Mapped[str] = mapped_column(default="auto", server_default="auto")
    sound: Mapped[bool] = mapped_column(default=True, server_default="1")
    status: Mapped[str] = mapped_column(default="available", server_default="available")
    status_changed_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    last_assigned_at: Mapped[datetime | None]
    console_until: Mapped[datetime | None]
    capacity: Mapped[int | None]
    business_hours_id: Mapped[int | None] = mapped_column(ForeignKey("business_hours.id"))
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]


class AgentPresence(Base):
    """One stretch during which an agent was at the screen with one working status; heartbeats move `ended_at`."""

    __tablename__ = "agent_presence"
    __table_args__ = (Index("ix_agent_presence_agent_id", "agent_id", "ended_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    status: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class AgentSession(Base):
    """A signed-in browser. The token itself is never stored, only its SHA-256."""

    __tablename__ = "agent_session"
    __table_args__ = (Index("ix_agent_session_agent_id", "agent_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    csrf_token: Mapped[str]
    remote: Mapped[str]
    user_agent: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AgentLink(Base):
    """A one-time link to set a password: an invitation or a reset by an administrator."""

    __tablename__ = "agent_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    kind: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
