"""The dialogs behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, func, literal, select, type_coerce

from inbox.models import Agent, Channel, Company, Contact, Conversation, LeadSource, Turn
from inbox.queries.report_cuts import After, Cut, picked
from inbox.queries.report_filter import ReportFilter, fact_conditions
from inbox.queries.stored_turns import length_column
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

PAGE = 100
# Greater than any length, in the order of lengths: who waits, and who waited for nothing.
_GOES_ON, _ENDLESS = literal(1 << 61, BigInteger), literal(1 << 62, BigInteger)


@dataclass(frozen=True, slots=True)
class TurnLine:
    """One wait: of whom, since when, how long (`seconds`: as the filter defines it), how it ended, who is credited."""

    id: int
    conversation_id: int
    contact_name: str
    contact_id: int
    channel_name: str
    source_label: str | None
    agent_name: str | None
    number: int
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    clock_seconds: int | None
    business_seconds: int | None
    seconds: int | None


_LINES = (
    select(
        Turn.id,
        Turn.conversation_id,
        Contact.name,
        Contact.id,
        Channel.name,
        LeadSource.label,
        Agent.name,
        Turn.number,
        Turn.opened_at,
        Turn.closed_at,
        Turn.outcome,
        Turn.clock_seconds,
        Turn.business_seconds,
    )
    .join(Conversation, Conversation.id == Turn.conversation_id)
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Channel, Channel.id == Turn.channel_id)
    .outerjoin(LeadSource, LeadSource.id == Turn.lead_source_id)
    .outerjoin(Agent, Agent.id == func.coalesce(Turn.answered_by_id, Turn.agent_id))
)


@dataclass(frozen=True, slots=True)
class TurnList:
    """A page of the waits behind a figure, and how many they are in all."""

    lines: list[TurnLine]
    total: int


def turn_list(
    tx: Tx,
    actor: Actor,
    wanted: ReportFilter,
    cut: Cut,
    *,
    longest: bool = False,
    before: int | None = None,
    limit: int = PAGE,
) -> TurnList:
    """The waits of a filter that a figure counts, newest first; `before` continues after one.

    `longest`: first those who never heard back, then who still waits by how long, then the longest.
    """
    require(actor, Permission.REPORT_READ)
    seconds = length_column(wanted.definition)
    order: Any = _length_order(seconds) if longest else Turn.opened_at
    after, beyond = None, []
    if before is not None:
        columns = (Turn.id, Turn.opened_at, Turn.outcome, seconds.label("seconds"), order.label("place"))
        row = tx.execute(select(*columns).where(Turn.id == before)).one_or_none()
        if row is None:
            return TurnList([], picked(tx, wanted, cut, longest=False, after=None, limit=1).total)
        after = After(*row[:4])
        beyond = [order <= row.place, (order < row.place) | (Turn.id < before)]
    found = picked(tx, wanted, cut, longest=longest, after=after, limit=limit)
    # Written out, for there may be more of them than a statement has parameters.
    among = Turn.id.in_(bindparam("picked", found.ids, expanding=True, literal_execute=True))
    statement = _LINES.add_columns(seconds.label("seconds")).where(among, *beyond)
    rows = tx.execute(statement.order_by(order.desc(), Turn.id.desc()).limit(limit))
    return TurnList([TurnLine(*row) for row in rows], found.total)


def report_turns(
    tx: Tx, actor: Actor, wanted: ReportFilter, *, before: int | None = None, limit: int = PAGE
) -> list[TurnLine]:
    """All waits of a filter, also those that needed no answer, newest first; `before` continues after one."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    # By the moment and not by the id alone: the index of the period then gives the newest at once.
    statement = _LINES.add_columns(length_column(wanted.definition).label("seconds"))
    statement = statement.where(*fact_conditions(wanted, time_zone))
    if before is not None:
        place = tx.execute(select(Turn.opened_at).where(Turn.id == before)).scalar_one_or_none()
        if place is None:
            return []
        statement = statement.where(Turn.opened_at <= place, (Turn.opened_at < place) | (Turn.id < before))
    rows = tx.execute(statement.order_by(Turn.opened_at.desc(), Turn.id.desc()).limit(limit))
    return [TurnLine(*row) for row in rows]


def _length_order(seconds: Any) -> Any:
    """A number per wait, the greater the longer."""
    so_far = _GOES_ON - type_coerce(Turn.opened_at, BigInteger)
    return case((Turn.outcome == "unanswered", _ENDLESS), (Turn.closed_at.is_(None), so_far), else_=seconds)
