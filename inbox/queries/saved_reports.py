"""Reports kept under a name: one's own and those for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from inbox.models import Agent, SavedReport
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.saved_reports import may_change_report
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Saved:
    """A kept report. `query` is the query string of its address."""

    id: int
    name: str
    page: str
    query: str
    shared: bool
    owner_id: int
    owner: str
    may_change: bool

    @property
    def address(self) -> str:
        """Where it opens."""
        return f"/reports/{self.page}?{self.query}"


def saved_reports(tx: Tx, actor: Actor) -> list[Saved]:
    """What the actor may open, by name."""
    require(actor, Permission.REPORT_READ)
    return [_saved(row, actor) for row in tx.execute(_visible(actor).order_by(SavedReport.name_key, SavedReport.id))]


def saved_report(tx: Tx, actor: Actor, report_id: int) -> Saved:
    """One of them; raises NotFound."""
    require(actor, Permission.REPORT_READ)
    row = tx.execute(_visible(actor).where(SavedReport.id == report_id)).first()
    if row is None:
        raise NotFound
    return _saved(row, actor)


def _visible(actor: Actor) -> Select[Any]:
    r = SavedReport
    named: Any = select(r.id, r.name, r.page, r.query, r.shared, r.agent_id, Agent.name.label("owner"))
    found: Select[Any] = named.join(Agent, Agent.id == r.agent_id).where(r.shared | (r.agent_id == actor.agent_id))
    return found


def _saved(row: Any, actor: Actor) -> Saved:
    may_change = may_change_report(actor, row.agent_id, shared=row.shared)
    return Saved(row.id, row.name, row.page, row.query, row.shared, row.agent_id, row.owner, may_change)
