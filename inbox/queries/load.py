"""The present load in a few numbers, for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, literal_column, select

from inbox.models import Agent, Conversation, Delivery, Inbound
from inbox.queries.candidates import PRESENCE_SECONDS
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """Counts as of now."""

    open: int
    waiting: int
    longest_wait_seconds: int
    owed: int
    failed_inbound: int
    present: int


def load_figures(tx: Tx) -> LoadFigures:
    """Read every number through an index."""
    c = Conversation
    row = tx.execute(
        select(func.count(), func.count(c.waiting_since), func.min(c.waiting_since)).where(
            c.status == literal_column("'open'")
        )
    ).one()
    oldest = row[2]
    owed = select(func.count()).where(Delivery.state.in_(("queued", "sending")))
    failed = select(func.count()).where(Inbound.state == "failed")
    since = tx.now - timedelta(seconds=PRESENCE_SECONDS)
    here = (Agent.last_seen_at >= since) | (Agent.console_until >= tx.now)
    present = select(func.count()).where(here, Agent.deactivated_at.is_(None))
    return LoadFigures(
        open=row[0],
        waiting=row[1],
        longest_wait_seconds=0 if oldest is None else int((tx.now - oldest).total_seconds()),
        owed=tx.execute(owed).scalar_one(),
        failed_inbound=tx.execute(failed).scalar_one(),
        present=tx.execute(present).scalar_one(),
    )
