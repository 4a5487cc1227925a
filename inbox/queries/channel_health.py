"""How a channel does: what waits to go out, what could not be read, and the exchanges with its platform."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from inbox.models import Channel, ChannelLog, Delivery, Inbound
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

DAY = timedelta(days=1)
PAGE = 50
# Bodies that a search looks through, newest first, and characters of one that are shown.
SEARCHED = 2000
SHOWN = 4000


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """Numbers of one channel at this moment. `oldest_seconds` is how long the first message in the queue waits."""

    owed: int
    oldest_seconds: int
    failed_today: int
    unknown: int
    unread: int
    last_in_at: datetime | None
    last_out_at: datetime | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt to hand something over, as far as it may be shown."""

    id: int
    at: datetime
    summary: str
    error: str | None
    request: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A stored request of a platform."""

    id: int
    received_at: datetime
    state: str
    error: str | None
    size: int
    body: str


def channel_health(tx: Tx, actor: Actor, channel_id: int) -> ChannelHealth:
    """The numbers of a channel that is known to exist."""
    require(actor, Permission.CHANNEL_READ)
    d = Delivery
    owed = tx.execute(
        select(func.count(), func.min(d.created_at)).where(
            d.channel_id == channel_id, d.state.in_(("queued", "sending"))
        )
    ).one()
    lately = select(func.count()).where(d.channel_id == channel_id, d.created_at > tx.now - DAY)
    unread = select(func.count()).where(Inbound.channel_id == channel_id, Inbound.state == "failed")
    seen = tx.execute(
        select(Channel.last_in_at, Channel.last_out_at, Channel.checked_at).where(Channel.id == channel_id)
    ).one()
    return ChannelHealth(
        owed=owed[0],
        oldest_seconds=0 if owed[1] is None else int((tx.now - owed[1]).total_seconds()),
        failed_today=tx.execute(lately.where(d.state == "failed")).scalar_one(),
        unknown=tx.execute(lately.where(d.state == "unknown")).scalar_one(),
        unread=tx.execute(unread).scalar_one(),
        last_in_at=seen.last_in_at,
        last_out_at=seen.last_out_at,
        checked_at=seen.checked_at,
    )


def exchanges(tx: Tx, actor: Actor, channel_id: int, *, failed: bool = False) -> list[Exchange]:
    """The newest attempts on a channel, or those that failed."""
    require(actor, Permission.JOURNAL_READ)
    log = ChannelLog
    wanted = select(log.id, log.at, log.summary, log.error, log.request, log.duration_ms).where(
        log.channel_id == channel_id
    )
    if failed:
        wanted = wanted.where(log.error.is_not(None))
    return [Exchange(*row) for row in tx.execute(wanted.order_by(log.id.desc()).limit(PAGE))]


def journal(tx: Tx, actor: Actor, channel_id: int, *, text: str = "", failed: bool = False) -> list[JournalLine]:
    """The newest bodies of a channel, those that could not be read, or those of the last SEARCHED with this text."""
    require(actor, Permission.JOURNAL_READ)
    wanted = select(Inbound.id, Inbound.received_at, Inbound.state, Inbound.error, Inbound.body).where(
        Inbound.channel_id == channel_id
    )
    if failed:
        wanted = wanted.where(Inbound.state == "failed")
    found = []
    for row in tx.execute(wanted.order_by(Inbound.id.desc()).limit(SEARCHED if text else PAGE)):
        body = row.body.decode(errors="replace")
        if text and not _holds(body, text):
            continue
        found.append(JournalLine(row.id, row.received_at, row.state, row.error, len(row.body), body[:SHOWN]))
        if len(found) == PAGE:
            break
    return found


def _holds(body: str, text: str) -> bool:
    """Whether a body has this text in it, written out or as JSON escapes it."""
    escaped = json.dumps(text)[1:-1]
    return text.casefold() in body.casefold() or escaped.casefold() in body.casefold()
