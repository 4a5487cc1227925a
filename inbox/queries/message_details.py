"""What stands in a bubble beside its text: files, cards, buttons, and a change that the platform did not take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

import connectors
from inbox.models import Amendment, Attachment, MessageCard, MessageEnvelope
from inbox.rules.lifecycle import DeliveryState, MessageKind
from inbox.runtime.database import Tx

_UNDER_WAY = (DeliveryState.SENDING, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a bubble. `state` is pending, ready or failed."""

    token: str
    kind: str
    name: str
    mime: str
    size: int | None
    width: int | None
    height: int | None
    state: str
    error: str | None

    @property
    def url(self) -> str:
        """Where its bytes are."""
        return f"/files/{self.token}"


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A place, a person, a link, a listing or a poll; see connectors.contract.Card."""

    kind: str
    title: str
    text: str
    url: str
    phone: str
    latitude: float | None
    longitude: float | None

    @property
    def map_url(self) -> str:
        """A map with the place marked; "" for what is no place."""
        if self.latitude is None or self.longitude is None:
            return ""
        here = f"{self.latitude:.6f}", f"{self.longitude:.6f}"
        return f"https://www.openstreetmap.org/?mlat={here[0]}&mlon={here[1]}#map=17/{here[0]}/{here[1]}"


_FILES = (
    Attachment.token,
    Attachment.kind,
    Attachment.name,
    Attachment.mime,
    Attachment.size,
    Attachment.width,
    Attachment.height,
    Attachment.state,
    Attachment.error,
)
_CARDS = tuple(getattr(MessageCard, name) for name in ShownCard.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around a letter; `has_original`: the whole of it can be opened."""

    subject: str
    cc: str
    bcc: str
    automatic: bool
    has_original: bool


@dataclass(frozen=True, slots=True)
class Details:
    """Of one message: `problem` says in words why its last change was not taken."""

    files: tuple[File, ...] = ()
    cards: tuple[ShownCard, ...] = ()
    problem: str | None = None
    envelope: Envelope | None = None


def message_details(tx: Tx, message_ids: Sequence[int]) -> dict[int, Details]:
    """The details of these messages, by id; each has its own, if only an empty one."""
    files: dict[int, list[File]] = {}
    cards: dict[int, list[ShownCard]] = {}
    problems: dict[int, str | None] = {}
    if message_ids:
        wanted = select(Attachment.message_id, *_FILES).where(Attachment.message_id.in_(message_ids))
        for message_id, *values in tx.execute(wanted.order_by(Attachment.id)):
            files.setdefault(message_id, []).append(File(*values))
        drawn = select(MessageCard.message_id, *_CARDS).where(MessageCard.message_id.in_(message_ids))
        for message_id, *values in tx.execute(drawn.order_by(MessageCard.id)):
            cards.setdefault(message_id, []).append(ShownCard(*values))
        changes = select(Amendment.message_id, Amendment.state, Amendment.error).where(
            Amendment.message_id.in_(message_ids)
        )
        for change in tx.execute(changes.order_by(Amendment.id)):
            problems[change.message_id] = (change.error or "") if change.state == "failed" else None
    envelopes = _envelopes(tx, message_ids)
    return {
        message_id: Details(
            tuple(files.get(message_id, ())),
            tuple(cards.get(message_id, ())),
            problems.get(message_id),
            envelopes.get(message_id),
        )
        for message_id in message_ids
    }


def _envelopes(tx: Tx, message_ids: Sequence[int]) -> dict[int, Envelope]:
    if not message_ids:
        return {}
    row = MessageEnvelope
    columns = (row.subject, row.cc, row.bcc, row.automatic, row.original_id.is_not(None))
    found = tx.execute(select(row.message_id, *columns).where(row.message_id.in_(message_ids)))
    return {message_id: Envelope(*values) for message_id, *values in found}


def message_abilities(kind: str, channel_kind: str, delivery_state: str | None) -> str:
    """What can still be done with a message of this channel: some of "edit delete react", in one text."""
    declared = connectors.find(channel_kind)
    if kind == MessageKind.INCOMING:
        return "react" if declared.react is not None else ""
    if kind != MessageKind.OUTGOING or delivery_state in _UNDER_WAY:
        return ""
    waits = delivery_state == DeliveryState.QUEUED
    found = ["edit"] if waits or declared.edit is not None else []
    if waits or delivery_state == DeliveryState.FAILED or declared.delete is not None:
        found.append("delete")
    return " ".join(found)
