"""The queue: one page of rows of one view, ready to draw, and the single row that the stream redraws.

Pages are cut by row values, never by OFFSET, so the last page costs what the first one does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select, true
from sqlalchemy.orm import aliased

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
    Tag,
)
from inbox.models.base import from_milliseconds, to_milliseconds
from inbox.queries.access import visible_conversations
from inbox.queries.targets import FIRST_TARGET, NEXT_TARGET
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

PAGE = 50


class QueueView(StrEnum):
    """Which conversations a list shows."""

    WAITING = "waiting"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Order(StrEnum):
    """Oldest: who waits longest first. Newest: the latest message first."""

    OLDEST = "oldest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What narrows a view; None means any. `source` is the lead source's name ("yandex")."""

    view: QueueView = QueueView.WAITING
    order: Order = Order.OLDEST
    channel_id: int | None = None
    assignee_id: int | None = None
    tag_id: int | None = None
    source: str | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything but the view is chosen."""
        return any((self.channel_id, self.assignee_id, self.tag_id, self.source))


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
    tags: tuple[TagChip, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue; `after` continues it (None: this was the last)."""

    filter: QueueFilter
    rows: tuple[Row, ...]
    after: str | None


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
    )
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Channel, Channel.id == Conversation.channel_id)
    .outerjoin(Agent, Agent.id == Conversation.assignee_id)
    .outerjoin(Message, Message.id == Conversation.last_message_id)
    .outerjoin(_Author, _Author.id == Message.agent_id)
    .outerjoin(Delivery, Delivery.message_id == Message.id)
    .outerjoin(LeadSource, LeadSource.id == Conversation.lead_source_id)
)
_TAGS = select(ConversationTag.conversation_id, Tag.id, Tag.name).join(Tag, Tag.id == ConversationTag.tag_id)
_TAGS_OF_ONE = Lean(_TAGS.where(ConversationTag.conversation_id == bindparam("conversation")))


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a view with one order, so that an index can serve it."""

    condition: ColumnElement[bool]
    column: Any
    rising: bool


# Statuses are literals in the SQL: a bound value would keep SQLite from using its partial indexes.
_OPEN = Conversation.status == literal_column("'open'")
_WAITS = Conversation.waiting_since.is_not(None)
_ANSWERED = Conversation.waiting_since.is_(None)


def conversation_list(tx: Tx, actor: Actor, wanted: QueueFilter, after: str | None = None) -> Queue:
    """One page of a view. `after` is the mark that the previous page gave; a broken one starts from the beginning."""
    visible = [*_narrow(wanted), visible_conversations(actor)]
    parts = _parts(wanted, actor)
    first, moment, number = _read_mark(after, len(parts))
    found: list[tuple[int, datetime, int]] = []
    for index in range(first, len(parts)):
        part = parts[index]
        statement = select(part.column, Conversation.id).where(part.condition, *visible)
        if index == first and moment is not None:
            statement = statement.where(_beyond(part, moment, number))
        order = (part.column, Conversation.id) if part.rising else (part.column.desc(), Conversation.id.desc())
        rows = tx.execute(statement.order_by(*order).limit(PAGE + 1 - len(found)))
        found += [(index, *row) for row in rows]
        if len(found) > PAGE:
            break
    page = found[:PAGE]
    mark = f"{page[-1][0]}.{to_milliseconds(page[-1][1])}.{page[-1][2]}" if len(found) > PAGE else None
    return Queue(wanted, rows_of(tx, [entry[2] for entry in page]), mark)


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
        target_seconds=row.first_target if row.turn_count <= 1 else row.next_target,
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
        tags=tags,
    )


def _parts(wanted: QueueFilter, actor: Actor) -> list[_Part]:
    """The stretches of a view in the order of the screen."""
    c = Conversation
    if wanted.view is QueueView.SNOOZED:
        return [_Part(c.status == literal_column("'snoozed'"), c.snoozed_until, rising=True)]
    if wanted.view is QueueView.RESOLVED:
        return [_Part(c.status == literal_column("'resolved'"), c.resolved_at, rising=False)]
    owner = {
        QueueView.MINE: c.assignee_id == actor.agent_id,
        QueueView.UNASSIGNED: c.assignee_id.is_(None),
    }.get(wanted.view, true())
    if wanted.view is QueueView.WAITING:
        by_wait = wanted.order is Order.OLDEST
        return [_Part(and_(_OPEN, _WAITS), c.waiting_since if by_wait else c.last_message_at, rising=by_wait)]
    if wanted.order is Order.NEWEST:
        return [_Part(and_(_OPEN, owner), c.last_message_at, rising=False)]
    return [
        _Part(and_(_OPEN, owner, _WAITS), c.waiting_since, rising=True),
        _Part(and_(_OPEN, owner, _ANSWERED), c.last_message_at, rising=False),
    ]


def _narrow(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    c = Conversation
    conditions: list[ColumnElement[bool]] = []
    if wanted.channel_id is not None:
        conditions.append(c.channel_id == wanted.channel_id)
    if wanted.assignee_id is not None:
        conditions.append(c.assignee_id == wanted.assignee_id)
    if wanted.tag_id is not None:
        tagged = select(ConversationTag.conversation_id).where(ConversationTag.tag_id == wanted.tag_id)
        conditions.append(c.id.in_(tagged))
    if wanted.source is not None:
        conditions.append(c.lead_source_id.in_(select(LeadSource.id).where(LeadSource.source == wanted.source)))
    return conditions


def _beyond(part: _Part, moment: datetime, number: int) -> ColumnElement[bool]:
    column, key = part.column, Conversation.id
    if part.rising:
        return or_(column > moment, and_(column == moment, key > number))
    return or_(column < moment, and_(column == moment, key < number))


def _read_mark(mark: str | None, parts: int) -> tuple[int, datetime | None, int]:
    """The place a page ended: part, moment, id. Marks come back from browsers, so anything odd means the beginning."""
    pieces = (mark or "").split(".")
    if len(pieces) != 3 or not all(piece.isascii() and piece.isdigit() and len(piece) < 16 for piece in pieces):
        return 0, None, 0
    part, moment, number = map(int, pieces)
    return (part, from_milliseconds(moment), number) if part < parts else (0, None, 0)
