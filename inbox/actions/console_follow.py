"""A console follows the event log: each fact of a routed dialog becomes a post that is owed, or a thread to look at.

Facts and cursor change in one transaction, so nothing is owed twice and nothing is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import exists, func, select, update

from inbox.actions.console_posts import owe_files, owe_post, thread_for
from inbox.models import (
    Console,
    ConsoleChannel,
    ConsolePost,
    ConsoleThread,
    Conversation,
    Delivery,
    Message,
)
from inbox.queries.event_log import Fact, facts_after
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

FACTS = 200

# Facts that open a thread when the dialog has none yet.
_OPENING = frozenset(
    {
        EventKind.MESSAGE_RECEIVED,
        EventKind.MESSAGE_REPLIED,
        EventKind.MESSAGE_ECHOED,
        EventKind.MESSAGE_AUTOMATIC,
        EventKind.MESSAGE_NOTED,
    }
)
# Facts that are a line of their own in a thread that is there.
_LINES = frozenset(
    {
        EventKind.MESSAGE_KEPT,
        EventKind.CONVERSATION_REOPENED,
        EventKind.CONVERSATION_ASSIGNED,
        EventKind.CONVERSATION_UNASSIGNED,
        EventKind.CONVERSATION_SNOOZED,
        EventKind.CONVERSATION_UNSNOOZED,
        EventKind.CONVERSATION_RESOLVED,
        EventKind.CONVERSATION_DISMISSED,
    }
)
_REDRAWN = frozenset({EventKind.MESSAGE_EDITED, EventKind.MESSAGE_DELETED, EventKind.MESSAGE_REACTED})
_FILES = frozenset({EventKind.ATTACHMENT_READY, EventKind.ATTACHMENT_FAILED, EventKind.MESSAGE_JOINED})
_UNDELIVERED = (DeliveryState.FAILED.value, DeliveryState.UNKNOWN.value)


@dataclass(slots=True)
class _Reader:
    """One console while it reads facts; what it found out about dialogs is kept for the length of the batch."""

    tx: Tx
    console_id: int
    routed_all: bool
    _routed: dict[int, bool] = field(default_factory=dict)

    def routed(self, conversation_id: int) -> bool:
        """Whether the dialog is shown here."""
        if self.routed_all:
            return True
        if conversation_id not in self._routed:
            chosen = select(ConsoleChannel.channel_id).join(
                Conversation, Conversation.channel_id == ConsoleChannel.channel_id
            )
            chosen = chosen.where(ConsoleChannel.console_id == self.console_id, Conversation.id == conversation_id)
            self._routed[conversation_id] = self.tx.execute(chosen).first() is not None
        return self._routed[conversation_id]

    def thread(self, conversation_id: int) -> int | None:
        """The thread that the dialog has already."""
        known = select(ConsoleThread.id).where(
            ConsoleThread.console_id == self.console_id,
            ConsoleThread.conversation_id == conversation_id,
            ConsoleThread.gone.is_(False),
        )
        found = self.tx.execute(known).scalar_one_or_none()
        return None if found is None else int(found)


def follow_console(tx: Tx, actor: Actor, console_id: int) -> int:
    """Read at most FACTS further facts; returns how many were read. A console without a group reads nothing."""
    console = tx.execute(
        select(Console.cursor, Console.routed_all).where(Console.id == console_id, Console.space.is_not(None))
    ).one_or_none()
    if console is None:
        return 0
    facts = facts_after(tx, console.cursor, FACTS)
    if not facts:
        return 0
    reader = _Reader(tx, console_id, console.routed_all)
    for fact in facts:
        if fact.conversation_id is not None and reader.routed(fact.conversation_id):
            _follow(reader, fact, fact.conversation_id)
        elif fact.kind is EventKind.CONTACT_CHANGED and fact.contact_id is not None:
            _rename(tx, console_id, fact.contact_id)
    tx.execute(update(Console).where(Console.id == console_id).values(cursor=facts[-1].id))
    return len(facts)


def _follow(reader: _Reader, fact: Fact, conversation_id: int) -> None:
    tx = reader.tx
    if fact.kind in _OPENING and fact.message_id is not None:
        _owe_once(tx, thread_for(tx, reader.console_id, conversation_id), fact.message_id)
        return
    thread_id = reader.thread(conversation_id)
    if thread_id is None:
        return
    if fact.message_id is not None:
        if fact.kind in _LINES:
            _owe_once(tx, thread_id, fact.message_id)
        elif fact.kind in _REDRAWN:
            _draw_again(tx, thread_id, fact.message_id)
        elif fact.kind in _FILES:
            owe_files(tx, thread_id, fact.message_id)
        elif fact.kind is EventKind.DELIVERY_CHANGED:
            _tell_failure(tx, thread_id, fact.message_id)
    tx.execute(update(ConsoleThread).where(ConsoleThread.id == thread_id).values(due=True))


def _owe_once(tx: Tx, thread_id: int, message_id: int) -> None:
    here = (ConsolePost.console_thread_id == thread_id, ConsolePost.message_id == message_id)
    if tx.execute(select(ConsolePost.id).where(*here).limit(1)).first() is None:
        owe_post(tx, thread_id, "message", message_id)


def _draw_again(tx: Tx, thread_id: int, message_id: int) -> None:
    """An edit or deletion: our post is drawn anew; what the agent wrote there cannot be, so words tell it."""
    here = (ConsolePost.console_thread_id == thread_id, ConsolePost.message_id == message_id)
    drawn = update(ConsolePost).where(*here, ConsolePost.kind == "message", ConsolePost.own.is_(False))
    if tx.execute(drawn.values(changed=True)).rowcount:
        return
    own = select(ConsolePost.id, ConsolePost.text, ConsolePost.external_id).where(
        *here, ConsolePost.kind == "message", ConsolePost.own.is_(True)
    )
    post = tx.execute(own).one_or_none()
    now = tx.execute(select(Message.text, Message.deleted_at).where(Message.id == message_id)).one()
    if post is None or (now.deleted_at is None and now.text == post.text):
        return
    key = N_("Changed on the screen: {text}") if now.deleted_at is None else N_("Taken back on the screen.")
    tx.execute(update(ConsolePost).where(ConsolePost.id == post.id).values(text=now.text))
    owe_post(tx, thread_id, "words", words={"key": key, "params": {"text": now.text}}, reply_to=post.external_id)


def _tell_failure(tx: Tx, thread_id: int, message_id: int) -> None:
    """An answer that did not reach the client, in words, with what can be done."""
    row = tx.execute(
        select(Delivery.id, Delivery.state, Delivery.error).where(
            Delivery.message_id == message_id, Delivery.state.in_(_UNDELIVERED)
        )
    ).one_or_none()
    if row is None:
        return
    here = (ConsolePost.console_thread_id == thread_id, ConsolePost.message_id == message_id)
    told = select(ConsolePost.id).where(*here, ConsolePost.kind == "words", ConsolePost.state != "sent")
    if tx.execute(told.limit(1)).first() is not None:
        return
    post = select(ConsolePost.external_id).where(*here, ConsolePost.kind == "message")
    failed = row.state == DeliveryState.FAILED.value
    key = N_("Not delivered: {reason}") if failed else N_("The connection broke: it may have arrived.")
    buttons = [[N_("Send again"), f"again:{row.id}"]]
    if not failed:
        buttons.append([N_("It arrived"), f"arrived:{row.id}"])
    words = {"key": key, "params": {"reason": row.error or ""}, "translated": ["reason"], "buttons": [buttons]}
    owe_post(tx, thread_id, "words", message_id, words=words, reply_to=tx.execute(post).scalar_one_or_none())


def _rename(tx: Tx, console_id: int, contact_id: int) -> None:
    theirs = exists().where(Conversation.id == ConsoleThread.conversation_id, Conversation.contact_id == contact_id)
    alive = (ConsoleThread.console_id == console_id, ConsoleThread.gone.is_(False))
    tx.execute(update(ConsoleThread).where(*alive, theirs).values(due=True))


def newest_shown(tx: Tx, thread_id: int) -> int:
    """The newest message that agents can see in a thread: what an answer from there has seen. 0 for none."""
    seen = select(func.max(ConsolePost.message_id)).where(
        ConsolePost.console_thread_id == thread_id, ConsolePost.state == "sent"
    )
    return int(tx.execute(seen).scalar_one() or 0)


def is_note(tx: Tx, message_id: int) -> bool:
    """Whether a message is an internal note."""
    kind = tx.execute(select(Message.kind).where(Message.id == message_id)).scalar_one_or_none()
    return kind == MessageKind.NOTE.value
