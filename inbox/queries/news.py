"""What an agent should hear of at once: a client wrote, a mention, a dialog that was given, a target that is missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from inbox.models import Agent, Contact, Conversation, Message
from inbox.models.base import aliased
from inbox.queries.access import visible_conversations
from inbox.queries.event_log import Fact
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Role
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

# The more personal one speaks when several facts of one batch are about one dialog.
NEWSWORTHY = (
    EventKind.AGENT_MENTIONED,
    EventKind.SLA_BREACHED,
    EventKind.SLA_WARNED,
    EventKind.CONVERSATION_ASSIGNED,
    EventKind.MESSAGE_RECEIVED,
)
_SLA = (EventKind.SLA_BREACHED, EventKind.SLA_WARNED)
# The first warning changes the colour of the row; from this one on it is also heard.
HEARD_PERCENT = 80
_HEARS_BREACHES = frozenset({Role.MANAGER, Role.ADMIN})
# A tab that comes back after a lost connection hears of the last moments, not of the whole night.
FRESH = timedelta(seconds=60)
MOST_CHARACTERS = 140


@dataclass(frozen=True, slots=True)
class News:
    """One thing to hear of. `author` is the colleague who mentioned or gave; `text` is the message's beginning.

    `target` is the kind of target that is about to be missed, or was.
    """

    kind: EventKind
    conversation_id: int
    contact_id: int
    contact_name: str
    author: str | None
    text: str
    target: str | None = None


_Writer = aliased(Agent)
_WORDS = select(Message.text, _Writer.name).outerjoin(_Writer, _Writer.id == bindparam("writer"))
_MESSAGE = Lean(_WORDS.where(Message.id == bindparam("message")))
# A dialog that was given is told by what its client wrote last, the others by the message itself.
_LAST_WORDS = Lean(
    _WORDS.where(Message.conversation_id == bindparam("dialog"), Message.kind == "incoming")
    .order_by(Message.id.desc())
    .limit(1)
)


def news(tx: Tx, actors: Iterable[Actor], facts: Sequence[Fact]) -> dict[int, list[News]]:
    """What these facts are news of, by agent id; at most one thing per dialog, and never one's own doing."""
    fresh = [fact for fact in facts if fact.kind in NEWSWORTHY and tx.now - fact.at <= FRESH]
    fresh.sort(key=lambda fact: (NEWSWORTHY.index(fact.kind), fact.id))
    found: dict[int, list[News]] = {}
    for actor in actors:
        told: dict[int, News] = {}
        for fact in fresh:
            if fact.conversation_id is None or fact.conversation_id in told:
                continue
            dialog = _dialog_for(actor).first(tx, {"conversation": fact.conversation_id})
            if dialog is not None and _concerns(actor, fact, dialog.assignee_id):
                told[dialog.id] = _item(tx, fact, dialog)
        if told and actor.agent_id is not None:
            found[actor.agent_id] = list(told.values())
    return found


def _concerns(actor: Actor, fact: Fact, assignee_id: int | None) -> bool:
    if fact.kind is EventKind.MESSAGE_RECEIVED:
        return assignee_id is None or assignee_id == actor.agent_id
    if fact.kind is EventKind.SLA_BREACHED:
        return fact.agent_id == actor.agent_id or actor.role in _HEARS_BREACHES
    if fact.kind is EventKind.SLA_WARNED:
        heard = (fact.details or {}).get("percent", 0) >= HEARD_PERCENT
        return heard and fact.agent_id in (None, actor.agent_id)
    return fact.agent_id == actor.agent_id and fact.actor_id != actor.agent_id


@lru_cache(maxsize=256)
def _dialog_for(actor: Actor) -> Lean:
    """A dialog as this actor may see it."""
    columns = (Conversation.id, Conversation.contact_id, Conversation.assignee_id, Contact.name)
    dialog = select(*columns).join(Contact, Contact.id == Conversation.contact_id)
    return Lean(dialog.where(Conversation.id == bindparam("conversation"), visible_conversations(actor)))


def _item(tx: Tx, fact: Fact, dialog: Any) -> News:
    if fact.kind in (EventKind.CONVERSATION_ASSIGNED, *_SLA):
        row = _LAST_WORDS.first(tx, {"dialog": dialog.id, "writer": fact.actor_id})
    else:
        row = _MESSAGE.first(tx, {"message": fact.message_id, "writer": fact.actor_id})
    words, author = ("", None) if row is None else row
    text = " ".join(words.split())
    shown = text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
    of = (fact.details or {}).get("of") if fact.kind in _SLA else None
    return News(fact.kind, dialog.id, dialog.contact_id, dialog.name, author, shown, of)
