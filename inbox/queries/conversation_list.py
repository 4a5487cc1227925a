"""The queue: one page of rows of one view, ready to draw, and the single row that the stream redraws.

Pages are cut by row values, never by OFFSET, so the last page costs what the first one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, true

from inbox.models import (
    Conversation,
    ConversationTag,
    LeadSource,
)
from inbox.models.base import from_milliseconds, to_milliseconds
from inbox.queries.access import visible_conversations
from inbox.queries.counters import mentioned_in
from inbox.queries.queue_rows import Row, rows_of
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

PAGE = 50


class QueueView(StrEnum):
    """Which conversations a list shows."""

    WAITING = "waiting"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    MENTIONS = "mentions"


class Order(StrEnum):
    """Oldest: who waits longest first. Newest: the latest message first. Deadline: whose target runs out first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    DEADLINE = "deadline"


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
class Queue:
    """A page of the queue; `after` continues it (None: this was the last)."""

    filter: QueueFilter
    rows: tuple[Row, ...]
    after: str | None


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


def _parts(wanted: QueueFilter, actor: Actor) -> list[_Part]:
    """The stretches of a view in the order of the screen."""
    c = Conversation
    if wanted.view is QueueView.SNOOZED:
        return [_Part(c.status == literal_column("'snoozed'"), c.snoozed_until, rising=True)]
    if wanted.view is QueueView.RESOLVED:
        return [_Part(c.status == literal_column("'resolved'"), c.resolved_at, rising=False)]
    if wanted.view is QueueView.MENTIONS:
        return [_Part(c.id.in_(mentioned_in(actor)), c.last_message_at, rising=False)]
    owner = {
        QueueView.MINE: c.assignee_id == actor.agent_id,
        QueueView.UNASSIGNED: c.assignee_id.is_(None),
    }.get(wanted.view, true())
    if wanted.order is Order.DEADLINE:
        return _by_deadline(owner, wanted.view)
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


def _by_deadline(owner: Any, view: QueueView) -> list[_Part]:
    """Whose deadline is nearest, then who waits without one, then the others by their newest message."""
    c = Conversation
    with_deadline, without = c.due_at.is_not(None), c.due_at.is_(None)
    if view is QueueView.WAITING:
        return [
            _Part(and_(_OPEN, _WAITS, with_deadline), c.due_at, rising=True),
            _Part(and_(_OPEN, _WAITS, without), c.waiting_since, rising=True),
        ]
    return [
        _Part(and_(_OPEN, owner, with_deadline), c.due_at, rising=True),
        _Part(and_(_OPEN, owner, without, _WAITS), c.waiting_since, rising=True),
        _Part(and_(_OPEN, owner, without, _ANSWERED), c.last_message_at, rising=False),
    ]


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
