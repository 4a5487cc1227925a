"""Who could be given a dialog right now, as the assignment rule wants to see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, select

from inbox.models import Agent, Channel, Company, Conversation, TeamMember
from inbox.queries.hours import stored_hours
from inbox.rules.assignment import Candidate, Mode
from inbox.rules.business_hours import Hours, is_open
from inbox.rules.schedules import in_break
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
_MEMBER = exists().where(TeamMember.team_id == bindparam("team"), TeamMember.agent_id == Agent.id).correlate(Agent)
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
        Agent.business_hours_id,
        _MEMBER.label("member"),
    )
    .where(Agent.deactivated_at.is_(None), Agent.password_hash.is_not(None))
    .order_by(Agent.id)
)
_MODE = Lean(
    select(
        func.coalesce(Channel.assignment_mode, select(Company.assignment_mode).scalar_subquery()).label("mode"),
        Channel.team_id,
    ).where(Channel.id == bindparam("channel"))
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


def candidates(tx: Tx, team_id: int | None = None) -> tuple[Candidate, ...]:
    """Every active agent with presence, load, shift and membership of a team (None: all answer), ordered by id."""
    rows = _CANDIDATES.rows(tx, {"team": team_id})
    shifts = stored_hours(tx, {row.business_hours_id for row in rows if row.business_hours_id is not None})
    return tuple(
        Candidate(
            agent_id=row.id,
            name=row.name,
            status=row.status,
            present=is_present(row.last_seen_at, row.console_until, tx.now),
            open_count=row.open_count,
            capacity=row.capacity,
            last_assigned_at=row.last_assigned_at,
            member=team_id is None or bool(row.member),
            **_at_work(shifts.get(row.business_hours_id), tx.now),
        )
        for row in rows
    )


def routing(tx: Tx, channel_id: int) -> Routing:
    """The mode and the candidates for a conversation of this channel."""
    found = _MODE.first(tx, {"channel": channel_id})
    if found is None or not found.mode:
        return Routing(Mode.BY_HAND, candidates(tx))
    return Routing(Mode(found.mode), candidates(tx, found.team_id))


def shifts_begun(tx: Tx, seconds: int) -> bool:
    """Whether the shift of somebody who could be given a dialog began within the last seconds."""
    since = tx.now - timedelta(seconds=PRESENCE_SECONDS)
    here = select(Agent.business_hours_id).where(
        Agent.business_hours_id.is_not(None),
        Agent.status == "available",
        (Agent.last_seen_at >= since) | (Agent.console_until >= tx.now),
    )
    before = tx.now - timedelta(seconds=seconds)
    shifts = stored_hours(tx, set(tx.execute(here).scalars().all()))
    return any(is_open(hours, tx.now) and not is_open(hours, before) for hours in shifts.values())


def _at_work(shift: Hours | None, now: datetime) -> dict[str, bool]:
    if shift is None or is_open(shift, now):
        return {}
    return {"within_hours": False, "on_break": in_break(shift, now)}
