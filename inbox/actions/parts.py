"""What a message has beside its text and files: further external ids, cards, and the rest of its album."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert, select, update

from connectors.contract import Card, Echo, Media, MessageReceived
from inbox.actions.attach import attach_media
from inbox.actions.events import record
from inbox.models import Address, Conversation, Delivery, Message, MessageCard, MessagePart
from inbox.queries.known_message import external_ids, known_message
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# The pictures of an album come within seconds; later ones under the same key are not of it.
ALBUM_LIFE = timedelta(hours=1)
MAX_CARD_TEXT = 2000


def keep_cards(tx: Tx, message_id: int, cards: Sequence[Card]) -> None:
    """Store the places, people, links and listings of a message; untrusted texts are bounded."""
    for card in cards:
        values = {
            "message_id": message_id,
            "kind": card.kind.value,
            "title": clean_name(card.title),
            "text": card.text[:MAX_CARD_TEXT],
            "url": card.url[:MAX_CARD_TEXT] if card.url.startswith(("https://", "http://")) else "",
            "phone": card.phone[:64],
            "latitude": card.latitude,
            "longitude": card.longitude,
        }
        tx.execute(insert(MessageCard), values)


def keep_external_ids(tx: Tx, channel_id: int, message_id: int, ids: Sequence[str]) -> None:
    """Add the ids that a platform gave to a message, after those it has; what is known already is left as it is."""
    for external_id in ids:
        known = external_ids(tx, message_id)
        if external_id in known or known_message(tx, channel_id, external_id) is not None:
            continue
        if not known:
            tx.execute(update(Message).where(Message.id == message_id).values(external_id=external_id))
            continue
        part = {
            "channel_id": channel_id,
            "external_id": external_id,
            "message_id": message_id,
            "position": len(known),
        }
        tx.execute(insert(MessagePart), part)


def join_own_album(
    tx: Tx, actor: Actor, conversation_id: int, group: str, media: Sequence[Media], channel_id: int
) -> int | None:
    """Add a file to the agent's message that its album began; None when there is none, or it is on its way already.

    `channel_id` is where the worker fetches the file from.
    """
    begun = (
        select(Message.id, Message.channel_id)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(
            Message.conversation_id == conversation_id,
            Message.group_key == group,
            Message.created_at > tx.now - ALBUM_LIFE,
            (Delivery.state == DeliveryState.QUEUED.value) | (Message.kind == MessageKind.NOTE.value),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    album = tx.execute(begun).one_or_none()
    if album is None:
        return None
    attach_media(tx, album.id, None, media, None, channel_id=channel_id)
    values = {"conversation_id": conversation_id, "message_id": album.id, "channel_id": album.channel_id}
    record(tx, actor, EventKind.MESSAGE_JOINED, **values)
    return int(album.id)


def join_album(
    tx: Tx, actor: Actor, channel_id: int, event: MessageReceived | Echo, inbound_id: int | None
) -> int | None:
    """Add an item to the message that its album already has; returns that message, or None when it is the first one.

    An item that is here already changes nothing.
    """
    known = known_message(tx, channel_id, event.external_id)
    if known is not None:
        return known.id
    album = tx.execute(
        select(Message.id, Message.text, Message.conversation_id, Conversation.address_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Address, Address.id == Conversation.address_id)
        .where(
            Address.channel_id == channel_id,
            Address.external_id == event.address,
            Message.group_key == event.group,
            Message.created_at > tx.now - ALBUM_LIFE,
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).one_or_none()
    if album is None:
        return None
    attach_media(tx, album.id, album.address_id, event.media, inbound_id)
    keep_cards(tx, album.id, event.cards)
    keep_external_ids(tx, channel_id, album.id, (event.external_id,))
    if event.text and not album.text:
        tx.execute(update(Message).where(Message.id == album.id).values(text=event.text))
    record(
        tx,
        actor,
        EventKind.MESSAGE_JOINED,
        conversation_id=album.conversation_id,
        message_id=album.id,
        channel_id=channel_id,
    )
    return int(album.id)
