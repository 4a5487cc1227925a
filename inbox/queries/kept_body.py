"""One request of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from inbox.models import Inbound
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class KeptBody:
    """A request as it came."""

    headers: dict[str, str]
    body: bytes
    received_at: datetime


def kept_body(tx: Tx, inbound_id: int) -> KeptBody | None:
    """The request; None when the journal does not keep it any more."""
    wanted = select(Inbound.headers, Inbound.body, Inbound.received_at).where(Inbound.id == inbound_id)
    row = tx.execute(wanted).one_or_none()
    return None if row is None else KeptBody(*row)
