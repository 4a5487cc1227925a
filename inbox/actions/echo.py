"""A person answered in the platform's own app, or the platform told us of what we sent ourselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from connectors.contract import Echo
from inbox.actions.attach import attach_media
from inbox.actions.envelope import keep_envelope
from inbox.actions.events import new_id, record
from inbox.actions.parts import join_album, keep_cards, keep_external_ids
from inbox.actions.receive import MAX_TEXT
from inbox.actions.turns import close_turn
from inbox.models import Address, Conversation, Delivery, Message
from inbox.queries.known_message import known_message, own_message, undecided_message
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


def receive_echo(tx: Tx, actor: Actor, channel_id: int, event: Echo, inbound_id: int | None) -> None:
    """Store an answer typed elsewhere: an outgoing message that closes the wait, never a new contact.

    What we sent ourselves is only marked as handed over: the echo may overtake the answer to our request.
    """
    if known_message(tx, channel_id, event.external_id) is not None or _is_ours(tx, actor, channel_id, event):
        return
    if event.group is not None and join_album(tx, actor, channel_id, event, inbound_id) is not None:
        return
    if (conversation := _last_conversation(tx, channel_id, event.address)) is None:
        return
    at = tx.now if event.at is None else min(event.at, tx.now)
    message_id = _store(tx, conversation, channel_id, event, at)
    attach_media(tx, message_id, conversation.address_id, event.media, inbound_id)
    keep_cards(tx, message_id, event.cards)
    keep_envelope(tx, message_id, event, inbound_id)
    newest = {"last_message_id": message_id, "last_message_at": at}
    tx.execute(update(Conversation).where(Conversation.id == conversation.id).values(newest))
    if not event.automatic:
        close_turn(tx, conversation.id, "answered", at, answer_message_id=message_id)
    record(
        tx,
        actor,
        EventKind.MESSAGE_AUTOMATIC if event.automatic else EventKind.MESSAGE_ECHOED,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        message_id=message_id,
        channel_id=channel_id,
    )


def _store(tx: Tx, conversation: Any, channel_id: int, event: Echo, at: datetime) -> int:
    answered = known_message(tx, channel_id, event.reply_to) if event.reply_to else None
    values = {
        "conversation_id": conversation.id,
        "channel_id": channel_id,
        "kind": MessageKind.OUTGOING.value,
        "native": not event.automatic,
        "native_author": clean_name(event.author),
        "text": event.text[:MAX_TEXT],
        "at": at,
        "created_at": tx.now,
        "external_id": event.external_id,
        "client_id": event.external_id,
        "group_key": event.group,
        "unsupported": event.unsupported,
        "reply_to_id": None if answered is None else answered.id,
    }
    return new_id(tx.execute(insert(Message), values))


def _is_ours(tx: Tx, actor: Actor, channel_id: int, event: Echo) -> bool:
    """Whether the echo names a message of ours; its delivery has then reached the platform."""
    message = own_message(tx, channel_id, event.dedup_key, event.address)
    if event.unkeyed:
        message = undecided_message(tx, channel_id, event.address, event.text)
    if message is None:
        return False
    keep_external_ids(tx, channel_id, message.id, (event.external_id,))
    uncertain = update(Delivery).where(Delivery.message_id == message.id, Delivery.state == DeliveryState.UNKNOWN.value)
    if tx.execute(uncertain.values(state=DeliveryState.SENT.value, sent_at=tx.now, error=None)).rowcount:
        record(
            tx,
            actor,
            EventKind.DELIVERY_CHANGED,
            conversation_id=message.conversation_id,
            message_id=message.id,
            channel_id=channel_id,
        )
    return True


def _last_conversation(tx: Tx, channel_id: int, external_id: str) -> Any:
    """The newest dialog of an address, also when it goes on under another address of the same person."""
    here = Address.channel_id == channel_id
    thread = select(Address.thread_id).where(here, Address.external_id == external_id).scalar_subquery()
    return tx.execute(
        select(Conversation.id, Conversation.contact_id, Conversation.address_id)
        .join(Address, Address.id == Conversation.address_id)
        .where(here, or_(Address.external_id == external_id, Address.thread_id == thread))
        .order_by(Conversation.id.desc())
        .limit(1)
    ).one_or_none()
