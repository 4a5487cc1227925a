"""Where an answer in a dialog goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from inbox.models import Address, Channel, Conversation, Message
from inbox.rules.lifecycle import MessageKind
from inbox.runtime.database import Tx

_LAST = (
    select(Message.external_id)
    .where(Message.conversation_id == Conversation.id, Message.kind == MessageKind.INCOMING.value)
    .order_by(Message.id.desc())
    .limit(1)
    .correlate(Conversation)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The address of a dialog with its channel; `config` is still locked. `last_incoming` is the last they wrote."""

    channel_kind: str
    config: dict[str, Any]
    external_id: str
    last_incoming: str | None


def reply_target(tx: Tx, conversation_id: int) -> ReplyTarget:
    """The target of a dialog that is known to exist."""
    row = tx.execute(
        select(Channel.kind, Channel.config, Address.external_id, _LAST)
        .join(Conversation, Conversation.channel_id == Channel.id)
        .join(Address, Address.id == Conversation.address_id)
        .where(Conversation.id == conversation_id)
    ).one()
    return ReplyTarget(*row)
