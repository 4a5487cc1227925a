"""Items of a conversation, their files, their handing over to the platform, and who was mentioned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, UniqueConstraint

from inbox.models.base import Base, BigId, Code, Mapped, mapped_column, partial_index

_OWED = "state IN ('queued', 'sending')"
_PENDING = "state = 'pending'"
_GROUPED = "group_key IS NOT NULL"


class Message(Base):
    """An item: incoming, outgoing, note or activity.

    `at` is the platform's time clamped to ours and orders the screen together with `id`; `created_at` is ours.
    `client_id` is made by the sender's browser: idempotency key and DOM id. An outgoing message without
    `agent_id` was sent by the product itself (a bot or an automatic reply) and never closes a turn, except that
    `native` marks what a person typed in the platform's own app, and `native_author` who that was, when it is told.

    `group_key` joins what came as many updates (an album). `buttons` are lines as rules/buttons.py reads them.
    `approved` is the platform's template behind an answer: its name, language and [place, gap, value] lines.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("channel_id", "external_id"),
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_message_conversation_id", "conversation_id", "id"),
        partial_index("ix_message_group_key", _GROUPED, "conversation_id", "group_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    kind: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    native: Mapped[bool] = mapped_column(default=False, server_default="0")
    text: Mapped[str]
    activity: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    at: Mapped[datetime]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    external_id: Mapped[str | None]
    client_id: Mapped[str]
    reply_to_id: Mapped[int | None] = mapped_column(BigId)
    reply_template_id: Mapped[int | None] = mapped_column(ForeignKey("reply_template.id", ondelete="SET NULL"))
    unsupported: Mapped[str | None]
    native_author: Mapped[str] = mapped_column(default="", server_default="")
    forwarded_from: Mapped[str] = mapped_column(default="", server_default="")
    quote: Mapped[str] = mapped_column(default="", server_default="")
    buttons: Mapped[str] = mapped_column(default="", server_default="")
    group_key: Mapped[str | None]
    client_reaction: Mapped[str] = mapped_column(default="", server_default="")
    our_reaction: Mapped[str] = mapped_column(default="", server_default="")
    approved: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class MessagePart(Base):
    """One more external id of a message: the next picture of an album, the next piece of a long text.

    `message.external_id` is the first one. `position` orders them as the platform got them (0 is the first).
    """

    __tablename__ = "message_part"
    __table_args__ = (Index("ix_message_part_message_id", "message_id", "position"),)

    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"))
    position: Mapped[int]


class MessageCard(Base):
    """A place, a person, a link, a listing or a poll in a message; see connectors.contract.Card."""

    __tablename__ = "message_card"
    __table_args__ = (Index("ix_message_card_message_id", "message_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"))
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    url: Mapped[str]
    phone: Mapped[str]
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)


class MessageEnvelope(Base):
    """What stands around a letter: its subject, and who else got it (addresses with commas between them).

    `automatic`: a machine or a list sent it. `original_id` is the body in the journal that holds the whole of it.
    """

    __tablename__ = "message_envelope"

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str]
    cc: Mapped[str]
    bcc: Mapped[str]
    automatic: Mapped[bool]
    original_id: Mapped[int | None] = mapped_column(BigId)


class Attachment(Base):
    """A file of a message. Before its message exists it is an upload waiting for one (`message_id` NULL).

    `state`: pending (the worker has still to fetch it from `ref`), ready (bytes are in the blob store under
    `blob_key`), failed (`error` says why). `token` is the unguessable name in the URL. `channel_id` is where `ref` is
    known when that is not the channel of its message (an agent sent the file from a console).
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_message_id", "message_id"),
        partial_index("ix_attachment_pending", _PENDING, "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    address_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("address.id", ondelete="CASCADE"))
    kind: Mapped[str]
    name: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    state: Mapped[str] = mapped_column(Code)
    blob_key: Mapped[str | None]
    ref: Mapped[str | None]
    inbound_id: Mapped[int | None] = mapped_column(BigId)
    channel_id: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]


class Delivery(Base):
    """Handing one outgoing message to its platform. `queued` and `sending` rows are owed to the client."""

    __tablename__ = "delivery"
    __table_args__ = (
        partial_index("ix_delivery_owed", _OWED, "next_attempt_at", "id"),
        partial_index("ix_delivery_address", _OWED, "address_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    address_id: Mapped[int] = mapped_column(BigId, ForeignKey("address.id"))
    state: Mapped[str] = mapped_column(Code)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class Amendment(Base):
    """A change to a message that the platform has already: `kind` is edit, delete or react; a row before a request.

    It waits until the message itself is handed over. `state`: queued, sending, sent, failed (`error` says why).
    """

    __tablename__ = "amendment"
    __table_args__ = (
        partial_index("ix_amendment_owed", _OWED, "next_attempt_at", "id"),
        Index("ix_amendment_message_id", "message_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    address_id: Mapped[int] = mapped_column(BigId, ForeignKey("address.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_attempt_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]


class Mention(Base):
    """An agent named with @ in a note."""

    __tablename__ = "mention"
    __table_args__ = (Index("ix_mention_agent_id", "agent_id", "seen_at"),)

    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime | None]
