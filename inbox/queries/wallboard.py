"""What a screen on the wall shows: who waits, who is here and how much they hold, how fast the last hour went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal_column, select

from inbox.models import Agent, AgentPresence, Channel, Company, Conversation, Turn
from inbox.queries.breaches import BreachCount, count_breaches
from inbox.queries.candidates import PRESENCE_SECONDS
from inbox.queries.conversation_list import QueueFilter, QueueView, conversation_list
from inbox.queries.queue_rows import Row
from inbox.queries.report_cuts import Cut
from inbox.queries.report_filter import ANY_WAIT, ReportFilter
from inbox.queries.report_turns import TurnLine, turn_list
from inbox.queries.targets import TURN_TARGET
from inbox.rules.percentiles import Sort, Tally, sort_of, tally
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One of the staff. `status` is "offline" for who is not at the screen; `since` is when that began."""

    id: int
    name: str
    status: str
    since: datetime | None
    open: int
    waiting: int
    capacity: int


@dataclass(frozen=True, slots=True)
class LastHour:
    """Waits that began within the last hour: percentiles in seconds (None: never), and who still waits in time."""

    total: int
    p50: int | None
    p90: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Wallboard:
    """The whole screen. `rows` are who waits longest, `breaches` the targets that were missed today."""

    waiting: int
    unassigned: int
    open: int
    rows: tuple[Row, ...]
    agents: tuple[AgentLine, ...]
    hour: LastHour
    breaches: BreachCount


def wallboard(tx: Tx, actor: Actor) -> Wallboard:
    """Everything as of now."""
    require(actor, Permission.REPORT_READ)
    c = Conversation
    totals = tx.execute(
        select(
            c.assignee_id,
            func.count().label("open"),
            func.count(c.waiting_since).label("waiting"),
        )
        .where(c.status == literal_column("'open'"))
        .group_by(c.assignee_id)
    ).all()
    held = {row.assignee_id: row for row in totals}
    return Wallboard(
        waiting=sum(row.waiting for row in totals),
        unassigned=held[None].open if None in held else 0,
        open=sum(row.open for row in totals),
        rows=conversation_list(tx, actor, QueueFilter(view=QueueView.WAITING)).rows,
        agents=tuple(sorted(_agents(tx, held), key=_here_first)),
        hour=_last_hour(tx),
        breaches=count_breaches(tx),
    )


_RANKS = {"available": 0, "busy": 1, "away": 2, "offline": 3}


def _here_first(line: AgentLine) -> tuple[int, str]:
    return _RANKS[line.status], line.name


def hour_waits(tx: Tx, actor: Actor, *, before: int | None = None) -> list[TurnLine]:
    """The waits that the last hour counts, newest first, a page of them; `before` continues after one."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    since = tx.now - _HOUR
    start, end = (moment.astimezone(zone(time_zone)).date() for moment in (since, tx.now))
    lines = turn_list(tx, actor, ReportFilter(start, end, ANY_WAIT), Cut(), before=before).lines
    return [line for line in lines if line.opened_at >= since]


def _agents(tx: Tx, held: dict[int | None, Any]) -> Iterator[AgentLine]:
    seen_after = tx.now - timedelta(seconds=PRESENCE_SECONDS)
    ledger = AgentPresence
    began = (
        select(func.max(ledger.started_at))
        .where(ledger.agent_id == Agent.id, ledger.ended_at >= seen_after)
        .correlate(Agent)
        .scalar_subquery()
    )
    capacity = func.coalesce(Agent.capacity, select(Company.capacity).scalar_subquery())
    statement = select(
        Agent.id, Agent.name, Agent.status, Agent.last_seen_at, capacity.label("capacity"), began.label("began")
    )
    for row in tx.execute(statement.where(Agent.deactivated_at.is_(None), Agent.password_hash.is_not(None))):
        present = row.last_seen_at is not None and row.last_seen_at >= seen_after
        load = held.get(row.id)
        yield AgentLine(
            id=row.id,
            name=row.name,
            status=row.status if present else "offline",
            since=row.began if present else row.last_seen_at,
            open=load.open if load else 0,
            waiting=load.waiting if load else 0,
            capacity=row.capacity,
        )


def _last_hour(tx: Tx) -> LastHour:
    rows = tx.execute(
        select(Turn.outcome, Turn.opened_at, Turn.clock_seconds, TURN_TARGET.label("target"))
        .join(Channel, Channel.id == Turn.channel_id)
        .where(Turn.opened_at >= tx.now - _HOUR)
    )
    by_target: defaultdict[int, list[tuple[Sort, int]]] = defaultdict(list)
    for row in rows:
        by_target[row.target].append((sort_of(row.outcome), _seconds(row, tx.now)))
    whole = sum((tally(waits, target) for target, waits in by_target.items()), Tally())
    ranking = whole.ranking
    return LastHour(
        total=whole.total,
        p50=ranking.percentile(0.5),
        p90=ranking.percentile(0.9),
        waiting=whole.undecided,
    )


def _seconds(row: Any, now: datetime) -> int:
    if row.clock_seconds is not None:
        return int(row.clock_seconds)
    return int((now - row.opened_at).total_seconds())
