"""The message behind a platform's id: its first id, or that of a further part (an album's picture, a second piece)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from inbox.models import Message, MessagePart
from inbox.runtime.database import Tx

_COLUMNS = (Message.id, Message.conversation_id)
_FIRST = select(*_COLUMNS).where(
    Message.channel_id == bindparam("channel"), Message.external_id == bindparam("external")
)
_PART = (
    select(*_COLUMNS)
    .join(MessagePart, MessagePart.message_id == Message.id)
    .where(MessagePart.channel_id == bindparam("channel"), MessagePart.external_id == bindparam("external"))
)
_FIRST_ID = select(Message.external_id).where(Message.id == bindparam("message"))
_FURTHER_IDS = (
    select(MessagePart.external_id).where(MessagePart.message_id == bindparam("message")).order_by(MessagePart.position)
)


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """Where a message is."""

    id: int
    conversation_id: int


def known_message(tx: Tx, channel_id: int, external_id: str) -> KnownMessage | None:
    """The message that a platform calls so on this channel; None when we do not have it."""
    wanted = {"channel": channel_id, "external": external_id}
    row = tx.execute(_FIRST, wanted).one_or_none() or tx.execute(_PART, wanted).one_or_none()
    return None if row is None else KnownMessage(*row)


def external_ids(tx: Tx, message_id: int) -> tuple[str, ...]:
    """Every id that the platform has given to a message, in the order of its parts; () before it has any."""
    first = tx.execute(_FIRST_ID, {"message": message_id}).scalar_one_or_none()
    if first is None:
        return ()
    return (first, *tx.execute(_FURTHER_IDS, {"message": message_id}).scalars())
