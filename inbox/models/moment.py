"""What happens to dialogs as rows of their own, so that a report counts every time and not only the last one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, BigId, Code, Mapped, mapped_column


class ConversationMoment(Base):
    """A dialog was begun, resolved or opened again (`kind`: rules/lifecycle.py).

    Channel, team, source and holder are copied in as they were then, so that a report reads this one table.
    `agent_id` NULL: nobody held it; when it began or was opened again, whoever gets it first is filled in.
    """

    __tablename__ = "conversation_moment"
    __table_args__ = (
        Index("ix_conversation_moment_at", "kind", "at", "id"),
        Index("ix_conversation_moment_conversation_id", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    lead_source_id: Mapped[int | None] = mapped_column(ForeignKey("lead_source.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
