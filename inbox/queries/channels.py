"""Connected channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from inbox.models import Channel, Inbound
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

CHECK_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel as the machinery needs it; `config` is still locked."""

    id: int
    kind: str
    name: str
    token: str
    config: dict[str, Any]
    state: str
    state_reason: str | None
    business_hours_id: int | None
    assignment_mode: str | None
    first_response_target_seconds: int | None
    next_response_target_seconds: int | None
    created_at: datetime
    last_in_at: datetime | None
    last_out_at: datetime | None
    poll_cursor: str | None
    checked_at: datetime | None
    facts: list[list[str]] | None


_COLUMNS = tuple(getattr(Channel, name) for name in ChannelRow.__dataclass_fields__)
_ALIVE: Select[Any] = select(*_COLUMNS).where(Channel.removed_at.is_(None))


def channel_by_token(tx: Tx, kind: str, token: str) -> ChannelRow | None:
    """The channel of a webhook's address; None when there is none."""
    row = tx.execute(_ALIVE.where(Channel.kind == kind, Channel.token == token)).one_or_none()
    return None if row is None else ChannelRow(*row)


def channel_by_id(tx: Tx, actor: Actor, channel_id: int) -> ChannelRow:
    """One channel for its page; raises NotFound."""
    require(actor, Permission.CHANNEL_READ)
    return channel_for_work(tx, channel_id)


def channel_for_work(tx: Tx, channel_id: int) -> ChannelRow:
    """One channel for the worker; raises NotFound when it was removed."""
    row = tx.execute(_ALIVE.where(Channel.id == channel_id)).one_or_none()
    if row is None:
        raise NotFound
    return ChannelRow(*row)


def working_channels(tx: Tx) -> list[ChannelRow]:
    """Every connected channel that does not wait for an administrator, for the worker."""
    return [ChannelRow(*row) for row in tx.execute(_ALIVE.where(Channel.state != "reconnect").order_by(Channel.id))]


def channels_of_kind(tx: Tx, kind: str) -> list[ChannelRow]:
    """The connected accounts of one kind."""
    return [ChannelRow(*row) for row in tx.execute(_ALIVE.where(Channel.kind == kind))]


def channels_to_check(tx: Tx) -> list[ChannelRow]:
    """Channels that nobody asked for CHECK_EVERY, whatever their state: what was broken may work again."""
    due = Channel.checked_at.is_(None) | (Channel.checked_at < tx.now - CHECK_EVERY)
    return [ChannelRow(*row) for row in tx.execute(_ALIVE.where(due).order_by(Channel.checked_at).limit(20))]


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel in the list, with how many bodies of it could not be read."""

    channel: ChannelRow
    failed: int


def channel_list(tx: Tx, actor: Actor) -> list[ChannelLine]:
    """All connected channels by age."""
    require(actor, Permission.CHANNEL_READ)
    counted = select(Inbound.channel_id, func.count()).where(Inbound.state == "failed").group_by(Inbound.channel_id)
    failed: dict[int, int] = {row.channel_id: row[1] for row in tx.execute(counted)}
    rows = [ChannelRow(*row) for row in tx.execute(_ALIVE.order_by(Channel.id))]
    return [ChannelLine(row, failed.get(row.id, 0)) for row in rows]
