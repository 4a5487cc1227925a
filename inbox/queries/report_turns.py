"""The dialogs behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from inbox.models import Agent, Channel, Company, Contact, Conversation, LeadSource, Turn
from inbox.queries.report_filter import ReportFilter, turn_conditions
from inbox.queries.stored_turns import length_column
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

PAGE = 100


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


def report_turns(
    tx: Tx,
    actor: Actor,
    wanted: ReportFilter,
    *,
    least: int | None = None,
    most: int | None = None,
    outcome: str | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[TurnLine]:
    """Waits of a filter, newest first; `least` <= seconds < `most`, or only those of an outcome (never, waiting)."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    seconds = length_column(wanted.definition)
    statement = _LINES.add_columns(seconds.label("seconds")).where(*turn_conditions(wanted, time_zone))
    # By the moment and not by the id alone: the index of the period then gives the newest at once.
    statement = statement.order_by(Turn.opened_at.desc(), Turn.id.desc()).limit(limit)
    if least is not None:
        statement = statement.where(Turn.outcome == "answered", seconds >= least)
    if most is not None:
        statement = statement.where(Turn.outcome == "answered", seconds < most)
    if outcome == "never":
        statement = statement.where(Turn.outcome == "unanswered")
    elif outcome == "waiting":
        statement = statement.where(Turn.closed_at.is_(None))
    if before is not None:
        moment = tx.execute(select(Turn.opened_at).where(Turn.id == before)).scalar_one_or_none()
        if moment is None:
            return []
        earlier = (Turn.opened_at < moment) | (Turn.id < before)
        statement = statement.where(Turn.opened_at <= moment, earlier)
    return [TurnLine(*row) for row in tx.execute(statement)]
