"""What the queue can be narrowed by, and whom a dialog can be given to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, literal_column, select

from inbox.models import Agent, Channel, Conversation, LeadSource, Tag
from inbox.queries.candidates import is_present
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent who can hold a dialog: is at the screen now, and how many are open."""

    id: int
    name: str
    status: str
    present: bool
    open_count: int


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """(value, label) pairs of each filter, the sources as addresses carry them, and the colleagues."""

    channels: tuple[tuple[int, str], ...]
    tags: tuple[tuple[int, str], ...]
    sources: tuple[str, ...]
    colleagues: tuple[Colleague, ...]

    @property
    def assignees(self) -> tuple[tuple[int, str], ...]:
        """The colleagues as choices."""
        return tuple((colleague.id, colleague.name) for colleague in self.colleagues)


def filter_choices(tx: Tx, actor: Actor) -> FilterChoices:
    """Everything that the filter menu and the assignee menu list."""
    channels = select(Channel.id, Channel.name).where(Channel.removed_at.is_(None)).order_by(Channel.name)
    sources = select(LeadSource.source).where(LeadSource.source != "").distinct().order_by(LeadSource.source).limit(100)
    return FilterChoices(
        channels=tuple((row.id, row.name) for row in tx.execute(channels)),
        tags=tuple((row.id, row.name) for row in tx.execute(select(Tag.id, Tag.name).order_by(Tag.name_key))),
        sources=tuple(tx.execute(sources).scalars()),
        colleagues=colleagues(tx, actor),
    )


def colleagues(tx: Tx, actor: Actor) -> tuple[Colleague, ...]:
    """Everybody who works here, by name."""
    open_count = (
        select(func.count())
        .where(Conversation.assignee_id == Agent.id, Conversation.status == literal_column("'open'"))
        .correlate(Agent)
        .scalar_subquery()
    )
    columns = (Agent.id, Agent.name, Agent.status, Agent.last_seen_at, Agent.console_until)
    statement = select(*columns, open_count.label("open_count"))
    rows = tx.execute(
        statement.where(Agent.deactivated_at.is_(None), Agent.password_hash.is_not(None)).order_by(Agent.name)
    )
    return tuple(
        Colleague(row.id, row.name, row.status, is_present(row.last_seen_at, row.console_until, tx.now), row.open_count)
        for row in rows
    )
