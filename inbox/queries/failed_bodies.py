"""Bodies of the journal that could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from inbox.models import Channel, Inbound
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class FailedBody:
    """A kept request with what is needed to read it again."""

    inbound_id: int
    channel_kind: str
    config: dict[str, Any]
    headers: dict[str, str]
    body: bytes
    received_at: datetime


def failed_bodies(tx: Tx, channel_id: int | None = None, inbound_id: int | None = None) -> list[FailedBody]:
    """Failed requests of live channels, oldest first; `inbound_id` asks for one of them."""
    statement = (
        select(Inbound.id, Channel.kind, Channel.config, Inbound.headers, Inbound.body, Inbound.received_at)
        .join(Channel, Channel.id == Inbound.channel_id)
        .where(Inbound.state == "failed", Channel.removed_at.is_(None))
        .order_by(Inbound.id)
    )
    if channel_id is not None:
        statement = statement.where(Inbound.channel_id == channel_id)
    if inbound_id is not None:
        statement = statement.where(Inbound.id == inbound_id)
    return [FailedBody(*row) for row in tx.execute(statement)]
