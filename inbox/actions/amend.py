"""An agent changes what was sent: edits, takes back or reacts. The change is a row before it is a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

import connectors
from connectors.contract import AnyConnector
from inbox.actions.events import record
from inbox.models import Amendment, Attachment, Channel, Conversation, Delivery, Message
from inbox.queries.access import message_conversation
from inbox.queries.known_message import external_ids
from inbox.rules.errors import Conflict, Invalid, NotAllowed
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.splitting import split_text
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

MAX_REACTION = 64


@dataclass(frozen=True, slots=True)
class _Target:
    id: int
    conversation_id: int
    channel_id: int
    address_id: int
    kind: str
    agent_id: int | None
    deleted: bool
    delivery_state: str | None
    declared: AnyConnector


def edit_reply(tx: Tx, actor: Actor, message_id: int, text: str) -> int:
    """Replace the text of one's own answer, here and at the platform; returns the message id.

    Raises Invalid (an empty or too long text, a channel that cannot), NotAllowed for somebody else's message.
    """
    target = _own_answer(tx, actor, message_id)
    if not text.strip():
        raise Invalid({"text": N_("Write something or attach a file.")})
    if target.delivery_state != DeliveryState.QUEUED:
        if target.declared.edit is None:
            raise Invalid({"text": N_("This channel cannot change a message that was sent.")})
        limits = target.declared.capabilities
        captioned = _has_files(tx, message_id) and limits.max_caption is not None
        limit = limits.max_caption if captioned and limits.max_caption else limits.max_text
        if len(split_text(text.strip(), limit, limits.text_unit)) > 1 or _pieces(tx, message_id) > 1:
            raise Invalid({"text": N_("The message is too long to be changed after it was sent.")})
        _owe(tx, actor, target, "edit", text.strip())
    tx.execute(update(Message).where(Message.id == message_id).values(text=text.strip(), edited_at=tx.now))
    _record(tx, actor, EventKind.MESSAGE_EDITED, target)
    return message_id


def edit_note(tx: Tx, actor: Actor, message_id: int, text: str) -> int:
    """Replace the text of one's own note; returns the message id. Raises Invalid, NotAllowed for somebody else's."""
    require(actor, Permission.NOTE_WRITE)
    target = _target(tx, actor, message_id)
    if target.agent_id != actor.agent_id or target.kind != MessageKind.NOTE or target.deleted:
        raise NotAllowed
    if not text.strip():
        raise Invalid({"text": N_("Write something or attach a file.")})
    tx.execute(update(Message).where(Message.id == message_id).values(text=text.strip(), edited_at=tx.now))
    _record(tx, actor, EventKind.MESSAGE_EDITED, target)
    return message_id


def delete_reply(tx: Tx, actor: Actor, message_id: int) -> int:
    """Take one's own answer back, here and at the platform; returns the message id. Raises as `edit_reply`."""
    target = _own_answer(tx, actor, message_id)
    if target.delivery_state in (DeliveryState.QUEUED, DeliveryState.FAILED):
        tx.execute(delete(Delivery).where(Delivery.message_id == message_id))
    elif target.declared.delete is None:
        raise Invalid({"text": N_("This channel cannot take a message back.")})
    else:
        _owe(tx, actor, target, "delete", "")
    tx.execute(update(Message).where(Message.id == message_id).values(deleted_at=tx.now))
    _record(tx, actor, EventKind.MESSAGE_DELETED, target)
    return message_id


def react(tx: Tx, actor: Actor, message_id: int, emoji: str) -> int:
    """Put the company's reaction on a message of the client ("" takes it back); returns the message id."""
    require(actor, Permission.CONVERSATION_REPLY)
    target = _target(tx, actor, message_id)
    if target.kind != MessageKind.INCOMING or target.deleted or target.declared.react is None:
        raise Invalid({"emoji": N_("This message cannot be reacted to.")})
    _owe(tx, actor, target, "react", emoji.strip()[:MAX_REACTION])
    tx.execute(update(Message).where(Message.id == message_id).values(our_reaction=emoji.strip()[:MAX_REACTION]))
    _record(tx, actor, EventKind.MESSAGE_REACTED, target)
    return message_id


def _own_answer(tx: Tx, actor: Actor, message_id: int) -> _Target:
    require(actor, Permission.CONVERSATION_REPLY)
    target = _target(tx, actor, message_id)
    if target.agent_id != actor.agent_id or target.kind != MessageKind.OUTGOING or target.deleted:
        raise NotAllowed
    if target.delivery_state in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
        raise Conflict(N_("This message is already on its way."))
    return target


def _target(tx: Tx, actor: Actor, message_id: int) -> _Target:
    message_conversation(tx, actor, message_id)
    row = tx.execute(
        select(
            Message.conversation_id,
            Message.channel_id,
            Conversation.address_id,
            Message.kind,
            Message.agent_id,
            Message.deleted_at,
            Delivery.state,
            Channel.kind.label("channel_kind"),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Channel, Channel.id == Message.channel_id)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(Message.id == message_id)
    ).one()
    return _Target(
        id=message_id,
        conversation_id=row.conversation_id,
        channel_id=row.channel_id,
        address_id=row.address_id,
        kind=row.kind,
        agent_id=row.agent_id,
        deleted=row.deleted_at is not None,
        delivery_state=row.state,
        declared=connectors.find(row.channel_kind),
    )


def _has_files(tx: Tx, message_id: int) -> bool:
    return tx.execute(select(Attachment.id).where(Attachment.message_id == message_id).limit(1)).first() is not None


def _pieces(tx: Tx, message_id: int) -> int:
    return len(external_ids(tx, message_id))


def _owe(tx: Tx, actor: Actor, target: _Target, kind: str, text: str) -> None:
    values: dict[str, Any] = {
        "message_id": target.id,
        "channel_id": target.channel_id,
        "address_id": target.address_id,
        "agent_id": actor.agent_id,
        "kind": kind,
        "text": text,
        "state": DeliveryState.QUEUED.value,
        "next_attempt_at": tx.now,
        "created_at": tx.now,
    }
    tx.execute(insert(Amendment), values)


def _record(tx: Tx, actor: Actor, kind: EventKind, target: _Target) -> None:
    record(
        tx,
        actor,
        kind,
        conversation_id=target.conversation_id,
        message_id=target.id,
        channel_id=target.channel_id,
    )
