"""Signing in and out. Tokens are random and stored as hashes; a password is checked before, outside the database."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import insert, select, update

from inbox.actions.events import new_id, record
from inbox.models import Agent, AgentSession
from inbox.rules.errors import NotFound
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, Role, require
from inbox.runtime.database import Tx

SESSION_LIFE = timedelta(days=30)


def sign_in(tx: Tx, actor: Actor, agent_id: int, token_hash: str, *, remote: str, user_agent: str) -> int:
    """Begin a session of an agent whose proof was checked; returns its id."""
    active = select(Agent.role).where(Agent.id == agent_id, Agent.deactivated_at.is_(None))
    role = tx.execute(active).scalar_one_or_none()
    if role is None:
        raise NotFound
    values = {
        "agent_id": agent_id,
        "token_hash": token_hash,
        "csrf_token": secrets.token_urlsafe(24),
        "remote": remote[:64],
        "user_agent": user_agent[:300],
        "created_at": tx.now,
        "last_seen_at": tx.now,
        "expires_at": tx.now + SESSION_LIFE,
    }
    session_id = new_id(tx.execute(insert(AgentSession), values))
    record(tx, Actor.agent(agent_id, Role(role)), EventKind.SESSION_STARTED, agent_id=agent_id)
    return session_id


def sign_out(tx: Tx, actor: Actor, session_id: int) -> None:
    """End the actor's own session."""
    _end(tx, actor, session_id, EventKind.SESSION_ENDED)


def revoke_session(tx: Tx, actor: Actor, session_id: int) -> None:
    """End a session: one's own, or anybody's for who manages agents; raises NotFound."""
    owner = tx.execute(select(AgentSession.agent_id).where(AgentSession.id == session_id)).scalar_one_or_none()
    if owner is None:
        raise NotFound
    if owner != actor.agent_id:
        require(actor, Permission.AGENT_MANAGE)
    _end(tx, actor, session_id, EventKind.SESSION_REVOKED)


def revoke_all(tx: Tx, actor: Actor, agent_id: int, *, keep_session_id: int | None = None) -> None:
    """End every session of an agent, perhaps but one (a changed password, a deactivation)."""
    sessions = select(AgentSession.id).where(AgentSession.agent_id == agent_id, AgentSession.revoked_at.is_(None))
    for session_id in tx.execute(sessions).scalars().all():
        if session_id != keep_session_id:
            _end(tx, actor, session_id, EventKind.SESSION_REVOKED)


def _end(tx: Tx, actor: Actor, session_id: int, kind: EventKind) -> None:
    ended = (
        update(AgentSession)
        .where(AgentSession.id == session_id, AgentSession.revoked_at.is_(None))
        .values(revoked_at=tx.now)
    )
    if tx.execute(ended).rowcount:
        owner = tx.execute(select(AgentSession.agent_id).where(AgentSession.id == session_id)).scalar_one()
        record(tx, actor, kind, agent_id=owner, details={"session_id": session_id})
