"""The dialogs of a report with everything that is known of each, for tables outside the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from inbox.models import Agent, Channel, Company, Contact, Conversation, ConversationTag, LeadSource, Tag, Turn
from inbox.queries.report_filter import ReportFilter, fact_conditions
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class DialogLine:
    """One dialog: of whom, where from, who holds it, how its first wait went, how many there were."""

    id: int
    first_turn_id: int
    contact_name: str
    channel_name: str
    source: str | None
    medium: str | None
    campaign: str | None
    term: str | None
    agent_name: str | None
    status: str
    opened_at: datetime
    resolved_at: datetime | None
    outcome: str | None
    clock_seconds: int | None
    business_seconds: int | None
    turn_count: int
    tags: str


_LINES = (
    select(
        Conversation.id, Turn.id, Contact.name, Channel.name, LeadSource.label, LeadSource.medium, LeadSource.campaign,
        LeadSource.term, Agent.name, Conversation.status, Conversation.opened_at, Conversation.resolved_at,
        Turn.outcome, Turn.clock_seconds, Turn.business_seconds, Conversation.turn_count,
    )
    .join(Conversation, Conversation.id == Turn.conversation_id)
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Channel, Channel.id == Conversation.channel_id)
    .outerjoin(LeadSource, LeadSource.id == Conversation.lead_source_id)
    .outerjoin(Agent, Agent.id == func.coalesce(Turn.answered_by_id, Turn.agent_id))
)  # fmt: skip


def report_dialogs(tx: Tx, actor: Actor, wanted: ReportFilter, *, before: int | None, limit: int) -> list[DialogLine]:
    """Dialogs whose waits a filter counts, by their newest such wait; `before` continues after a line's turn."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    statement = _LINES.where(*fact_conditions(wanted, time_zone))
    if before is not None:
        moment = tx.execute(select(Turn.opened_at).where(Turn.id == before)).scalar_one()
        statement = statement.where(Turn.opened_at <= moment, (Turn.opened_at < moment) | (Turn.id < before))
    found = tx.execute(statement.order_by(Turn.opened_at.desc(), Turn.id.desc()).limit(limit))
    rows: list[tuple[Any, ...]] = [tuple(row) for row in found]
    tags = _tags(tx, [row[0] for row in rows])
    return [DialogLine(*(*row, ", ".join(tags.get(row[0], ())))) for row in rows]


def _tags(tx: Tx, ids: list[int]) -> dict[int, list[str]]:
    tagged = select(ConversationTag.conversation_id, Tag.name).join(Tag, Tag.id == ConversationTag.tag_id)
    found: dict[int, list[str]] = {}
    for conversation_id, name in tx.execute(tagged.where(ConversationTag.conversation_id.in_(ids)).order_by(Tag.name)):
        found.setdefault(conversation_id, []).append(name)
    return found
