"""Reports kept under a name, when they are sent out, and what became of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint

from inbox.models.base import Base, BigId, Code, Mapped, mapped_column, partial_index

_OWED = "state IN ('queued', 'sending')"


class SavedReport(Base):
    """A page of the reports with its choices, as the query string of its address (rules/saved_reports.py).

    Without `shared` only its owner sees it.
    """

    __tablename__ = "saved_report"
    __table_args__ = (UniqueConstraint("agent_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    name: Mapped[str]
    name_key: Mapped[str]
    page: Mapped[str]
    query: Mapped[str]
    shared: Mapped[bool]
    created_at: Mapped[datetime]


class ReportSchedule(Base):
    """When a kept report is sent out; rules/due_moments.py says what the columns mean. `channel_id` sends letters."""

    __tablename__ = "report_schedule"
    __table_args__ = (Index("ix_report_schedule_next_at", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    saved_report_id: Mapped[int] = mapped_column(ForeignKey("saved_report.id", ondelete="CASCADE"))
    every: Mapped[str]
    minute: Mapped[int]
    weekday: Mapped[int]
    day: Mapped[int]
    time_zone: Mapped[str]
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"))
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]


class ReportRecipient(Base):
    """Who gets it: an agent in a private talk in a messenger, or an e-mail address."""

    __tablename__ = "report_recipient"
    __table_args__ = (Index("ix_report_recipient_schedule_id", "schedule_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedule.id", ondelete="CASCADE"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    email: Mapped[str | None]


class ReportDelivery(Base):
    """One report of one moment (`for_at`) for one recipient, once: `once` names them both.

    With `email` it goes as a letter, else to the agent's messenger. `state`: queued, sending (the request is under
    way), sent, unknown (it may have arrived), failed, dropped (nobody may get it any more); `error` says why.
    """

    __tablename__ = "report_delivery"
    __table_args__ = (
        UniqueConstraint("schedule_id", "once"),
        partial_index("ix_report_delivery_owed", _OWED, "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedule.id", ondelete="CASCADE"))
    once: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    email: Mapped[str | None]
    for_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Code)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime]
    error: Mapped[str | None]
    settled_at: Mapped[datetime | None]
