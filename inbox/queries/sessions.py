"""Who is signed in, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from inbox.models import Agent, AgentSession
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The agent behind a session, with what every page needs to know about them."""

    session_id: int
    agent_id: int
    name: str
    email: str
    role: str
    language: str
    time_zone: str
    theme: str
    sound: bool
    status: str
    csrf_token: str


_BY_TOKEN = (
    select(
        AgentSession.id,
        Agent.id,
        Agent.name,
        Agent.email,
        Agent.role,
        Agent.language,
        Agent.time_zone,
        Agent.theme,
        Agent.sound,
        Agent.status,
        AgentSession.csrf_token,
    )
    .join(Agent, Agent.id == AgentSession.agent_id)
    .where(
        AgentSession.token_hash == bindparam("token_hash"),
        AgentSession.revoked_at.is_(None),
        AgentSession.expires_at > bindparam("moment"),
        Agent.deactivated_at.is_(None),
    )
)


def session_by_token(tx: Tx, token_hash: str) -> SignedIn | None:
    """The signed-in agent of a session token's hash; None when it is over, revoked or its agent was deactivated."""
    row = tx.execute(_BY_TOKEN, {"token_hash": token_hash, "moment": tx.now}).one_or_none()
    return None if row is None else SignedIn(*row)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A line of the list "where you are signed in"."""

    id: int
    remote: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime


def open_sessions(tx: Tx, actor: Actor, agent_id: int) -> list[OpenSession]:
    """The live sessions of an agent, newest first."""
    statement = (
        select(
            AgentSession.id,
            AgentSession.remote,
            AgentSession.user_agent,
            AgentSession.created_at,
            AgentSession.last_seen_at,
        )
        .where(AgentSession.agent_id == agent_id, AgentSession.revoked_at.is_(None), AgentSession.expires_at > tx.now)
        .order_by(AgentSession.id.desc())
    )
    return [OpenSession(*row) for row in tx.execute(statement)]
