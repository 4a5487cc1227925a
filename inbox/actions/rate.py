"""Asking a client once per dialog how it was, and keeping what they say. Neither opens nor closes a wait."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

import connectors
from connectors.contract import MessageReceived
from inbox.actions.events import new_id, record
from inbox.actions.meet import MET_COLUMNS
from inbox.models import Address, Channel, Company, Conversation, Delivery, Message, Turn
from inbox.queries.access import STATE_COLUMNS, ConversationState
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind, Status
from inbox.rules.permissions import Actor
from inbox.rules.ratings import is_contented, read_rating, still_asks
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.languages import language

_QUESTION = N_("How did we do? Please answer with a number from 1 (bad) to 5 (great).")
_CHOICES = "5\n4\n3\n2\n1"


def ask_rating(tx: Tx, conversation: ConversationState) -> bool:
    """Ask the client of a dialog that was just resolved; False when it is switched off or would be out of place.

    It would be for a client who was asked already, was left without an answer, stopped us, or whose window is over.
    """
    asks = tx.execute(select(Company.asks_rating, Company.language)).one_or_none()
    asked = select(Conversation.rating_asked_at).where(Conversation.id == conversation.id)
    if asks is None or not asks.asks_rating or tx.execute(asked).scalar_one() is not None:
        return False
    last = select(Turn.outcome).where(Turn.conversation_id == conversation.id).order_by(Turn.number.desc()).limit(1)
    place = select(Channel.kind, Channel.removed_at, Address.stopped_at, Address.reply_until).join(
        Address, Address.channel_id == Channel.id
    )
    target = tx.execute(place.where(Address.id == conversation.address_id)).one()
    over = target.reply_until is not None and target.reply_until <= tx.now
    reachable = target.removed_at is None and target.stopped_at is None and not over
    if tx.execute(last).scalar_one_or_none() not in ("answered", "dismissed") or not reachable:
        return False
    _send(tx, conversation, target.kind, language(asks.language).gettext(_QUESTION))
    return True


def take_rating(
    tx: Tx,
    actor: Actor,
    known: Any,
    event: MessageReceived,
    store: Callable[[Tx, ConversationState, MessageReceived, datetime], int],
) -> int | None:
    """Keep the rating of a client who has no open dialog (`known`: their address, MET_COLUMNS, the open dialog).

    Returns the id of a message that needs no answer, which `store` keeps. One that complains, asks or brings a file
    goes on as a message too: it opens the dialog and is answered.
    """
    given = read_rating(event.text)
    if given is None or known is None or known[1 + len(MET_COLUMNS)] is not None:
        return None
    conversation = rating_wanted(tx, known.address_id)
    if conversation is None:
        return None
    rating, comment = given
    message_id = None
    if is_contented(rating, comment) and not event.media and not event.cards:
        message_id = store(tx, conversation, event, tx.now if event.at is None else min(event.at, tx.now))
    keep_rating(tx, actor, conversation, rating, comment, message_id)
    return message_id


def rating_wanted(tx: Tx, address_id: int) -> ConversationState | None:
    """The resolved dialog of an address that still waits for a rating."""
    c = Conversation
    newest = select(*STATE_COLUMNS, c.rating, c.rating_asked_at, c.status).where(c.address_id == address_id)
    row = tx.execute(newest.order_by(c.id.desc()).limit(1)).one_or_none()
    if row is None or row.status != Status.RESOLVED.value:
        return None
    return ConversationState(*row[:-3]) if still_asks(row.rating, row.rating_asked_at, tx.now) else None


def keep_rating(
    tx: Tx, actor: Actor, conversation: ConversationState, rating: int, comment: str, message_id: int | None
) -> None:
    """Keep what the client said. `message_id` is the message that needs no answer."""
    values = {"rating": rating, "rating_comment": comment or None, "rated_at": tx.now}
    if message_id is not None:
        values |= {"last_message_id": message_id, "last_message_at": tx.now}
    tx.execute(update(Conversation).where(Conversation.id == conversation.id).values(**values))
    record(
        tx,
        actor,
        EventKind.CONVERSATION_RATED,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        message_id=message_id,
        channel_id=conversation.channel_id,
        details={"rating": rating},
    )


def _send(tx: Tx, conversation: ConversationState, kind: str, text: str) -> None:
    able = connectors.find(kind).capabilities
    message = {
        "conversation_id": conversation.id,
        "channel_id": conversation.channel_id,
        "kind": MessageKind.OUTGOING.value,
        "text": text,
        "at": tx.now,
        "created_at": tx.now,
        "client_id": secrets.token_urlsafe(12),
        "buttons": _CHOICES if able.buttons else "",
    }
    message_id = new_id(tx.execute(insert(Message), message))
    sent = able.stored_is_sent
    delivery = {
        "message_id": message_id,
        "channel_id": conversation.channel_id,
        "address_id": conversation.address_id,
        "state": (DeliveryState.SENT if sent else DeliveryState.QUEUED).value,
        "next_attempt_at": None if sent else tx.now,
        "created_at": tx.now,
        "sent_at": tx.now if sent else None,
    }
    tx.execute(insert(Delivery), delivery)
    values = {"rating_asked_at": tx.now, "last_message_id": message_id, "last_message_at": tx.now}
    tx.execute(update(Conversation).where(Conversation.id == conversation.id).values(**values))
    record(
        tx,
        Actor.system(),
        EventKind.MESSAGE_AUTOMATIC,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        message_id=message_id,
        channel_id=conversation.channel_id,
    )
