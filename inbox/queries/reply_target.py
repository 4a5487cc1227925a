"""Where an answer in a dialog goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from inbox.models import Address, Channel, Conversation
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The address of a dialog with its channel; `config` is still locked."""

    channel_kind: str
    config: dict[str, Any]
    external_id: str


def reply_target(tx: Tx, conversation_id: int) -> ReplyTarget:
    """The target of a dialog that is known to exist."""
    row = tx.execute(
        select(Channel.kind, Channel.config, Address.external_id)
        .join(Conversation, Conversation.channel_id == Channel.id)
        .join(Address, Address.id == Conversation.address_id)
        .where(Conversation.id == conversation_id)
    ).one()
    return ReplyTarget(*row)
