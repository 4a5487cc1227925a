"""Agents' consoles inside messengers: groups, their threads, what stands in them, and the accounts agents use there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint

from inbox.models.base import Base, BigId, Mapped, mapped_column, partial_index

_OWED = "state IN ('queued', 'sending')"
_ONCE = "kind = 'message'"
_DUE = "due"


class Console(Base):
    """A group of agents in a messenger. `space` is NULL until somebody has brought the channel's bot into one.

    `state`: waiting (no group yet), ok, degraded (`reason` says why). `steps` is what its last check told, as
    [title, done, fix]. `cursor` is the newest event that its threads know of. Without `routed_all` only dialogs of
    the channels in ConsoleChannel are shown.
    """

    __tablename__ = "console"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), unique=True)
    space: Mapped[str | None]
    title: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    steps: Mapped[list[list[Any]] | None] = mapped_column(JSON(none_as_null=True))
    routed_all: Mapped[bool]
    cursor: Mapped[int] = mapped_column(BigId)
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ConsoleChannel(Base):
    """A channel whose dialogs a console shows."""

    __tablename__ = "console_channel"

    console_id: Mapped[int] = mapped_column(ForeignKey("console.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"), primary_key=True)


class ConsoleThread(Base):
    """A dialog in a console. `thread` is the platform's name for it (NULL: still to be opened).

    `opening` marks a request to open it whose answer is not known. `closed`, `title` and `pinned` are what the
    platform shows; `due` says that something may have to be brought in line. `gone`: it was deleted once more after
    it had been opened anew, and is left alone.
    """

    __tablename__ = "console_thread"
    __table_args__ = (
        UniqueConstraint("console_id", "conversation_id"),
        UniqueConstraint("console_id", "thread"),
        Index("ix_console_thread_conversation_id", "conversation_id"),
        partial_index("ix_console_thread_due", _DUE, "console_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    console_id: Mapped[int] = mapped_column(ForeignKey("console.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    thread: Mapped[str | None]
    title: Mapped[str]
    opening: Mapped[bool] = mapped_column(default=False, server_default="0")
    closed: Mapped[bool] = mapped_column(default=False, server_default="0")
    pinned: Mapped[bool] = mapped_column(default=False, server_default="0")
    due: Mapped[bool] = mapped_column(default=True, server_default="1")
    reopened: Mapped[bool] = mapped_column(default=False, server_default="0")
    gone: Mapped[bool] = mapped_column(default=False, server_default="0")
    created_at: Mapped[datetime]


class ConsolePost(Base):
    """Something that stands, or is owed, in a thread; several rows with one `external_id` were merged into one post.

    `kind`: card (pinned on top), message, files (what came later than its message), words (of ours to the agents:
    `words` has key, params, buttons), part (a further id of a message). `own`: an agent wrote it there, `text` is what
    stands there. `state`: queued, sending (its answer is not known), sent, failed. `changed`: it must be drawn anew.
    `files` are ids of the attachments that it shows.
    """

    __tablename__ = "console_post"
    __table_args__ = (
        Index("ix_console_post_external_id", "console_thread_id", "external_id"),
        Index("ix_console_post_message_id", "message_id"),
        partial_index("ix_console_post_owed", _OWED, "console_thread_id", "id"),
        partial_index("uq_console_post_once", _ONCE, "console_thread_id", "message_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    console_thread_id: Mapped[int] = mapped_column(BigId, ForeignKey("console_thread.id", ondelete="CASCADE"))
    kind: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id", ondelete="CASCADE"))
    words: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    own: Mapped[bool] = mapped_column(default=False, server_default="0")
    text: Mapped[str] = mapped_column(default="", server_default="")
    files: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    reply_to: Mapped[str | None]
    external_id: Mapped[str | None]
    state: Mapped[str]
    changed: Mapped[bool] = mapped_column(default=False, server_default="0")
    created_at: Mapped[datetime]


class AgentAccount(Base):
    """An agent's own account in a messenger: what they do in a console, and where they are notified."""

    __tablename__ = "agent_account"
    __table_args__ = (UniqueConstraint("channel_id", "person"), UniqueConstraint("agent_id", "channel_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    person: Mapped[str]
    name: Mapped[str]
    linked_at: Mapped[datetime]


class ConsoleToken(Base):
    """A one-time proof carried through a messenger: whose account it is (`agent_id`), or which group to use.

    Only its SHA-256 is stored.
    """

    __tablename__ = "console_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]


class NoticeChoice(Base):
    """What an agent wants to be told in the messenger, and when not: minutes since local midnight."""

    __tablename__ = "notice_choice"

    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
    new_dialog: Mapped[bool]
    waiting: Mapped[bool]
    digest: Mapped[bool]
    digest_minute: Mapped[int]
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]


class Notice(Base):
    """Something to tell one agent in a private talk, once: `once` names the occasion.

    `kind`: new, waiting, digest, words. `state`: queued, sending, sent, dropped (`error` says why).
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("agent_id", "once"),
        partial_index("ix_notice_owed", _OWED, "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    once: Mapped[str]
    kind: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"))
    words: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
