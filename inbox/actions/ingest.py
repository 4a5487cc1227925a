"""One request of a platform: journal first, then its events, in one transaction. No body is lost to our mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, select, update

from connectors.console_events import ConsoleEvent
from connectors.contract import InboundEvent
from inbox.actions.console_receive import receive_console_event
from inbox.actions.events import record
from inbox.actions.receive_changes import receive_event
from inbox.models import Channel, Inbound
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.insert_once import insert_once
from inbox.runtime.lean import Lean

_HEARD = update(Channel).where(Channel.id == bindparam("channel")).values(last_in_at=bindparam("moment"))


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What the journal keeps: the body as it came, and the headers that its signature needs."""

    dedupe_key: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime


def ingest(
    tx: Tx,
    actor: Actor,
    channel_id: int,
    raw: RawRequest,
    events: Sequence[InboundEvent],
    error: str | None = None,
    console: Sequence[ConsoleEvent] = (),
) -> bool:
    """Store a request and apply its events; False for a request that is here already, which changes nothing.

    With `error` the body could not be read, or not all of it: it is kept as failed and can be replayed after a fix,
    which repeats no event that was applied.
    """
    values = {
        "channel_id": channel_id,
        "dedupe_key": raw.dedupe_key,
        "received_at": raw.received_at,
        "headers": raw.headers,
        "body": raw.body,
        "state": "done" if error is None else "failed",
        "error": error,
        "processed_at": tx.now,
    }
    inbound_id = _insert(tx.connection.dialect.name).scalar(tx, values)
    if inbound_id is None:
        return False
    if error is not None:
        record(tx, actor, EventKind.INBOUND_FAILED, channel_id=channel_id, details={"inbound_id": inbound_id})
    for event in events:
        receive_event(tx, actor, channel_id, event, inbound_id)
    for done in console:
        receive_console_event(tx, actor, channel_id, done)
    return True


@cache
def _insert(dialect: str) -> Lean:
    return Lean(insert_once(dialect, Inbound, ("channel_id", "dedupe_key")).returning(Inbound.id))


def note_heard(tx: Tx, actor: Actor, channel_id: int) -> None:
    """Remember when a channel was last heard; called now and then, not for every message."""
    tx.execute(_HEARD, {"channel": channel_id, "moment": tx.now})


def replayed(
    tx: Tx,
    actor: Actor,
    inbound_id: int,
    events: Sequence[InboundEvent],
    error: str | None,
    console: Sequence[ConsoleEvent] = (),
) -> None:
    """Apply a kept body again after a fix. What is here already stays as it is: every event knows its own id."""
    channel_id = tx.execute(select(Inbound.channel_id).where(Inbound.id == inbound_id)).scalar_one()
    for event in events:
        receive_event(tx, Actor.channel(channel_id), channel_id, event, inbound_id)
    for done in console:
        receive_console_event(tx, Actor.channel(channel_id), channel_id, done)
    state = "done" if error is None else "failed"
    kept = update(Inbound).where(Inbound.id == inbound_id)
    tx.execute(kept.values(state=state, error=error, processed_at=tx.now))
    record(tx, actor, EventKind.INBOUND_REPLAYED, channel_id=channel_id, details={"inbound_id": inbound_id})
