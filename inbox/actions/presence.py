"""Being at the screen or in a console: what assignment trusts, and the ledger of when somebody was here."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select, update

from inbox.actions.assign import drain
from inbox.actions.events import record
from inbox.models import Agent, AgentPresence
from inbox.queries.candidates import PRESENCE_SECONDS
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# Several tabs of one agent beat together; one write in this many seconds is enough.
_QUIET = timedelta(seconds=15)
_ABSENT = timedelta(seconds=PRESENCE_SECONDS)
# A messenger has no heartbeat: whoever did something in a console is taken to be at work for this long.
CONSOLE_PRESENCE = timedelta(minutes=15)


def be_present(tx: Tx, actor: Actor) -> None:
    """Note that the agent is here. Coming back after an absence is a fact, and drains the queue."""
    known = tx.execute(select(Agent.last_seen_at, Agent.status).where(Agent.id == actor.agent_id)).one()
    last = known.last_seen_at
    if last is not None and tx.now - last < _QUIET:
        return
    tx.execute(update(Agent).where(Agent.id == actor.agent_id).values(last_seen_at=tx.now))
    note_stretch(tx, actor.agent_id or 0, known.status)
    if last is None or tx.now - last > _ABSENT:
        record(tx, actor, EventKind.AGENT_PRESENCE, agent_id=actor.agent_id)
        drain(tx, Actor.system())


def note_stretch(tx: Tx, agent_id: int, status: str, gap: timedelta = _ABSENT) -> None:
    """The agent is here with this status: their last stretch goes on until now, or another one begins.

    `gap` is how long nothing may have been heard of them within one stretch.
    """
    ledger = AgentPresence
    newest = select(ledger.id, ledger.status).where(ledger.agent_id == agent_id, ledger.ended_at >= tx.now - gap)
    last = tx.execute(newest.order_by(ledger.ended_at.desc(), ledger.id.desc()).limit(1)).one_or_none()
    if last is not None:
        tx.execute(update(ledger).where(ledger.id == last.id).values(ended_at=tx.now))
    if last is None or last.status != status:
        values = {"agent_id": agent_id, "status": status, "started_at": tx.now, "ended_at": tx.now}
        tx.execute(insert(ledger), values)


def be_present_in_console(tx: Tx, actor: Actor) -> None:
    """Note that the agent works in a console. Coming back after an absence is a fact, and drains the queue."""
    columns = (Agent.last_seen_at, Agent.console_until, Agent.status)
    row = tx.execute(select(*columns).where(Agent.id == actor.agent_id)).one()
    if row.console_until is not None and row.console_until > tx.now + CONSOLE_PRESENCE - _QUIET:
        return
    tx.execute(update(Agent).where(Agent.id == actor.agent_id).values(console_until=tx.now + CONSOLE_PRESENCE))
    note_stretch(tx, actor.agent_id or 0, row.status, CONSOLE_PRESENCE)
    seen = row.last_seen_at is not None and tx.now - row.last_seen_at <= _ABSENT
    if not seen and (row.console_until is None or row.console_until < tx.now):
        record(tx, actor, EventKind.AGENT_PRESENCE, agent_id=actor.agent_id)
        drain(tx, Actor.system())
