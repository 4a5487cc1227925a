"""The person who writes, their addresses on channels, the company's own fields, and the visitor's browser."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint

from inbox.models.base import Base, BigId, Mapped, mapped_column, partial_index

_DUE = "profile_due_at IS NOT NULL"
_MERGED = "merged_into_id IS NOT NULL"
_THREADED = "thread_id IS NOT NULL"


class Contact(Base):
    """A client. `phone` is E.164 when it could be read, else as typed; `email` is lower-case.

    With `merged_into_id` it has become a part of another one, and is kept so that this can be undone.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_phone", "phone"),
        Index("ix_contact_email", "email"),
        partial_index("ix_contact_merged_into_id", _MERGED, "merged_into_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str | None]
    email: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    language: Mapped[str | None]
    time_zone: Mapped[str | None]
    picture_key: Mapped[str | None]
    consent_at: Mapped[datetime | None]
    consent_text: Mapped[str | None]
    first_touch_id: Mapped[int | None] = mapped_column(BigId)
    last_touch_id: Mapped[int | None] = mapped_column(BigId)
    merged_into_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Address(Base):
    """Where replies go: a contact's id on one channel. A merge of contacts never moves it to another channel.

    `reply_until` ends the platform's reply window (NULL: there is none). `profile_due_at` is when the worker should
    ask the platform who this is (NULL: known, or nobody can be asked). Addresses with one `thread_id` share a dialog.
    """

    __tablename__ = "address"
    __table_args__ = (
        UniqueConstraint("channel_id", "external_id"),
        Index("ix_address_contact_id", "contact_id"),
        partial_index("ix_address_thread_id", _THREADED, "thread_id"),
        partial_index("ix_address_profile_due", _DUE, "profile_due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    external_id: Mapped[str]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    title: Mapped[str] = mapped_column(default="", server_default="")
    verified: Mapped[bool] = mapped_column(default=False, server_default="0")
    stopped_at: Mapped[datetime | None]
    reply_until: Mapped[datetime | None]
    profile_due_at: Mapped[datetime | None]
    thread_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]


class Visitor(Base):
    """The browser behind a site-chat address: its session and the page it is on now."""

    __tablename__ = "visitor"

    address_id: Mapped[int] = mapped_column(BigId, ForeignKey("address.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    page_url: Mapped[str | None]
    page_title: Mapped[str | None]
    page_at: Mapped[datetime | None]
    online_until: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ContactField(Base):
    """A field of the contact card that the company defined. `kind`: text, number, date, link, choice, checkbox."""

    __tablename__ = "contact_field"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[str] = mapped_column(default="", server_default="")
    position: Mapped[int] = mapped_column(default=0, server_default="0")


class ContactFieldValue(Base):
    """What one contact has in one field."""

    __tablename__ = "contact_field_value"

    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    contact_field_id: Mapped[int] = mapped_column(ForeignKey("contact_field.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str]
