"""Media that came from a platform, and uploads that never got their message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from inbox.actions.events import record
from inbox.models import Attachment, Channel, Delivery, Message
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import DeliveryState
from inbox.rules.permissions import Actor
from inbox.rules.retry import next_attempt
from inbox.runtime.blobs import StoredBlob
from inbox.runtime.database import Tx

ORPHAN_LIFE = timedelta(days=1)
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 6
# Each is held in memory while it is fetched.
CLAIM_LIMIT = 4


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file that is still with its platform. `body` is the journal's raw request for files that came inline."""

    attachment_id: int
    channel_kind: str
    config: dict[str, Any]
    ref: str
    name: str
    attempts: int
    inbound_id: int | None


def claim_files(tx: Tx, actor: Actor) -> list[PendingFile]:
    """Claim files that are due; the lease is their next attempt, should this worker vanish."""
    statement = (
        select(
            Attachment.id,
            Channel.kind,
            Channel.config,
            Attachment.ref,
            Attachment.name,
            Attachment.attempts,
            Attachment.inbound_id,
        )
        .join(Message, Message.id == Attachment.message_id)
        .join(Channel, Channel.id == func.coalesce(Attachment.channel_id, Message.channel_id))
        .where(Attachment.state == "pending", Attachment.ref.is_not(None), Attachment.next_attempt_at <= tx.now)
        .order_by(Attachment.id)
        .limit(CLAIM_LIMIT)
    )
    found = [PendingFile(*row) for row in tx.execute(statement)]
    for file in found:
        claimed = update(Attachment).where(Attachment.id == file.attachment_id)
        tx.execute(claimed.values(next_attempt_at=tx.now + LEASE, attempts=Attachment.attempts + 1))
    return found


def keep_file(tx: Tx, actor: Actor, file: PendingFile, blob: StoredBlob) -> None:
    """The bytes are here: the bubble shows them."""
    values = {
        "state": "ready",
        "kind": blob.kind if blob.kind != "file" else Attachment.kind,
        "mime": blob.mime,
        "size": blob.size,
        "blob_key": blob.key,
        "error": None,
    }
    tx.execute(update(Attachment).where(Attachment.id == file.attachment_id).values(values))
    _record(tx, actor, file, EventKind.ATTACHMENT_READY)


def put_off_file(tx: Tx, actor: Actor, file: PendingFile, reason: str, *, final: bool) -> None:
    """The bytes did not come: try again later, or say in the bubble that they never will."""
    moment = None if final else next_attempt(file.attempts + 1, None, tx.now, 0.0)
    gone = moment is None or file.attempts + 1 >= MOST_ATTEMPTS
    values = {"state": "failed", "error": reason} if gone else {"next_attempt_at": moment, "error": reason}
    tx.execute(update(Attachment).where(Attachment.id == file.attachment_id).values(values))
    if gone:
        _record(tx, actor, file, EventKind.ATTACHMENT_FAILED)
        _fail_delivery(tx, actor, file, reason)


def _fail_delivery(tx: Tx, actor: Actor, file: PendingFile, reason: str) -> None:
    """An answer that waited for this file does not go out without it: the agent decides."""
    message_id = tx.execute(select(Attachment.message_id).where(Attachment.id == file.attachment_id)).scalar_one()
    waiting = update(Delivery).where(Delivery.message_id == message_id, Delivery.state == DeliveryState.QUEUED.value)
    if tx.execute(waiting.values(state=DeliveryState.FAILED.value, error=reason, error_code="file")).rowcount:
        _record(tx, actor, file, EventKind.DELIVERY_CHANGED)


def forget_uploads(tx: Tx, actor: Actor) -> int:
    """Drop uploads that waited a day for a message that was never sent; returns how many."""
    old = delete(Attachment).where(Attachment.message_id.is_(None), Attachment.created_at < tx.now - ORPHAN_LIFE)
    return int(tx.execute(old).rowcount)


def _record(tx: Tx, actor: Actor, file: PendingFile, kind: EventKind) -> None:
    row = tx.execute(
        select(Message.id, Message.conversation_id)
        .join(Attachment, Attachment.message_id == Message.id)
        .where(Attachment.id == file.attachment_id)
    ).one()
    record(tx, actor, kind, conversation_id=row.conversation_id, message_id=row.id)
