"""Templates that a platform has approved, as it listed them last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint

from inbox.models.base import Base, Mapped, mapped_column


class ApprovedTemplate(Base):
    """A template of one account in one language. `variables` are its gaps as [place, name]; `buttons` are lines."""

    __tablename__ = "approved_template"
    __table_args__ = (UniqueConstraint("channel_id", "name", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    name: Mapped[str]
    language: Mapped[str]
    category: Mapped[str]
    header: Mapped[str]
    text: Mapped[str]
    footer: Mapped[str]
    buttons: Mapped[str]
    variables: Mapped[list[list[str]]] = mapped_column(JSON)
    external_id: Mapped[str] = mapped_column(server_default="")
    listed_at: Mapped[datetime]
