"""What platforms tell besides new messages: edits, deletions, statuses, blocks, starts, and answers typed elsewhere."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from connectors.contract import (
    ContactStoppedUs,
    Echo,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Started,
    StatusChanged,
    Typing,
)
from inbox.actions.attach import attach_media
from inbox.actions.events import new_id, record
from inbox.actions.meet import meet
from inbox.actions.receive import MAX_TEXT, receive
from inbox.actions.touch import touch
from inbox.actions.turns import close_turn
from inbox.models import Address, Conversation, Delivery, Message
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind, Status, advances
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

_MESSAGE = select(Message.id, Message.conversation_id).where(
    Message.channel_id == bindparam("channel"), Message.external_id == bindparam("message")
)


def receive_event(tx: Tx, actor: Actor, channel_id: int, event: InboundEvent, inbound_id: int | None = None) -> None:
    """Apply one event of a platform. News about a message that we do not have is not an error: it may come first."""
    match event:
        case MessageReceived():
            receive(tx, actor, channel_id, event, inbound_id)
        case Echo():
            _echo(tx, actor, channel_id, event, inbound_id)
        case MessageEdited():
            values = {"text": event.text[:MAX_TEXT], "edited_at": event.at or tx.now}
            _change(tx, actor, channel_id, event.external_id, EventKind.MESSAGE_EDITED, values)
        case MessageDeleted():
            values = {"deleted_at": event.at or tx.now}
            _change(tx, actor, channel_id, event.external_id, EventKind.MESSAGE_DELETED, values)
        case StatusChanged():
            _status(tx, actor, channel_id, event)
        case ContactStoppedUs():
            _stopped(tx, actor, channel_id, event)
        case Started():
            _, contact_id = meet(tx, actor, channel_id, event.address, event.profile)
            if event.referral is not None:
                touch(tx, contact_id, None, event.referral)
        case Typing():
            # Typing is shown by the live hub and never stored.
            pass


def _change(
    tx: Tx, actor: Actor, channel_id: int, external_id: str, kind: EventKind, values: dict[str, object]
) -> None:
    found = tx.execute(_MESSAGE, {"channel": channel_id, "message": external_id}).one_or_none()
    if found is None:
        return
    tx.execute(update(Message).where(Message.id == found.id).values(values))
    record(tx, actor, kind, conversation_id=found.conversation_id, message_id=found.id, channel_id=channel_id)


def _status(tx: Tx, actor: Actor, channel_id: int, event: StatusChanged) -> None:
    """Statuses move forward only. With a watermark every earlier message to the address has the state too."""
    found = tx.execute(_MESSAGE, {"channel": channel_id, "message": event.external_id}).one_or_none()
    if found is None:
        return
    wanted = select(Delivery.id, Delivery.state, Delivery.message_id)
    if event.watermark:
        here = select(Delivery.address_id).where(Delivery.message_id == found.id).scalar_subquery()
        wanted = wanted.where(Delivery.address_id == here, Delivery.message_id <= found.id).limit(200)
    else:
        wanted = wanted.where(Delivery.message_id == found.id)
    for row in tx.execute(wanted.order_by(Delivery.id.desc())).all():
        if not advances(row.state, event.state):
            continue
        values: dict[str, object] = {"state": event.state, "error": event.error}
        if event.state != DeliveryState.FAILED:
            values[f"{event.state}_at"] = event.at or tx.now
        tx.execute(update(Delivery).where(Delivery.id == row.id).values(values))
        record(
            tx,
            actor,
            EventKind.DELIVERY_CHANGED,
            conversation_id=found.conversation_id,
            message_id=row.message_id,
            channel_id=channel_id,
        )


def _stopped(tx: Tx, actor: Actor, channel_id: int, event: ContactStoppedUs) -> None:
    address = tx.execute(
        select(Address.id, Address.contact_id).where(
            Address.channel_id == channel_id, Address.external_id == event.address
        )
    ).one_or_none()
    if address is None:
        return
    moment = (event.at or tx.now) if event.stopped else None
    tx.execute(update(Address).where(Address.id == address.id).values(stopped_at=moment))
    conversation = select(Conversation.id).where(
        Conversation.address_id == address.id, Conversation.status != Status.RESOLVED.value
    )
    record(
        tx,
        actor,
        EventKind.CONTACT_STOPPED if event.stopped else EventKind.CONTACT_RETURNED,
        conversation_id=tx.execute(conversation).scalar_one_or_none(),
        contact_id=address.contact_id,
        channel_id=channel_id,
    )


def _echo(tx: Tx, actor: Actor, channel_id: int, event: Echo, inbound_id: int | None) -> None:
    """A person answered in the platform's own app: an outgoing message that closes the wait, never a new contact."""
    if tx.execute(_MESSAGE, {"channel": channel_id, "message": event.external_id}).first() is not None:
        return
    conversation = tx.execute(
        select(Conversation.id, Conversation.contact_id, Conversation.address_id)
        .join(Address, Address.id == Conversation.address_id)
        .where(Address.channel_id == channel_id, Address.external_id == event.address)
        .order_by(Conversation.id.desc())
        .limit(1)
    ).one_or_none()
    if conversation is None:
        return
    at = tx.now if event.at is None else min(event.at, tx.now)
    values = {
        "conversation_id": conversation.id,
        "channel_id": channel_id,
        "kind": MessageKind.OUTGOING.value,
        "native": True,
        "text": event.text[:MAX_TEXT],
        "at": at,
        "created_at": tx.now,
        "external_id": event.external_id,
        "client_id": event.external_id,
    }
    message_id = new_id(tx.execute(insert(Message), values))
    attach_media(tx, message_id, conversation.address_id, event.media, inbound_id)
    newest = {"last_message_id": message_id, "last_message_at": at}
    tx.execute(update(Conversation).where(Conversation.id == conversation.id).values(newest))
    close_turn(tx, conversation.id, "answered", at, answer_message_id=message_id)
    record(
        tx,
        actor,
        EventKind.MESSAGE_ECHOED,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        message_id=message_id,
        channel_id=channel_id,
    )
