"""What an agent decides about a message that did not go out, or may have."""

from __future__ import annotations

from sqlalchemy import select, update

from inbox.actions.events import record
from inbox.models import Attachment, Delivery
from inbox.queries.access import message_conversation
from inbox.rules.errors import Conflict, NotFound
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

_OPEN_ENDED = (DeliveryState.FAILED.value, DeliveryState.UNKNOWN.value)


def retry_delivery(tx: Tx, actor: Actor, delivery_id: int) -> int:
    """Owe a failed or uncertain message to the client again, with the files that could not be fetched before.

    Returns the message id.
    """
    message_id = _decide(
        tx,
        actor,
        delivery_id,
        {
            "state": DeliveryState.QUEUED.value,
            "next_attempt_at": tx.now,
            "attempts": 0,
            "error": None,
            "error_code": None,
        },
    )
    missing = update(Attachment).where(
        Attachment.message_id == message_id, Attachment.state == "failed", Attachment.ref.is_not(None)
    )
    tx.execute(missing.values(state="pending", attempts=0, next_attempt_at=tx.now, error=None))
    return message_id


def confirm_arrived(tx: Tx, actor: Actor, delivery_id: int) -> int:
    """Believe that an uncertain message arrived; returns the message id."""
    return _decide(tx, actor, delivery_id, {"state": DeliveryState.SENT.value, "sent_at": tx.now, "error": None})


def _decide(tx: Tx, actor: Actor, delivery_id: int, values: dict[str, object]) -> int:
    require(actor, Permission.CONVERSATION_REPLY)
    message_id = tx.execute(select(Delivery.message_id).where(Delivery.id == delivery_id)).scalar_one_or_none()
    if message_id is None:
        raise NotFound
    _, conversation = message_conversation(tx, actor, message_id)
    changed = update(Delivery).where(Delivery.id == delivery_id, Delivery.state.in_(_OPEN_ENDED)).values(**values)
    if not tx.execute(changed).rowcount:
        raise Conflict(N_("This message is already on its way."))
    record(
        tx,
        actor,
        EventKind.DELIVERY_CHANGED,
        conversation_id=conversation.id,
        message_id=message_id,
        channel_id=conversation.channel_id,
    )
    return int(message_id)
