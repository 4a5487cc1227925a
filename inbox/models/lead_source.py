"""Where leads come from: the source as columns, and the ledger of touches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint

from inbox.models.base import Base, BigId, Mapped, mapped_column


class LeadSource(Base):
    """One distinct source. Empty string means "not given": NULLs would defeat the unique key."""

    __tablename__ = "lead_source"
    __table_args__ = (UniqueConstraint("kind", "source", "medium", "campaign", "content", "term", "ad_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    source: Mapped[str]
    medium: Mapped[str]
    campaign: Mapped[str]
    content: Mapped[str]
    term: Mapped[str]
    ad_id: Mapped[str]
    label: Mapped[str]


class Touch(Base):
    """One contact's arrival from somewhere: append-only, so first and last touch can always be shown."""

    __tablename__ = "touch"
    __table_args__ = (Index("ix_touch_contact_id", "contact_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(BigId)
    lead_source_id: Mapped[int] = mapped_column(ForeignKey("lead_source.id"))
    at: Mapped[datetime]
    confidence: Mapped[str]
    click_id_kind: Mapped[str | None]
    click_id: Mapped[str | None]
    metrica_client_id: Mapped[str | None]
    landing_url: Mapped[str | None]
    page_url: Mapped[str | None]
    referrer: Mapped[str | None]
