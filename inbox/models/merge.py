"""Clients who turned out to be one person: what was put together, so that it can be taken apart again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, BigId, Mapped, mapped_column


class ContactMerge(Base):
    """One merge: `left_id` became a part of `kept_id`. `reason` is phone, email or thread; `value` what they share."""

    __tablename__ = "contact_merge"
    __table_args__ = (Index("ix_contact_merge_kept_id", "kept_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kept_id: Mapped[int] = mapped_column(BigId)
    left_id: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str]
    value: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class MergedItem(Base):
    """One thing that a merge moved: an address, touch, click or own field by its id, a column of the card by name."""

    __tablename__ = "merged_item"

    merge_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact_merge.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)


class Distinction(Base):
    """Two clients who are not one person, as an agent said; the smaller id stands first."""

    __tablename__ = "distinction"

    first_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    second_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime]
