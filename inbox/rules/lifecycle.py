"""The states of a conversation and of a delivery, and which change may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where a conversation stands. PENDING means that a bot has it."""

    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    PENDING = "pending"


class MessageKind(StrEnum):
    """What an item of a conversation is."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    NOTE = "note"
    ACTIVITY = "activity"


class MomentKind(StrEnum):
    """What of a dialog's course the reports count."""

    NEW = "new"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class DeliveryState(StrEnum):
    """How far an outgoing message has come.

    SENDING: a worker holds it. UNKNOWN: the platform may or may not have it (a crash between sending and marking),
    so an agent decides. FAILED: it did not go out.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.OPEN, Status.SNOOZED, Status.RESOLVED}),
    Status.OPEN: frozenset({Status.SNOOZED, Status.RESOLVED, Status.PENDING}),
    Status.SNOOZED: frozenset({Status.OPEN, Status.RESOLVED, Status.SNOOZED}),
    Status.RESOLVED: frozenset({Status.OPEN}),
}

_PROGRESS: Mapping[DeliveryState, int] = {
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.UNKNOWN: 2,
    DeliveryState.SENT: 3,
    DeliveryState.DELIVERED: 4,
    DeliveryState.READ: 5,
}
# What a platform reports about a message after it was handed over; such news outweighs our own failure.
_PROOFS = frozenset({DeliveryState.DELIVERED, DeliveryState.READ})


def may_become(old: Status, new: Status) -> bool:
    """Whether a conversation may go from one status to the other. A snoozed one may be snoozed anew."""
    return new in TRANSITIONS[old]


def advances(old: DeliveryState | str, new: DeliveryState | str) -> bool:
    """Whether news about a delivery moves it on; late, repeated and backward news does not.

    A failure ends it, unless the platform later proves that the message did arrive. A message that is known to have
    arrived cannot fail any more. An agent's retry is not news: it puts the delivery back to QUEUED directly.
    """
    old, new = DeliveryState(old), DeliveryState(new)
    if old is DeliveryState.FAILED:
        return new in _PROOFS
    if new is DeliveryState.FAILED:
        return old not in _PROOFS
    return _PROGRESS[new] > _PROGRESS[old]


def reopens(resolved_at: datetime | None, now: datetime, window_seconds: int) -> bool:
    """Whether a client's message reopens their last resolved conversation instead of starting a new one.

    The window is closed at its end: at exactly `window_seconds` it no longer reopens. Zero switches reopening off.
    """
    if resolved_at is None:
        return False
    return (now - resolved_at).total_seconds() < window_seconds
