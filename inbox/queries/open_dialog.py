"""The dialog that an address has open."""

from __future__ import annotations

from sqlalchemy import select

from inbox.models import Address, Conversation
from inbox.runtime.database import Tx


def open_dialog(tx: Tx, channel_id: int, external_id: str) -> int | None:
    """The conversation of an address that is not resolved; None when there is none."""
    return tx.execute(
        select(Conversation.id)
        .join(Address, Address.id == Conversation.address_id)
        .where(Address.channel_id == channel_id, Address.external_id == external_id, Conversation.status != "resolved")
    ).scalar_one_or_none()
