"""Who a new client is, as the platform tells when it is asked: a name, a phone, a picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from connectors.contract import Card, Profile
from inbox.actions.events import record
from inbox.actions.meet import complete_contact
from inbox.actions.parts import keep_cards
from inbox.models import Address, Channel, Contact, Conversation, Message, MessageCard
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import MessageKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

LEASE = timedelta(minutes=5)
CLAIM_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Stranger:
    """An address whose platform has not been asked yet."""

    address_id: int
    contact_id: int
    channel_id: int
    channel_kind: str
    config: dict[str, Any]
    external_id: str


def claim_strangers(tx: Tx, actor: Actor) -> list[Stranger]:
    """Claim addresses that are due; the lease is their next attempt, should this worker vanish."""
    rows = tx.execute(
        select(Address.id, Address.contact_id, Address.channel_id, Channel.kind, Channel.config, Address.external_id)
        .join(Channel, Channel.id == Address.channel_id)
        .where(Address.profile_due_at <= tx.now, Channel.removed_at.is_(None), Channel.state != "reconnect")
        .order_by(Address.profile_due_at)
        .limit(CLAIM_LIMIT)
    ).all()
    if rows:
        claimed = update(Address).where(Address.id.in_([row.id for row in rows]))
        tx.execute(claimed.values(profile_due_at=tx.now + LEASE))
    return [Stranger(*row) for row in rows]


def keep_profile(tx: Tx, actor: Actor, stranger: Stranger, profile: Profile | None, *, again: bool = False) -> None:
    """Complete the contact by what was told. With `again` the platform is asked once more after the lease."""
    if not again:
        tx.execute(update(Address).where(Address.id == stranger.address_id).values(profile_due_at=None))
    if profile is not None:
        complete_contact(tx, actor, stranger.address_id, profile)
        _show_subject(tx, actor, stranger, profile.about)


def _show_subject(tx: Tx, actor: Actor, stranger: Stranger, cards: tuple[Card, ...]) -> None:
    """Put what the dialog is about at the client's first message that shows no card yet."""
    first = (
        select(Message.id, Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(MessageCard, MessageCard.message_id == Message.id)
        .where(
            Conversation.address_id == stranger.address_id,
            Message.kind == MessageKind.INCOMING.value,
            MessageCard.id.is_(None),
        )
        .order_by(Message.id)
        .limit(1)
    )
    message = tx.execute(first).one_or_none() if cards else None
    if message is not None:
        keep_cards(tx, message.id, cards)
        record(
            tx,
            actor,
            EventKind.MESSAGE_JOINED,
            conversation_id=message.conversation_id,
            message_id=message.id,
            channel_id=stranger.channel_id,
        )


def keep_picture(tx: Tx, actor: Actor, contact_id: int, blob_key: str) -> None:
    """Show this picture for the contact."""
    tx.execute(update(Contact).where(Contact.id == contact_id).values(picture_key=blob_key))
    record(tx, actor, EventKind.CONTACT_CHANGED, contact_id=contact_id)
