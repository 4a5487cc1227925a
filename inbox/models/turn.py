"""Clients' waits: the cache of rules/response_times.py over the timeline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, BigId, Mapped, mapped_column, partial_index

_STILL_OPEN = "closed_at IS NULL"


class Turn(Base):
    """One wait of a client. `outcome` is NULL while they wait, then answered, dismissed, unanswered or merged.

    Channel, team, holder, source and the dialog's verdict are copied in, so that a report reads this one table.
    `*_seconds` are filled when the turn closes: by the clock, inside the working hours that applied
    (`business_hours_id`, NULL: always open), and inside the shifts of who held the dialog; from the first message of
    the burst, and (`last_*`) from the last one.
    """

    __tablename__ = "turn"
    __table_args__ = (
        partial_index("uq_turn_open", _STILL_OPEN, "conversation_id", unique=True),
        Index("ix_turn_conversation_id", "conversation_id", "number"),
        Index("ix_turn_opened_at", "opened_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    number: Mapped[int]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    lead_source_id: Mapped[int | None] = mapped_column(ForeignKey("lead_source.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    first_message_id: Mapped[int] = mapped_column(BigId)
    last_message_id: Mapped[int] = mapped_column(BigId)
    opened_at: Mapped[datetime]
    last_client_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    answer_message_id: Mapped[int | None] = mapped_column(BigId)
    dismiss_reason: Mapped[str | None]
    verdict: Mapped[str | None]
    started_by_us: Mapped[bool] = mapped_column(default=False, server_default="0")
    business_hours_id: Mapped[int | None] = mapped_column(ForeignKey("business_hours.id"))
    clock_seconds: Mapped[int | None]
    business_seconds: Mapped[int | None]
    shift_seconds: Mapped[int | None]
    last_clock_seconds: Mapped[int | None]
    last_business_seconds: Mapped[int | None]
    last_shift_seconds: Mapped[int | None]


class TurnSegment(Base):
    """Who held the client's wait, from when to when. `agent_id` NULL: nobody did.

    `business_hours_id` is the schedule that the agent's seconds were counted by: their shift, else the turn's.
    The seconds are this stretch's part of the turn's.
    """

    __tablename__ = "turn_segment"
    __table_args__ = (Index("ix_turn_segment_turn_id", "turn_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    turn_id: Mapped[int] = mapped_column(BigId, ForeignKey("turn.id", ondelete="CASCADE"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    business_hours_id: Mapped[int | None] = mapped_column(ForeignKey("business_hours.id"))
    clock_seconds: Mapped[int | None]
    business_seconds: Mapped[int | None]
    shift_seconds: Mapped[int | None]
    last_clock_seconds: Mapped[int | None]
    last_business_seconds: Mapped[int | None]
    last_shift_seconds: Mapped[int | None]
