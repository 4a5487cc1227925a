"""Targets for answers: the policies, and the clocks that run against them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, BigId, Mapped, mapped_column, partial_index

_RUNNING = "stopped_at IS NULL"
_DUE = "next_at IS NOT NULL"


class SlaPolicy(Base):
    """A target for the dialogs that fit its conditions (NULL: any). The first that fits, by `position`, applies.

    Targets are seconds, NULL for none. `in_hours`: only working time counts. `pauses`: a snoozed dialog's clock stands.
    """

    __tablename__ = "sla_policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]
    first_response_seconds: Mapped[int | None]
    next_response_seconds: Mapped[int | None]
    resolution_seconds: Mapped[int | None]
    in_hours: Mapped[bool]
    pauses: Mapped[bool]
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    source_kind: Mapped[str | None]
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))
    priority: Mapped[str | None]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class SlaClock(Base):
    """One target of one dialog, running, standing (`running_since` NULL) or stopped.

    The policy's words are copied, so a change of the policy touches only what begins later. `spent_seconds` are those
    before `running_since`; `due_at` is the deadline while it runs; `next_at` is when the worker has to look next: at
    50, 80 and 100 percent. `kind` is first_response, next_response or resolution; `outcome` is met, breached or
    dropped.
    """

    __tablename__ = "sla_clock"
    __table_args__ = (
        partial_index("uq_sla_clock_running", _RUNNING, "conversation_id", "kind", unique=True),
        partial_index("ix_sla_clock_next", _DUE, "next_at", "id"),
        Index("ix_sla_clock_breached_at", "breached_at", "id"),
        Index("ix_sla_clock_conversation_id", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    sla_policy_id: Mapped[int] = mapped_column(ForeignKey("sla_policy.id"))
    kind: Mapped[str]
    target_seconds: Mapped[int]
    in_hours: Mapped[bool]
    pauses: Mapped[bool]
    started_at: Mapped[datetime]
    spent_seconds: Mapped[int]
    running_since: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    warned_percent: Mapped[int]
    stopped_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    breached_at: Mapped[datetime | None]
    breached_agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
