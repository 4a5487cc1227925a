"""Handing messages over: what is owed is claimed with a lease, and every outcome is a forward step of its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, or_, select, update

import connectors
from connectors.contract import SendError, Throttled, Unreachable
from inbox.actions.channels import set_channel_state
from inbox.actions.events import record
from inbox.actions.parts import keep_external_ids
from inbox.models import Address, Agent, Attachment, Channel, ChannelLog, Delivery, Message
from inbox.models.base import aliased
from inbox.queries.known_message import external_ids
from inbox.queries.letters import OwedLetter, owed_letter
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState, MessageKind
from inbox.rules.permissions import Actor
from inbox.rules.retry import GIVE_UP_SECONDS, next_attempt
from inbox.runtime.database import Tx

LEASE = timedelta(seconds=60)
CLAIM_LIMIT = 50
_LONGEST = timedelta(seconds=GIVE_UP_SECONDS)

_OWED = (DeliveryState.QUEUED.value, DeliveryState.SENDING.value)
_HELD = (DeliveryState.SENDING.value,)
_UNDECIDED = (*_OWED, DeliveryState.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class OwedFile:
    """A file of an owed message."""

    kind: str
    name: str
    mime: str
    size: int
    blob_key: str
    token: str


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that this worker may hand over until its lease ends."""

    delivery_id: int
    message_id: int
    channel_id: int
    channel_kind: str
    config: dict[str, Any]
    address: str
    text: str
    at: datetime
    dedup_key: str
    attempts: int
    reply_to: str | None
    agent_name: str
    files: tuple[OwedFile, ...]
    buttons: str
    done: tuple[str, ...]
    last_incoming: str | None
    reply_until: datetime | None
    approved: dict[str, Any] | None
    interrupted: bool
    letter: OwedLetter


def claim_deliveries(tx: Tx, actor: Actor, busy_channels: Sequence[int] = ()) -> list[Owed]:
    """Claim what is due, at most one message per address: the next one waits until this one is decided.

    `interrupted` marks a message whose former worker vanished between sending and marking.
    """
    earlier = aliased(Delivery)
    first = (
        select(func.min(earlier.id))
        .where(earlier.address_id == Delivery.address_id, earlier.state.in_(_OWED))
        .correlate(Delivery)
        .scalar_subquery()
    )
    statement = (
        select(Delivery.id, Delivery.state)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(
            Delivery.state.in_(_OWED),
            Delivery.id == first,
            or_(
                and_(Delivery.state == DeliveryState.QUEUED.value, _is_due(tx.now)),
                # A lease that ends later than any could is one of a clock that was put back since.
                or_(Delivery.leased_until < tx.now, Delivery.leased_until > tx.now + LEASE),
            ),
            # An answer from a console waits until its files are here.
            ~exists().where(Attachment.message_id == Delivery.message_id, Attachment.state == "pending"),
            Channel.removed_at.is_(None),
            Channel.state != "reconnect",
            Delivery.channel_id.not_in(list(busy_channels)),
        )
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(CLAIM_LIMIT)
    )
    due = {row.id: row.state for row in tx.execute(statement)}
    if not due:
        return []
    tx.execute(
        update(Delivery)
        .where(Delivery.id.in_(list(due)))
        .values(state=DeliveryState.SENDING.value, leased_until=tx.now + LEASE, attempts=Delivery.attempts + 1)
    )
    return [
        _owed(tx, delivery_id, interrupted=state == DeliveryState.SENDING.value) for delivery_id, state in due.items()
    ]


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Never tried, or its next try has come, or that is further off than any could be: the clock was put back."""
    moment = Delivery.next_attempt_at
    return or_(Delivery.attempts == 0, moment.is_(None), moment <= now, moment > now + _LONGEST)


_QUOTED = aliased(Message)
_EARLIER = aliased(Message)
# What the client wrote last before this answer, for platforms that are told how far we have read.
_LAST_INCOMING = (
    select(_EARLIER.external_id)
    .where(
        _EARLIER.conversation_id == Message.conversation_id,
        _EARLIER.kind == MessageKind.INCOMING.value,
        _EARLIER.id < Message.id,
    )
    .order_by(_EARLIER.id.desc())
    .limit(1)
    .scalar_subquery()
)
_OWED_MESSAGE = (
    select(
        Delivery.message_id,
        Delivery.channel_id,
        Channel.kind,
        Channel.config,
        Address.external_id,
        Message.text,
        Message.at,
        Message.client_id,
        Message.conversation_id,
        Message.buttons,
        Delivery.attempts,
        _LAST_INCOMING.label("last_incoming"),
        _QUOTED.external_id.label("reply_to"),
        Agent.name,
        Address.reply_until,
        Message.approved,
    )
    .join(Message, Message.id == Delivery.message_id)
    .join(Channel, Channel.id == Delivery.channel_id)
    .join(Address, Address.id == Delivery.address_id)
    .outerjoin(_QUOTED, _QUOTED.id == Message.reply_to_id)
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .where(Delivery.id == bindparam("delivery"))
)
_OWED_FILES = (
    select(
        Attachment.kind,
        Attachment.name,
        Attachment.mime,
        Attachment.size,
        Attachment.blob_key,
        Attachment.token,
    )
    .where(Attachment.message_id == bindparam("message"), Attachment.state == "ready")
    .order_by(Attachment.id)
)


def _owed(tx: Tx, delivery_id: int, *, interrupted: bool) -> Owed:
    row = tx.execute(_OWED_MESSAGE, {"delivery": delivery_id}).one()
    files = tx.execute(_OWED_FILES, {"message": row.message_id})
    letters = connectors.find(row.kind).capabilities.letters
    return Owed(
        delivery_id=delivery_id,
        message_id=row.message_id,
        channel_id=row.channel_id,
        channel_kind=row.kind,
        config=row.config,
        address=row.external_id,
        text=row.text,
        at=row.at,
        # Stable over retries, and new for every message: the platform's idempotency key.
        dedup_key=f"m{row.message_id}-{row.client_id}",
        attempts=row.attempts,
        reply_to=row.reply_to,
        agent_name=row.name or "",
        files=tuple(OwedFile(*file) for file in files),
        buttons=row.buttons,
        done=external_ids(tx, row.message_id),
        last_incoming=row.last_incoming,
        reply_until=row.reply_until,
        approved=row.approved,
        interrupted=interrupted,
        letter=owed_letter(tx, row.message_id, row.conversation_id) if letters else OwedLetter(),
    )


def mark_sent(tx: Tx, actor: Actor, owed: Owed, ids: Sequence[str]) -> None:
    """The platform has it. A status that overtook us (delivered, read) is not stepped back.

    Nor does it matter that a lease ended meanwhile and somebody else took the message for undecided.
    """
    _settle(tx, actor, owed, DeliveryState.SENT, _UNDECIDED, sent_at=tx.now, error=None, error_code=None)
    keep_external_ids(tx, owed.channel_id, owed.message_id, ids)
    tx.execute(update(Channel).where(Channel.id == owed.channel_id).values(last_out_at=tx.now))


def mark_failed(tx: Tx, actor: Actor, owed: Owed, error: SendError, *, idempotent: bool, jitter: float = 0.0) -> None:
    """Try again later when that can help; else the message failed, or (it may have arrived) nobody knows."""
    told = {"error": error.reason, "error_code": error.code}
    # The first pieces may have gone out: the next attempt goes on after them.
    keep_external_ids(tx, owed.channel_id, owed.message_id, error.sent)
    moment = None
    if error.retryable:
        moment = next_attempt(
            owed.attempts, error.retry_after if isinstance(error, Throttled) else None, tx.now, jitter
        )
    if isinstance(error, Unreachable) and error.maybe_sent and not idempotent:
        _settle(tx, actor, owed, DeliveryState.UNKNOWN, **told)
    elif moment is not None:
        _settle(tx, actor, owed, DeliveryState.QUEUED, next_attempt_at=moment, **told)
    else:
        _settle(tx, actor, owed, DeliveryState.FAILED, **told)
    if error.code == "channel_misconfigured":
        set_channel_state(tx, actor, owed.channel_id, "reconnect", error.reason)
    if error.code == "contact_stopped":
        stopped = update(Address).where(Address.channel_id == owed.channel_id, Address.external_id == owed.address)
        tx.execute(stopped.values(stopped_at=tx.now))
    if error.code == "window_closed":
        here = update(Address).where(Address.channel_id == owed.channel_id, Address.external_id == owed.address)
        tx.execute(here.values(reply_until=tx.now))


def log_exchange(tx: Tx, actor: Actor, owed: Owed, summary: str, error: str | None, duration_ms: int) -> None:
    """Keep what happened with this attempt; the texts were redacted before."""
    tx.execute(
        insert(ChannelLog),
        {
            "channel_id": owed.channel_id,
            "delivery_id": owed.delivery_id,
            "at": tx.now,
            "summary": summary,
            "error": error,
            "request": owed.text[:500],
            "response": "",
            "duration_ms": duration_ms,
        },
    )


def _settle(
    tx: Tx, actor: Actor, owed: Owed, state: DeliveryState, before: Sequence[str] = _HELD, **values: Any
) -> None:
    changed = update(Delivery).where(Delivery.id == owed.delivery_id, Delivery.state.in_(before))
    if not tx.execute(changed.values(state=state.value, leased_until=None, **values)).rowcount:
        return
    conversation_id = tx.execute(select(Message.conversation_id).where(Message.id == owed.message_id)).scalar_one()
    record(
        tx,
        actor,
        EventKind.DELIVERY_CHANGED,
        conversation_id=conversation_id,
        message_id=owed.message_id,
        channel_id=owed.channel_id,
    )
