"""Reports kept under a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint

from inbox.models.base import Base, Mapped, mapped_column


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
