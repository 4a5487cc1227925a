"""Who could be given a dialog right now, as the assignment rule wants to see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from inbox.models import Agent, Channel, Company, Conversation
from inbox.rules.assignment import Candidate, Mode
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

# DESIGN 9: present means a heartbeat of the socket within this many seconds.
PRESENCE_SECONDS = 60

_OPEN_COUNT = (
    select(func.count())
    .where(Conversation.assignee_id == Agent.id, Conversation.status == "open")
    .correlate(Agent)
    .scalar_subquery()
)
_CANDIDATES = Lean(
    select(
        Agent.id,
        Agent.name,
        Agent.status,
        Agent.last_seen_at,
        Agent.console_until,
        Agent.last_assigned_at,
        func.coalesce(Agent.capacity, select(Company.capacity).scalar_subquery()).label("capacity"),
        _OPEN_COUNT.label("open_count"),
    )
    .where(Agent.deactivated_at.is_(None), Agent.password_hash.is_not(None))
    .order_by(Agent.id)
)
_MODE = Lean(
    select(func.coalesce(Channel.assignment_mode, select(Company.assignment_mode).scalar_subquery())).where(
        Channel.id == bindparam("channel")
    )
)


@dataclass(frozen=True, slots=True)
class Routing:
    """What the rule needs: the mode of the channel and everybody who might be chosen."""

    mode: Mode
    candidates: tuple[Candidate, ...]


def is_present(last_seen_at: datetime | None, console_until: datetime | None, now: datetime) -> bool:
    """Whether somebody is here: at the screen, or at work in a console."""
    seen = last_seen_at is not None and last_seen_at >= now - timedelta(seconds=PRESENCE_SECONDS)
    return seen or (console_until is not None and console_until >= now)


def candidates(tx: Tx) -> tuple[Candidate, ...]:
    """Every active agent with presence, load and capacity as of now, ordered by id."""
    return tuple(
        Candidate(
            agent_id=row.id,
            name=row.name,
            status=row.status,
            present=is_present(row.last_seen_at, row.console_until, tx.now),
            open_count=row.open_count,
            capacity=row.capacity,
            last_assigned_at=row.last_assigned_at,
        )
        for row in _CANDIDATES.rows(tx, {})
    )


def routing(tx: Tx, channel_id: int) -> Routing:
    """The mode and the candidates for a conversation of this channel."""
    mode = _MODE.scalar(tx, {"channel": channel_id})
    return Routing(Mode(mode) if mode else Mode.BY_HAND, candidates(tx))
