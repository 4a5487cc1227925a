"""How a visitor's dialog stands: who answers it, how far it was read, whether anybody is there.

It is asked for after every message of every open chat, so its statements are lean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from inbox.models import Agent, Contact, Conversation, Delivery, Message
from inbox.queries.candidates import PRESENCE_SECONDS
from inbox.queries.hours import channel_hours
from inbox.rules.business_hours import is_open, next_open
from inbox.rules.lifecycle import MessageKind, Status
from inbox.rules.ratings import still_asks
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean
from widget.protocol import State


@dataclass(frozen=True, slots=True)
class Desk:
    """Whether anybody is behind the chat now. `opens_at` is in milliseconds."""

    online: bool
    open: bool
    opens_at: int | None


@dataclass(frozen=True, slots=True)
class Staff:
    """The desk, and until when an agent's screen was live: the queue shows there what was stored before."""

    desk: Desk
    live_until: datetime | None


_HERE = Lean(
    select(Agent.id)
    .where(Agent.last_seen_at >= bindparam("seen"), Agent.status == "available", Agent.deactivated_at.is_(None))
    .limit(1)
)
_LAST_SEEN = Lean(select(func.max(Agent.last_seen_at)).where(Agent.deactivated_at.is_(None)))


def desk(tx: Tx, channel_id: int) -> Desk:
    """Whether an agent is at the screen and whether these are working hours."""
    online = _HERE.scalar(tx, {"seen": tx.now - timedelta(seconds=PRESENCE_SECONDS)}) is not None
    hours = channel_hours(tx, channel_id)
    if hours is None or is_open(hours, tx.now):
        return Desk(online, True, None)
    opens = next_open(hours, tx.now, horizon_days=30)
    return Desk(online, False, None if opens is None else int(opens.timestamp() * 1000))


def staff(tx: Tx, channel_id: int) -> Staff:
    """Who is behind a channel; the same for all of its visitors."""
    last = _LAST_SEEN.scalar(tx, {})
    return Staff(desk(tx, channel_id), None if last is None else last + timedelta(seconds=PRESENCE_SECONDS))


# What was read in the newest dialog, and in the one before it while the newest is young.
_LATEST = Message.conversation_id.in_([bindparam("dialog"), bindparam("before")])
_ID = func.max(Message.id)
# Whoever answers has read what stands above.
_ANSWERED = select(_ID).where(_LATEST, Message.kind == MessageKind.OUTGOING.value, Message.agent_id.is_not(None))
_SHOWN = select(_ID).where(_LATEST, Message.kind == MessageKind.INCOMING.value, Message.created_at <= bindparam("live"))
_SEEN = select(_ID).join(Delivery, Delivery.message_id == Message.id).where(_LATEST, Delivery.read_at.is_not(None))
_HEAD = Lean(
    select(
        Conversation.status,
        Conversation.client_seen_message_id.label("opened"),
        Conversation.rating,
        Conversation.rating_asked_at.label("asked"),
        Agent.name,
        func.coalesce(Contact.phone, Contact.email).label("reach"),
        _ANSWERED.scalar_subquery().label("answered"),
        _SHOWN.scalar_subquery().label("shown"),
        _SEEN.scalar_subquery().label("seen"),
    )
    .join(Contact, Contact.id == Conversation.contact_id)
    .outerjoin(Agent, Agent.id == Conversation.assignee_id)
    .where(Conversation.id == bindparam("dialog"))
)


def state_of(tx: Tx, dialogs: Sequence[int], by: Staff) -> State:
    """How the first of these dialogs (the newest first) stands; without any it is a visitor who never wrote."""
    here = by.desk
    if not dialogs:
        return State(online=here.online, open=here.open, opens_at=here.opens_at)
    before = dialogs[1] if len(dialogs) > 1 else dialogs[0]
    head = _HEAD.first(tx, {"dialog": dialogs[0], "before": before, "live": by.live_until})
    read = max(head.opened or 0, head.answered or 0)
    resolved = head.status == Status.RESOLVED.value
    return State(
        status="resolved" if resolved else "open",
        delivered=max(read, head.shown or 0),
        read=read,
        seen=head.seen or 0,
        agent=head.name,
        online=here.online,
        open=here.open,
        opens_at=here.opens_at,
        reach=bool(head.reach),
        rate=resolved and still_asks(head.rating, head.asked, tx.now),
    )
