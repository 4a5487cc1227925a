"""Why this person answers: the newest stored decision of a dialog with its reasons in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from inbox.models import Agent, Assignment
from inbox.rules.assignment import Choice, Mode, Reason, explain
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Why:
    """The last decision about the assignee: by whom or by which mode, and its sentences (msgid, params)."""

    at: datetime
    mode: str
    actor_name: str | None
    agent_name: str | None
    sentences: tuple[tuple[str, dict[str, Any]], ...]


def last_decision(tx: Tx, conversation_id: int) -> Why | None:
    """Why this person answers: the newest stored decision with its reasons in sentences."""
    row = tx.execute(
        select(Assignment.__table__)
        .where(Assignment.conversation_id == conversation_id)
        .order_by(Assignment.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    people = select(Agent.id, Agent.name).where(Agent.id.in_([row.agent_id or 0, row.actor_agent_id or 0]))
    names: dict[int, str] = {person.id: person.name for person in tx.execute(people)}
    reasons = tuple(Reason(**reason) for reason in row.reasons)
    choice = Choice(agent_id=row.agent_id, mode=Mode(row.mode), reasons=reasons)
    sentences = tuple((message, dict(params)) for message, params in explain(choice))
    return Why(row.at, row.mode, names.get(row.actor_agent_id), names.get(row.agent_id), sentences)
