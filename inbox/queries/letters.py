"""What a dialog's letters are about and who gets them: for the composer, and for handing an answer over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from inbox.models import Channel, Inbound, Message, MessageEnvelope
from inbox.queries.access import message_conversation
from inbox.rules.errors import NotFound
from inbox.rules.letters import answer_subject, split_addresses
from inbox.rules.lifecycle import MessageKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# Message ids that an answer names as its thread.
THREAD = 12


@dataclass(frozen=True, slots=True)
class AnswerEnvelope:
    """What an answer is about, and who else should get it."""

    subject: str
    cc: str


@dataclass(frozen=True, slots=True)
class OwedLetter:
    """What an owed message needs to be a letter; `thread` are the ids of the dialog's newest messages before it."""

    subject: str = ""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptOriginal:
    """The body in the journal that holds the whole of a message."""

    channel_kind: str
    config: dict[str, Any]
    headers: dict[str, str]
    body: bytes
    received_at: datetime


def answer_envelope(tx: Tx, conversation_id: int) -> AnswerEnvelope:
    """The subject and the copies of the client's last letter, as an answer to it has them."""
    row = tx.execute(
        select(MessageEnvelope.subject, MessageEnvelope.cc)
        .join(Message, Message.id == MessageEnvelope.message_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.kind == MessageKind.INCOMING.value,
            MessageEnvelope.automatic.is_(False),
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).one_or_none()
    return AnswerEnvelope("", "") if row is None else AnswerEnvelope(answer_subject(row.subject), row.cc)


def owed_letter(tx: Tx, message_id: int, conversation_id: int) -> OwedLetter:
    """The letter around a message; what nobody addressed answers the client's last letter."""
    envelope = MessageEnvelope
    kept = select(envelope.subject, envelope.cc, envelope.bcc).where(envelope.message_id == message_id)
    row = tx.execute(kept).one_or_none()
    thread = _thread(tx, conversation_id, message_id)
    if row is None:
        return OwedLetter(answer_envelope(tx, conversation_id).subject, thread=thread)
    return OwedLetter(row.subject, split_addresses(row.cc), split_addresses(row.bcc), thread)


def kept_original(tx: Tx, actor: Actor, message_id: int) -> KeptOriginal:
    """The whole of a message; raises NotFound when its bubble is the whole."""
    message_conversation(tx, actor, message_id)
    row = tx.execute(
        select(Channel.kind, Channel.config, Inbound.headers, Inbound.body, Inbound.received_at)
        .join(MessageEnvelope, MessageEnvelope.original_id == Inbound.id)
        .join(Channel, Channel.id == Inbound.channel_id)
        .where(MessageEnvelope.message_id == message_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return KeptOriginal(*row)


def _thread(tx: Tx, conversation_id: int, before_id: int) -> tuple[str, ...]:
    found = tx.execute(
        select(Message.external_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.id < before_id,
            Message.external_id.is_not(None),
            Message.kind.in_((MessageKind.INCOMING.value, MessageKind.OUTGOING.value)),
        )
        .order_by(Message.id.desc())
        .limit(THREAD)
    )
    return tuple(str(name) for name in reversed(found.scalars().all()))
