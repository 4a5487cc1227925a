"""Handing over changes to sent messages: claimed with a lease, in the order in which they were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from connectors.contract import SendError, Throttled
from inbox.actions.deliver import CLAIM_LIMIT, LEASE
from inbox.actions.events import record
from inbox.models import Address, Amendment, Attachment, Channel, Message
from inbox.models.base import aliased
from inbox.queries.known_message import external_ids
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.rules.retry import next_attempt
from inbox.runtime.database import Tx

_OWED = ("queued", "sending")


@dataclass(frozen=True, slots=True)
class OwedAmendment:
    """A change that this worker may hand over until its lease ends. `kind` is edit, delete or react."""

    id: int
    message_id: int
    conversation_id: int
    channel_id: int
    channel_kind: str
    config: dict[str, Any]
    address: str
    kind: str
    text: str
    attempts: int
    external_ids: tuple[str, ...]
    has_files: bool


_FILE = select(Attachment.id).where(Attachment.message_id == Message.id).limit(1).scalar_subquery()
_EARLIER = aliased(Amendment)
_FIRST_OF_MESSAGE = (
    select(func.min(_EARLIER.id))
    .where(_EARLIER.message_id == Amendment.message_id, _EARLIER.state.in_(_OWED))
    .correlate(Amendment)
    .scalar_subquery()
)
_CLAIMABLE = (
    select(
        Amendment.id,
        Amendment.message_id,
        Message.conversation_id,
        Amendment.channel_id,
        Channel.kind.label("channel_kind"),
        Channel.config,
        Address.external_id.label("address"),
        Amendment.kind,
        Amendment.text,
        Amendment.attempts,
        _FILE.label("file_id"),
    )
    .join(Message, Message.id == Amendment.message_id)
    .join(Channel, Channel.id == Amendment.channel_id)
    .join(Address, Address.id == Amendment.address_id)
    .where(
        Amendment.state.in_(_OWED),
        Amendment.id == _FIRST_OF_MESSAGE,
        Message.external_id.is_not(None),
        Channel.removed_at.is_(None),
        Channel.state != "reconnect",
    )
    .order_by(Amendment.id)
    .limit(CLAIM_LIMIT)
)


def claim_amendments(tx: Tx, actor: Actor) -> list[OwedAmendment]:
    """Claim the changes that are due; one waits for the earlier ones of its message and until that was handed over.

    Changes are repeated safely (an edit to the same text, a deletion of what is gone), so a lost lease is no matter.
    """
    due = or_(Amendment.next_attempt_at.is_(None), Amendment.next_attempt_at <= tx.now)
    free = or_(Amendment.state == "queued", and_(Amendment.state == "sending", Amendment.leased_until < tx.now))
    claimed = []
    for row in tx.execute(_CLAIMABLE.where(due, free)).mappings().all():
        values = dict(row)
        has_files = values.pop("file_id") is not None
        claimed.append(OwedAmendment(**values, external_ids=external_ids(tx, row["message_id"]), has_files=has_files))
        taken = update(Amendment).where(Amendment.id == row["id"])
        tx.execute(taken.values(state="sending", leased_until=tx.now + LEASE, attempts=Amendment.attempts + 1))
    return claimed


def settle_amendment(tx: Tx, actor: Actor, owed: OwedAmendment, error: SendError | None, jitter: float) -> None:
    """Note that the platform took the change, try again later, or say in the bubble why it did not."""
    moment: datetime | None = None
    if error is not None and error.retryable:
        wanted = error.retry_after if isinstance(error, Throttled) else None
        moment = next_attempt(owed.attempts + 1, wanted, tx.now, jitter)
    state = "sent" if error is None else "queued" if moment is not None else "failed"
    values = {
        "state": state,
        "leased_until": None,
        "next_attempt_at": moment,
        "error": None if error is None else error.reason,
    }
    tx.execute(update(Amendment).where(Amendment.id == owed.id).values(values))
    record(
        tx,
        actor,
        EventKind.AMENDMENT_CHANGED,
        conversation_id=owed.conversation_id,
        message_id=owed.message_id,
        channel_id=owed.channel_id,
    )
