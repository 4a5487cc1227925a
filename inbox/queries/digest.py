"""The manager's morning: who waits now, who was lost yesterday, the slowest answers, where the dialogs came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, literal_column, select

from inbox.models import Contact, Conversation, LeadSource, Turn
from inbox.queries.report_filter import local_midnight
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

SLOWEST = 5
SOURCES = 5


@dataclass(frozen=True, slots=True)
class SlowAnswer:
    """One wait of yesterday; `seconds` of the clock."""

    conversation_id: int
    client: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The numbers of one morning. `lost` counts waits of yesterday that ended without an answer."""

    waiting: int
    oldest_since: datetime | None
    lost: int
    answered: int
    slowest: tuple[SlowAnswer, ...]
    sources: tuple[tuple[str, int], ...]


def digest(tx: Tx, actor: Actor, time_zone: str) -> Digest:
    """What a manager of this zone should know this morning; "yesterday" is the day before today there."""
    require(actor, Permission.REPORT_READ)
    today = tx.now.astimezone(zone(time_zone)).date()
    start, end = local_midnight(today - timedelta(days=1), time_zone), local_midnight(today, time_zone)
    waiting = tx.execute(
        select(func.count(), func.min(Conversation.waiting_since)).where(
            Conversation.status == "open", Conversation.waiting_since.is_not(None)
        )
    ).one()
    yesterday = (Turn.opened_at >= start, Turn.opened_at < end)
    lost = select(func.count()).where(*yesterday, Turn.outcome == "unanswered")
    answered = select(func.count()).where(*yesterday, Turn.outcome == "answered")
    return Digest(
        waiting=int(waiting[0]),
        oldest_since=waiting[1],
        lost=int(tx.execute(lost.select_from(Turn)).scalar_one()),
        answered=int(tx.execute(answered.select_from(Turn)).scalar_one()),
        slowest=_slowest(tx, start, end),
        sources=_sources(tx, start, end),
    )


def _slowest(tx: Tx, start: datetime, end: datetime) -> tuple[SlowAnswer, ...]:
    rows = tx.execute(
        select(Turn.conversation_id, Contact.name, Turn.clock_seconds)
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Turn.opened_at >= start, Turn.opened_at < end, Turn.outcome == "answered")
        .order_by(Turn.clock_seconds.desc(), Turn.id)
        .limit(SLOWEST)
    )
    return tuple(SlowAnswer(row[0], row[1], row[2] or 0) for row in rows)


def _sources(tx: Tx, start: datetime, end: datetime) -> tuple[tuple[str, int], ...]:
    # Literals, not bound values: PostgreSQL has to see that both places mean the same.
    nothing: ColumnElement[str] = literal_column("''")
    name = func.coalesce(func.nullif(LeadSource.source, nothing), LeadSource.label, nothing)
    count = func.count()
    rows = tx.execute(
        select(name, count)
        .select_from(Conversation)
        .outerjoin(LeadSource, LeadSource.id == Conversation.lead_source_id)
        .where(Conversation.opened_at >= start, Conversation.opened_at < end)
        .group_by(name)
        .order_by(count.desc(), name)
        .limit(SOURCES)
    )
    return tuple((row[0], int(row[1])) for row in rows)
