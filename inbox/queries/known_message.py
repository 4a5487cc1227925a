"""The message behind a platform's id: its first id, or that of a further part (an album's picture, a second piece)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, select

from inbox.models import Address, Attachment, Conversation, Delivery, Message, MessagePart
from inbox.rules.lifecycle import DeliveryState, MessageKind
from inbox.runtime.database import Tx

# Outgoing.dedup_key: "m", the message's id, and where all of it comes back, its client id.
_OURS = re.compile(r"m(\d{1,18})(?:-(.+))?$")
_COLUMNS = (Message.id, Message.conversation_id)
_FIRST = select(*_COLUMNS).where(
    Message.channel_id == bindparam("channel"), Message.external_id == bindparam("external")
)
_PART = (
    select(*_COLUMNS)
    .join(MessagePart, MessagePart.message_id == Message.id)
    .where(MessagePart.channel_id == bindparam("channel"), MessagePart.external_id == bindparam("external"))
)
_HAS_FILES = exists().where(Attachment.message_id == Message.id)
_FIRST_ID = select(Message.external_id).where(Message.id == bindparam("message"))
_FURTHER_IDS = (
    select(MessagePart.external_id).where(MessagePart.message_id == bindparam("message")).order_by(MessagePart.position)
)


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """Where a message is."""

    id: int
    conversation_id: int


def known_message(tx: Tx, channel_id: int, external_id: str) -> KnownMessage | None:
    """The message that a platform calls so on this channel; None when we do not have it."""
    wanted = {"channel": channel_id, "external": external_id}
    row = tx.execute(_FIRST, wanted).one_or_none() or tx.execute(_PART, wanted).one_or_none()
    return None if row is None else KnownMessage(*row)


def own_message(tx: Tx, channel_id: int, dedup_key: str | None, address: str | None) -> KnownMessage | None:
    """The answer of ours that a platform names by the key that it was sent with; None for a key that is not ours.

    Of some platforms only the number comes back, which may be another program's by chance: then the address must fit.
    """
    found = _OURS.match(dedup_key or "")
    if found is None:
        return None
    sure = Message.client_id == found[2] if found[2] else Address.external_id == address
    ours = (
        select(*_COLUMNS)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Address, Address.id == Conversation.address_id)
        .where(Message.id == int(found[1]), Message.kind == MessageKind.OUTGOING.value, sure)
    )
    row = tx.execute(ours.where(Message.channel_id == channel_id)).one_or_none()
    return None if row is None else KnownMessage(*row)


def undecided_message(tx: Tx, channel_id: int, address: str, text: str) -> KnownMessage | None:
    """The answer of ours that a platform without keys seems to tell of; None when there is none.

    It is on its way to this address, or may have arrived, and it (or a piece of it) says just this.
    """
    said = text.strip()
    ours = (
        select(*_COLUMNS)
        .join(Delivery, Delivery.message_id == Message.id)
        .join(Address, Address.id == Delivery.address_id)
        .where(
            Delivery.state.in_((DeliveryState.SENDING.value, DeliveryState.UNKNOWN.value)),
            Message.channel_id == channel_id,
            Address.external_id == address,
            Message.text.contains(said, autoescape=True) if said else _HAS_FILES,
        )
        .order_by(Message.id)
        .limit(1)
    )
    row = tx.execute(ours).one_or_none()
    return None if row is None else KnownMessage(*row)


def external_ids(tx: Tx, message_id: int) -> tuple[str, ...]:
    """Every id that the platform has given to a message, in the order of its parts; () before it has any."""
    first = tx.execute(_FIRST_ID, {"message": message_id}).scalar_one_or_none()
    if first is None:
        return ()
    return (first, *tx.execute(_FURTHER_IDS, {"message": message_id}).scalars())
