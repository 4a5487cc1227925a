"""Connected accounts and the raw exchange with their platforms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint

from inbox.models.base import Base, BigId, Mapped, mapped_column


class Channel(Base):
    """A connected account. `token` is the public random part of its webhook URL; secrets in `config` are encrypted.

    `poll_cursor` is where a polled account goes on from; `facts` is what its last check told, as [title, value] lines.
    `troubles` holds what is wrong by who found it ("" for checks and sends, "poll", "account ..." for what the platform
    told), as [state, reason]; `state` and `state_reason` are the worst of them.
    """

    __tablename__ = "channel"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(default="ok", server_default="ok")
    state_reason: Mapped[str | None]
    troubles: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    business_hours_id: Mapped[int | None] = mapped_column(ForeignKey("business_hours.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    assignment_mode: Mapped[str | None]
    first_response_target_seconds: Mapped[int | None]
    next_response_target_seconds: Mapped[int | None]
    created_at: Mapped[datetime]
    last_in_at: Mapped[datetime | None]
    last_out_at: Mapped[datetime | None]
    poll_cursor: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    facts: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
    removed_at: Mapped[datetime | None]


class Inbound(Base):
    """The raw journal: one request body a platform sent us, kept before anything reads it."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("channel_id", "dedupe_key"),
        Index("ix_inbound_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    dedupe_key: Mapped[str]
    received_at: Mapped[datetime]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str]
    error: Mapped[str | None]
    processed_at: Mapped[datetime | None]


class ChannelLog(Base):
    """One redacted exchange we started with a platform: what was asked, what came back, how long it took."""

    __tablename__ = "channel_log"
    __table_args__ = (Index("ix_channel_log_channel_id_id", "channel_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    delivery_id: Mapped[int | None]
    at: Mapped[datetime]
    summary: Mapped[str]
    status: Mapped[int | None]
    error: Mapped[str | None]
    request: Mapped[str]
    response: Mapped[str]
    duration_ms: Mapped[int]
