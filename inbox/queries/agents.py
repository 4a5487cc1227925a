"""Staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select

from inbox.models import Agent, AgentLink, Conversation
from inbox.queries.candidates import is_present
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class AgentLine:
    """A member of staff in the list and on their page."""

    id: int
    name: str
    email: str
    role: str
    language: str
    time_zone: str
    status: str
    capacity: int | None
    joined: bool
    present: bool
    deactivated: bool
    open_count: int
    last_seen_at: datetime | None
    own_shift: bool


def agent_list(tx: Tx, actor: Actor) -> list[AgentLine]:
    """Everybody, the active ones first."""
    require(actor, Permission.AGENT_READ)
    return _lines(tx)


def agent_line(tx: Tx, actor: Actor, agent_id: int) -> AgentLine:
    """One member of staff; raises NotFound."""
    require(actor, Permission.AGENT_READ)
    found = _lines(tx, agent_id)
    if not found:
        raise NotFound
    return found[0]


def _lines(tx: Tx, agent_id: int | None = None) -> list[AgentLine]:
    open_count = (
        select(func.count())
        .where(Conversation.assignee_id == Agent.id, Conversation.status == literal_column("'open'"))
        .correlate(Agent)
        .scalar_subquery()
    )
    statement = select(Agent.__table__, open_count.label("open_count"))
    if agent_id is not None:
        statement = statement.where(Agent.id == agent_id)
    return [
        AgentLine(
            id=row.id,
            name=row.name,
            email=row.email,
            role=row.role,
            language=row.language,
            time_zone=row.time_zone,
            status=row.status,
            capacity=row.capacity,
            joined=row.password_hash is not None,
            present=is_present(row.last_seen_at, row.console_until, tx.now),
            deactivated=row.deactivated_at is not None,
            open_count=row.open_count,
            last_seen_at=row.last_seen_at,
            own_shift=row.business_hours_id is not None,
        )
        for row in tx.execute(statement.order_by(Agent.deactivated_at.is_not(None), Agent.name))
    ]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in needs to check."""

    agent_id: int
    password_hash: str | None


def credentials(tx: Tx, email: str) -> Credentials | None:
    """The active agent of an e-mail address; None when there is none."""
    active = select(Agent.id, Agent.password_hash).where(Agent.deactivated_at.is_(None))
    row = tx.execute(active.where(Agent.email == email.strip().lower())).one_or_none()
    return None if row is None else Credentials(row.id, row.password_hash)


@dataclass(frozen=True, slots=True)
class LinkOwner:
    """Whom a one-time link lets in, and for what (invite or reset)."""

    link_id: int
    agent_id: int
    kind: str
    name: str
    email: str


def link_owner(tx: Tx, token_hash: str) -> LinkOwner:
    """The owner of a link that can still be used; raises NotFound."""
    row = tx.execute(
        select(AgentLink.id, Agent.id, AgentLink.kind, Agent.name, Agent.email)
        .join(Agent, Agent.id == AgentLink.agent_id)
        .where(
            AgentLink.token_hash == token_hash,
            AgentLink.used_at.is_(None),
            AgentLink.expires_at > tx.now,
            Agent.deactivated_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return LinkOwner(*row)
