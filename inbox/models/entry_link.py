"""Links into a channel that remember where the person came from, and the ledger of their clicks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, BigId, Mapped, mapped_column


class EntryLink(Base):
    """A link of the link builder: `/l/<slug>` leads into a channel; the marks of its campaign are its own columns."""

    __tablename__ = "entry_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    source: Mapped[str]
    medium: Mapped[str]
    campaign: Mapped[str]
    content: Mapped[str]
    term: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Click(Base):
    """One way into a channel: of a link, of a messenger's address on a page, or of a visitor who goes on elsewhere.

    `token` travels through the platform and names this row when the person writes; it holds nothing else. `address_id`
    is the visitor who goes on in another channel. Empty texts mean "not given".
    """

    __tablename__ = "click"
    __table_args__ = (Index("ix_click_entry_link_id", "entry_link_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    entry_link_id: Mapped[int | None] = mapped_column(ForeignKey("entry_link.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    address_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("address.id"))
    at: Mapped[datetime]
    source: Mapped[str]
    medium: Mapped[str]
    campaign: Mapped[str]
    content: Mapped[str]
    term: Mapped[str]
    click_id_kind: Mapped[str]
    click_id: Mapped[str]
    metrica_client_id: Mapped[str]
    landing_url: Mapped[str]
    page_url: Mapped[str]
    referrer: Mapped[str]
    used_at: Mapped[datetime | None]
    contact_id: Mapped[int | None] = mapped_column(BigId)
