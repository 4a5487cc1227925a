"""Being at the screen: the heartbeat that assignment trusts."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from inbox.actions.assign import drain
from inbox.actions.events import record
from inbox.models import Agent
from inbox.queries.candidates import PRESENCE_SECONDS
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# Several tabs of one agent beat together; one write in this many seconds is enough.
_QUIET = timedelta(seconds=15)


def be_present(tx: Tx, actor: Actor) -> None:
    """Note that the agent is here. Coming back after an absence is a fact, and drains the queue."""
    last = tx.execute(select(Agent.last_seen_at).where(Agent.id == actor.agent_id)).scalar_one()
    if last is not None and tx.now - last < _QUIET:
        return
    tx.execute(update(Agent).where(Agent.id == actor.agent_id).values(last_seen_at=tx.now))
    if last is None or tx.now - last > timedelta(seconds=PRESENCE_SECONDS):
        record(tx, actor, EventKind.AGENT_PRESENCE, agent_id=actor.agent_id)
        drain(tx, Actor.system())
