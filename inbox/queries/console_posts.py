"""Posts of a console with the messages that they show, ready to be put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from inbox.models import Agent, Attachment, ConsolePost, Message, MessageCard
from inbox.models.base import aliased
from inbox.runtime.database import Tx

# Posts of a thread that are looked at together, and how long one waits for the files of its message.
TOGETHER = 40
FILES_WAIT = timedelta(seconds=20)

_Quoted = aliased(Message)


@dataclass(frozen=True, slots=True)
class PostFile:
    """A file of a post; `state` is pending, ready or failed."""

    id: int
    kind: str
    name: str
    mime: str
    size: int
    state: str
    blob_key: str | None
    token: str


@dataclass(frozen=True, slots=True)
class PostView:
    """One post and the message that it shows (without one: words of ours, or the card)."""

    id: int
    kind: str
    state: str
    words: Mapping[str, Any] | None
    reply_to: str | None
    external_id: str | None
    shown_text: str
    shown_files: tuple[int, ...]
    created_at: datetime
    message_kind: str | None
    author: str | None
    text: str
    activity: Mapping[str, Any] | None
    at: datetime | None
    edited: bool
    deleted: bool
    unsupported: str | None
    native: bool
    quote: str
    forwarded_from: str
    reaction: str
    answers: str | None
    message_id: int | None
    files: tuple[PostFile, ...]
    cards: tuple[str, ...]


def owed_posts(tx: Tx, thread_id: int) -> list[PostView]:
    """What is owed to a thread, oldest first; only the request of unknown outcome when there is one.

    Empty while the first one still waits for the files of its message.
    """
    here = _posts().where(ConsolePost.console_thread_id == thread_id).order_by(ConsolePost.id).limit(TOGETHER)
    posts = _views(tx, here.where(ConsolePost.state == "sending"))
    if posts:
        return posts
    posts = _views(tx, here.where(ConsolePost.state == "queued"))
    waits = [_waits_for_files(post, tx.now) for post in posts]
    return posts[: waits.index(True)] if True in waits else posts


def changed_posts(tx: Tx, thread_id: int) -> list[list[PostView]]:
    """Posts that must be drawn anew, each with everything that was merged into it."""
    here = (ConsolePost.console_thread_id == thread_id, ConsolePost.state == "sent", ConsolePost.kind != "part")
    ids = select(ConsolePost.external_id).where(*here, ConsolePost.changed.is_(True)).distinct().limit(TOGETHER)
    drawn = _posts().where(*here).order_by(ConsolePost.id)
    return [_views(tx, drawn.where(ConsolePost.external_id == name)) for name in tx.execute(ids).scalars().all()]


def card_post(tx: Tx, thread_id: int) -> PostView | None:
    """The card of a thread once it is posted."""
    sent = (ConsolePost.console_thread_id == thread_id, ConsolePost.kind == "card", ConsolePost.state == "sent")
    found = _views(tx, _posts().where(*sent).order_by(ConsolePost.id.desc()).limit(1))
    return found[0] if found else None


def _waits_for_files(post: PostView, now: datetime) -> bool:
    pending = any(file.state == "pending" for file in post.files)
    return pending and post.kind == "message" and now - post.created_at < FILES_WAIT


def _posts() -> Select[Any]:
    return (
        select(
            ConsolePost.id.label("post_id"),
            ConsolePost.kind.label("post_kind"),
            ConsolePost.state.label("post_state"),
            ConsolePost.words,
            ConsolePost.reply_to,
            ConsolePost.external_id.label("shown_as"),
            ConsolePost.text.label("shown_text"),
            ConsolePost.files.label("shown_files"),
            ConsolePost.console_thread_id,
            ConsolePost.created_at.label("owed_at"),
            ConsolePost.message_id,
            Message.kind.label("message_kind"),
            Message.text,
            Message.activity,
            Message.at,
            Message.edited_at,
            Message.deleted_at,
            Message.unsupported,
            Message.native,
            Message.native_author,
            Message.quote,
            Message.forwarded_from,
            Message.client_reaction,
            Agent.name.label("author"),
            _Quoted.text.label("answers"),
        )
        .outerjoin(Message, Message.id == ConsolePost.message_id)
        .outerjoin(Agent, Agent.id == Message.agent_id)
        .outerjoin(_Quoted, _Quoted.id == Message.reply_to_id)
    )


def _views(tx: Tx, statement: Select[Any]) -> list[PostView]:
    rows = tx.execute(statement).all()
    shown = [row.message_id for row in rows if row.message_id is not None]
    files = _files(tx, shown)
    cards = _cards(tx, shown)
    return [_view(tx, row, files.get(row.message_id, ()), cards.get(row.message_id, ())) for row in rows]


def _view(tx: Tx, row: Any, files: tuple[PostFile, ...], cards: tuple[str, ...]) -> PostView:
    if row.post_kind == "files":
        before = _shown_files(tx, row.console_thread_id, row.message_id)
        files = tuple(file for file in files if file.state == "ready" and file.id not in before)
    gone = row.deleted_at is not None
    return PostView(
        id=row.post_id,
        kind=row.post_kind,
        state=row.post_state,
        words=row.words,
        reply_to=row.reply_to,
        external_id=row.shown_as,
        shown_text=row.shown_text,
        shown_files=tuple(row.shown_files or ()),
        created_at=row.owed_at,
        message_kind=row.message_kind,
        author=row.author or row.native_author or None,
        text="" if gone else row.text or "",
        activity=row.activity,
        at=row.at,
        edited=row.edited_at is not None,
        deleted=gone,
        unsupported=row.unsupported,
        native=bool(row.native),
        quote=row.quote or "",
        forwarded_from=row.forwarded_from or "",
        reaction=row.client_reaction or "",
        answers=row.answers,
        message_id=row.message_id,
        files=() if gone or row.post_kind == "words" else files,
        cards=() if gone or row.post_kind != "message" else cards,
    )


def _files(tx: Tx, message_ids: list[int]) -> dict[int, tuple[PostFile, ...]]:
    found: dict[int, tuple[PostFile, ...]] = {}
    wanted = (
        select(
            Attachment.message_id,
            Attachment.id,
            Attachment.kind,
            Attachment.name,
            Attachment.mime,
            Attachment.size,
            Attachment.state,
            Attachment.blob_key,
            Attachment.token,
        )
        .where(Attachment.message_id.in_(message_ids))
        .order_by(Attachment.id)
    )
    for message_id, number, kind, name, mime, size, *rest in tx.execute(wanted) if message_ids else ():
        found[message_id] = (*found.get(message_id, ()), PostFile(number, kind, name, mime, size or 0, *rest))
    return found


def _shown_files(tx: Tx, thread_id: int, message_id: int) -> set[int]:
    earlier = select(ConsolePost.files).where(
        ConsolePost.console_thread_id == thread_id, ConsolePost.message_id == message_id, ConsolePost.state == "sent"
    )
    return {number for files in tx.execute(earlier).scalars() for number in files or ()}


def _cards(tx: Tx, message_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    card = MessageCard
    wanted = select(card.message_id, card.title, card.text, card.url, card.phone, card.latitude, card.longitude)
    rows = tx.execute(wanted.where(card.message_id.in_(message_ids)).order_by(card.id)) if message_ids else ()
    for row in rows:
        place = "" if row.latitude is None else f"https://maps.google.com/?q={row.latitude},{row.longitude}"
        words = " · ".join(part for part in (row.title, row.text, row.phone, row.url or place) if part)
        found[row.message_id] = (*found.get(row.message_id, ()), words)
    return found
