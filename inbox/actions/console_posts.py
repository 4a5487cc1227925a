"""What is owed to a console: rows that wait to be posted, and what became of them.

A post is a row before it is a request. While its request is under way it is `sending`; when the answer is lost it
stays so, and the next attempt first asks the platform whether it has arrived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, insert, select, update

from inbox.actions.events import new_id
from inbox.models import Attachment, Channel, ConsolePost, ConsoleThread, Contact, Conversation
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


def thread_for(tx: Tx, console_id: int, conversation_id: int) -> int:
    """The thread of a dialog, made with its card when there is none yet; returns its id."""
    known = select(ConsoleThread.id).where(
        ConsoleThread.console_id == console_id, ConsoleThread.conversation_id == conversation_id
    )
    found = tx.execute(known).scalar_one_or_none()
    if found is not None:
        return int(found)
    title = thread_title(tx, conversation_id)
    values = {"console_id": console_id, "conversation_id": conversation_id, "title": title, "created_at": tx.now}
    thread_id = new_id(tx.execute(insert(ConsoleThread), values))
    owe_post(tx, thread_id, "card")
    return thread_id


def thread_title(tx: Tx, conversation_id: int) -> str:
    """The name of a thread: "client · channel"."""
    row = tx.execute(
        select(Contact.name, Contact.id, Channel.name.label("channel"))
        .join(Conversation, Conversation.contact_id == Contact.id)
        .join(Channel, Channel.id == Conversation.channel_id)
        .where(Conversation.id == conversation_id)
    ).one()
    return f"{row.name or row.id} · {row.channel}"


def owe_post(
    tx: Tx,
    thread_id: int,
    kind: str,
    message_id: int | None = None,
    *,
    words: Mapping[str, Any] | None = None,
    reply_to: str | None = None,
) -> None:
    """Queue a post for a thread."""
    values = {
        "console_thread_id": thread_id,
        "kind": kind,
        "message_id": message_id,
        "words": None if words is None else dict(words),
        "reply_to": reply_to,
        "state": "queued",
        "created_at": tx.now,
    }
    tx.execute(insert(ConsolePost), values)
    tx.execute(update(ConsoleThread).where(ConsoleThread.id == thread_id).values(due=True))


def keep_own_post(tx: Tx, thread_id: int, message_id: int, external_id: str, text: str, *, part: bool = False) -> None:
    """Note that an agent's message stands in the thread already, because they wrote it there."""
    values = {
        "console_thread_id": thread_id,
        "kind": "part" if part else "message",
        "message_id": message_id,
        "own": True,
        "text": text,
        "external_id": external_id,
        "state": "sent",
        "created_at": tx.now,
    }
    tx.execute(insert(ConsolePost), values)


def begin_posts(tx: Tx, actor: Actor, post_ids: Sequence[int]) -> None:
    """A request for these posts is about to be made; until its answer is here its outcome is unknown."""
    _mark(tx, post_ids, state="sending")


def put_back(tx: Tx, actor: Actor, post_ids: Sequence[int]) -> None:
    """The request did not arrive: it may be made again."""
    _mark(tx, post_ids, state="queued")


def skip_posts(tx: Tx, actor: Actor, post_ids: Sequence[int], files: Sequence[int]) -> None:
    """The platform refuses this post: without its files it is tried again, a text that is refused stays undone."""
    if files and tx.execute(select(ConsolePost.files).where(ConsolePost.id == post_ids[0])).scalar_one() != list(files):
        _mark(tx, post_ids, state="queued", files=list(files))
        return
    _mark(tx, post_ids, state="failed")


def keep_posted(
    tx: Tx, actor: Actor, thread_id: int, post_ids: Sequence[int], ids: Sequence[str], files: Sequence[int], text: str
) -> None:
    """The platform has a post under these ids; the first one stands for it, further ones are parts of it."""
    _mark(tx, post_ids, state="sent", external_id=ids[0] if ids else None, files=list(files), text=text)
    shown = tx.execute(
        select(ConsolePost.message_id).where(ConsolePost.id.in_(list(post_ids))).order_by(ConsolePost.id)
    ).scalars()
    messages = [message_id for message_id in shown if message_id is not None]
    for external_id in ids[1:]:
        part = {"console_thread_id": thread_id, "kind": "part", "external_id": external_id, "state": "sent"}
        part |= {"message_id": messages[0] if messages else None, "created_at": tx.now}
        tx.execute(insert(ConsolePost), part)
    for message_id in messages:
        owe_files(tx, thread_id, message_id)


def owe_files(tx: Tx, thread_id: int, message_id: int) -> None:
    """Files that came after their message was posted, or did not fit into that post, get a post of their own."""
    posts = tx.execute(
        select(ConsolePost.files, ConsolePost.state, ConsolePost.own).where(
            ConsolePost.console_thread_id == thread_id,
            ConsolePost.message_id == message_id,
            ConsolePost.kind.in_(("message", "files")),
        )
    ).all()
    if not posts or any(post.own or post.state != "sent" for post in posts):
        return
    shown = {number for post in posts for number in post.files or ()}
    ready = select(Attachment.id).where(Attachment.message_id == message_id, Attachment.state == "ready")
    if set(tx.execute(ready).scalars()) - shown:
        owe_post(tx, thread_id, "files", message_id)


def lose_thread(tx: Tx, actor: Actor, thread_id: int) -> None:
    """The platform says that the thread was deleted: it is opened anew once, with a card and what is still owed.

    Deleted a second time it is left alone: somebody does not want it there.
    """
    thread = tx.execute(select(ConsoleThread.reopened).where(ConsoleThread.id == thread_id)).one()
    owed = and_(ConsolePost.console_thread_id == thread_id, ConsolePost.state.in_(("queued", "sending")))
    here = update(ConsoleThread).where(ConsoleThread.id == thread_id)
    if thread.reopened:
        tx.execute(here.values(gone=True, due=False))
        tx.execute(update(ConsolePost).where(owed).values(state="failed"))
        return
    tx.execute(here.values(thread=None, reopened=True, closed=False, pinned=False, opening=False, due=True))
    tx.execute(update(ConsolePost).where(owed).values(state="queued"))
    card = (ConsolePost.console_thread_id == thread_id, ConsolePost.kind == "card")
    tx.execute(update(ConsolePost).where(*card).values(state="queued", external_id=None, changed=False, text=""))


def _mark(tx: Tx, post_ids: Sequence[int], **values: Any) -> None:
    tx.execute(update(ConsolePost).where(ConsolePost.id.in_(list(post_ids))).values(**values))
