"""Ready answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, Mapped, mapped_column


class ReplyTemplate(Base):
    """A ready answer. `owner_id` NULL: everybody's; else personal. `shortcut` is typed after "/".

    `buttons` are lines as rules/buttons.py reads them; channels without buttons leave them out.
    """

    __tablename__ = "reply_template"
    __table_args__ = (Index("ix_reply_template_shortcut", "shortcut"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    title: Mapped[str]
    shortcut: Mapped[str]
    text: Mapped[str]
    buttons: Mapped[str] = mapped_column(default="", server_default="")
    used_count: Mapped[int] = mapped_column(default=0, server_default="0")
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ReplyTemplateFile(Base):
    """A file that goes out with a reply template."""

    __tablename__ = "reply_template_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_template_id: Mapped[int] = mapped_column(ForeignKey("reply_template.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    mime: Mapped[str]
    kind: Mapped[str]
    size: Mapped[int]
    blob_key: Mapped[str]
