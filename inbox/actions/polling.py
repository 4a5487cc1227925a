"""Where a polled channel goes on from."""

from __future__ import annotations

from sqlalchemy import update

from inbox.models import Channel
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


def keep_cursor(tx: Tx, actor: Actor, channel_id: int, cursor: str | None) -> None:
    """Remember it, after everything before it is in the journal."""
    tx.execute(update(Channel).where(Channel.id == channel_id).values(poll_cursor=cursor))
