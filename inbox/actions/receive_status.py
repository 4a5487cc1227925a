"""What became of a message of ours, as its platform tells it: forward steps only, one message or all up to a moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select, update

from connectors.contract import StatusChanged
from inbox.actions.events import record
from inbox.actions.parts import keep_external_ids
from inbox.models import Address, Delivery, Message
from inbox.queries.known_message import KnownMessage, known_message, own_message
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, advances
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# A watermark speaks of everything before it; the older ones have had theirs long ago.
MOST_AT_ONCE = 200
# We note that a message went out a little after its platform took it.
_NOTED_WITHIN = timedelta(seconds=2)


def receive_status(tx: Tx, actor: Actor, channel_id: int, event: StatusChanged) -> None:
    """Move the deliveries on that a status speaks of. A status of a message that we do not have changes nothing."""
    wanted = _deliveries(tx, channel_id, event)
    if wanted is None:
        return
    for delivery_id, state, message_id, conversation_id in tx.execute(wanted.order_by(Delivery.id.desc())).all():
        if not advances(state, event.state):
            continue
        values: dict[str, object] = {"state": event.state, "error": event.error, "error_code": event.error_code}
        if event.state != DeliveryState.FAILED:
            values[f"{event.state}_at"] = event.at or tx.now
        tx.execute(update(Delivery).where(Delivery.id == delivery_id).values(values))
        _note_refusal(tx, delivery_id, event.error_code)
        record(
            tx,
            actor,
            EventKind.DELIVERY_CHANGED,
            conversation_id=conversation_id,
            message_id=message_id,
            channel_id=channel_id,
        )


def _deliveries(tx: Tx, channel_id: int, event: StatusChanged) -> Select[*tuple[Any, ...]] | None:
    wanted = select(Delivery.id, Delivery.state, Delivery.message_id, Message.conversation_id).join(
        Message, Message.id == Delivery.message_id
    )
    known = _known(tx, channel_id, event)
    if known is not None and not event.watermark:
        return wanted.where(Delivery.message_id == known.id)
    if not event.watermark:
        return None
    if known is not None:
        here = select(Delivery.address_id).where(Delivery.message_id == known.id).scalar_subquery()
        return wanted.where(Delivery.address_id == here, Delivery.message_id <= known.id).limit(MOST_AT_ONCE)
    if event.address is None or event.at is None or event.external_id:
        return None
    there = (
        select(Address.id)
        .where(Address.channel_id == channel_id, Address.external_id == event.address)
        .scalar_subquery()
    )
    return wanted.where(Delivery.address_id == there, Delivery.sent_at <= event.at + _NOTED_WITHIN).limit(MOST_AT_ONCE)


def _known(tx: Tx, channel_id: int, event: StatusChanged) -> KnownMessage | None:
    """The message that a status is about. It may come before the answer to our request, or instead of it."""
    if not event.external_id:
        return None
    known = known_message(tx, channel_id, event.external_id)
    if known is None:
        known = own_message(tx, channel_id, event.dedup_key, event.address)
        if known is not None:
            keep_external_ids(tx, channel_id, known.id, (event.external_id,))
    return known


def _note_refusal(tx: Tx, delivery_id: int, code: str | None) -> None:
    """A late refusal says about the address what an immediate one would have said."""
    here = select(Delivery.address_id).where(Delivery.id == delivery_id).scalar_subquery()
    if code == "contact_stopped":
        tx.execute(update(Address).where(Address.id == here).values(stopped_at=tx.now))
    elif code == "window_closed":
        tx.execute(update(Address).where(Address.id == here).values(reply_until=tx.now))
