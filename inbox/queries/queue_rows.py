"""Rows of the queue: one conversation each, with everything the row partial draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select

from inbox.models import (
    Agent,
    Attachment,
    Channel,
    Contact,
    Conversation,
    ConversationTag,
    Delivery,
    LeadSource,
    Message,
    SlaClock,
    Tag,
)
from inbox.models.base import aliased
from inbox.queries.access import visible_conversations
from inbox.queries.targets import FIRST_TARGET, NEXT_TARGET
from inbox.rules.permissions import Actor
from inbox.rules.sla import RESPONSES
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean


@dataclass(frozen=True, slots=True)
class TagChip:
    """A tag as a chip."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue. Everything the row partial draws, nothing of who looks."""

    id: int
    contact_id: int
    contact_name: str
    contact_picture: str | None
    channel_kind: str
    channel_name: str
    status: str
    assignee_id: int | None
    assignee_name: str | None
    waiting_since: datetime | None
    waiting_seconds: int
    target_seconds: int
    snoozed_until: datetime | None
    last_at: datetime
    last_kind: str | None
    last_text: str
    last_author_id: int | None
    last_author: str | None
    last_files: int
    delivery_state: str | None
    source_kind: str | None
    source_label: str | None
    priority: str
    due_at: datetime | None
    due_of: str | None
    due_target_seconds: int
    tags: tuple[TagChip, ...]


_Author = aliased(Agent)
_FILES = select(func.count()).where(Attachment.message_id == Message.id).correlate(Message).scalar_subquery()
_ROWS = (
    select(
        Conversation.id,
        Conversation.contact_id,
        Contact.name.label("contact_name"),
        Contact.picture_key,
        Channel.kind.label("channel_kind"),
        Channel.name.label("channel_name"),
        Conversation.status,
        Conversation.assignee_id,
        Agent.name.label("assignee_name"),
        Conversation.waiting_since,
        Conversation.turn_count,
        FIRST_TARGET.label("first_target"),
        NEXT_TARGET.label("next_target"),
        Conversation.snoozed_until,
        Conversation.last_message_at,
        Message.kind.label("last_kind"),
        func.substr(Message.text, 1, 200).label("last_text"),
        Message.agent_id.label("last_author_id"),
        _Author.name.label("last_author"),
        _FILES.label("last_files"),
        Delivery.state.label("delivery_state"),
        LeadSource.kind.label("source_kind"),
        LeadSource.label.label("source_label"),
        Conversation.priority,
        Conversation.due_at,
        SlaClock.kind.label("due_of"),
        SlaClock.target_seconds.label("due_target"),
    )
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Channel, Channel.id == Conversation.channel_id)
    .outerjoin(Agent, Agent.id == Conversation.assignee_id)
    .outerjoin(Message, Message.id == Conversation.last_message_id)
    .outerjoin(_Author, _Author.id == Message.agent_id)
    .outerjoin(Delivery, Delivery.message_id == Message.id)
    .outerjoin(LeadSource, LeadSource.id == Conversation.lead_source_id)
    .outerjoin(
        SlaClock,
        (SlaClock.conversation_id == Conversation.id)
        & SlaClock.stopped_at.is_(None)
        & (SlaClock.due_at == Conversation.due_at),
    )
)
_TAGS = select(ConversationTag.conversation_id, Tag.id, Tag.name).join(Tag, Tag.id == ConversationTag.tag_id)
_TAGS_OF_ONE = Lean(_TAGS.where(ConversationTag.conversation_id == bindparam("conversation")))


def conversation_row(tx: Tx, actor: Actor, conversation_id: int) -> Row | None:
    """The row of one conversation; None when it may not be seen or is not there."""
    of = {"conversation": conversation_id}
    row = _row_for(actor).first(tx, of)
    return None if row is None else _row(tx, row, tuple(TagChip(*tag[1:]) for tag in _TAGS_OF_ONE.rows(tx, of)))


@lru_cache(maxsize=256)
def _row_for(actor: Actor) -> Lean:
    """A single row as this actor may see it: the stream draws one after every message."""
    return Lean(_ROWS.where(Conversation.id == bindparam("conversation"), visible_conversations(actor)))


def rows_of(tx: Tx, ids: Sequence[int]) -> tuple[Row, ...]:
    """The rows of these conversations in the given order."""
    if not ids:
        return ()
    tags: dict[int, list[TagChip]] = {}
    for conversation_id, tag_id, name in tx.execute(_TAGS.where(ConversationTag.conversation_id.in_(ids))):
        tags.setdefault(conversation_id, []).append(TagChip(tag_id, name))
    found = {row.id: row for row in tx.execute(_ROWS.where(Conversation.id.in_(ids)))}
    return tuple(_row(tx, found[key], tuple(tags.get(key, ()))) for key in ids if key in found)


def _row(tx: Tx, row: Any, tags: tuple[TagChip, ...]) -> Row:
    waiting = row.waiting_since
    return Row(
        id=row.id,
        contact_id=row.contact_id,
        contact_name=row.contact_name,
        contact_picture=row.picture_key,
        channel_kind=row.channel_kind,
        channel_name=row.channel_name,
        status=row.status,
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name,
        waiting_since=waiting,
        waiting_seconds=0 if waiting is None else int((tx.now - waiting).total_seconds()),
        target_seconds=_target(row),
        snoozed_until=row.snoozed_until,
        last_at=row.last_message_at,
        last_kind=row.last_kind,
        last_text=row.last_text or "",
        last_author_id=row.last_author_id,
        last_author=row.last_author,
        last_files=row.last_files or 0,
        delivery_state=row.delivery_state,
        source_kind=row.source_kind,
        source_label=row.source_label,
        priority=row.priority,
        due_at=row.due_at,
        due_of=row.due_of,
        due_target_seconds=row.due_target or 0,
        tags=tags,
    )


def _target(row: Any) -> int:
    """What the wait is coloured by: its own target, else the channel's or the company's."""
    if row.due_of in RESPONSES:
        return int(row.due_target)
    return int(row.first_target if row.turn_count <= 1 else row.next_target)
