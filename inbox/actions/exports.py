"""Keeping in mind who took figures out of the product."""

from __future__ import annotations

from inbox.actions.events import record
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx


def note_export(tx: Tx, actor: Actor, what: str, period: str) -> None:
    """Somebody exports a report: `what` it is ("turns.csv") and of which days."""
    require(actor, Permission.REPORT_EXPORT)
    record(tx, actor, EventKind.REPORT_EXPORTED, details={"what": what, "period": period})
