"""The dialogs behind the figures of an agent that are not waits: handed on, and rated by the client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, null, select

from inbox.models import Agent, Assignment, Channel, Company, Contact, Conversation
from inbox.models.base import aliased
from inbox.queries.report_filter import ReportFilter, local_midnight
from inbox.queries.report_people import handed_on_conditions, rated_conditions
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.ratings import GOOD
from inbox.runtime.database import Tx

PAGE = 100
FIGURES = ("handed_on", "rated", "good")


@dataclass(frozen=True, slots=True)
class PersonFact:
    """One thing that a figure counts: when, in which dialog, whose it was; to whom it went, or how it was rated."""

    id: int
    at: datetime
    conversation_id: int
    contact_id: int
    contact_name: str
    channel_name: str
    agent_name: str | None
    to_name: str | None
    rating: int | None
    comment: str


def people_dialogs(
    tx: Tx, actor: Actor, wanted: ReportFilter, figure: str, *, before: int | None = None, limit: int = PAGE
) -> list[PersonFact]:
    """What a figure of FIGURES counts for the filter's agent in its period, newest first; `before` continues."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    start = local_midnight(wanted.start, time_zone)
    end = local_midnight(wanted.end + timedelta(days=1), time_zone)
    c, to = Conversation, aliased(Agent)
    at: Any
    if figure == "handed_on":
        key, at, whose = Assignment.id, Assignment.at, Assignment.previous_agent_id
        told: list[Any] = [to.name, null(), func.coalesce(null(), "")]
        conditions = handed_on_conditions(start, end)
        facts = select(key).join(c, c.id == Assignment.conversation_id).join(to, to.id == Assignment.agent_id)
    else:
        key, at, whose = c.id, c.rated_at, c.assignee_id
        told = [null(), c.rating, func.coalesce(c.rating_comment, "")]
        conditions = rated_conditions(start, end)
        conditions += [c.rating >= GOOD] if figure == "good" else []
        facts = select(key)
    if wanted.agent_id is not None:
        conditions.append(whose == wanted.agent_id)
    if before is not None:
        moment = select(at).where(key == before).scalar_subquery()
        conditions.append((at < moment) | (at == moment) & (key < before))
    statement = (
        facts.add_columns(at, c.id, c.contact_id, Contact.name, Channel.name, Agent.name, *told)
        .join(Contact, Contact.id == c.contact_id)
        .join(Channel, Channel.id == c.channel_id)
        .outerjoin(Agent, Agent.id == whose)
        .where(*conditions)
        .order_by(at.desc(), key.desc())
        .limit(limit)
    )
    return [PersonFact(*row) for row in tx.execute(statement)]
