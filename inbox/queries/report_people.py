"""The work of each agent in a period: at the screen, answers, dialogs handed on, and what clients thought of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from inbox.models import Agent, AgentPresence, Assignment, Company, Conversation
from inbox.queries.report_counts import count
from inbox.queries.report_filter import ReportFilter, local_midnight
from inbox.rules.lifecycle import MomentKind
from inbox.rules.percentiles import Tally
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.ratings import GOOD
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Person:
    """One agent. `present_seconds` is all the time at the screen, `available_seconds` the part of it open for dialogs.

    `waits` are the clients' waits credited to them, first and next ones, `never` those that ended unanswered; `p50` and
    `p90` are seconds (None: never) of the `decided` ones, which are all but those that go on within their target;
    `handed_on` are dialogs that went from them to somebody else, `resolved` how often one ended in their hands,
    `ratings` how many of each 1..5 they got.
    """

    id: int
    name: str
    present_seconds: int
    available_seconds: int
    waits: int
    decided: int
    p50: int | None
    p90: int | None
    never: int
    handed_on: int
    resolved: int
    ratings: tuple[int, int, int, int, int]

    @property
    def rated(self) -> int:
        """How many clients rated."""
        return sum(self.ratings)

    @property
    def good_share(self) -> float | None:
        """The share of 4 and 5 (0..1); None without ratings."""
        return self.good / self.rated if self.rated else None

    @property
    def good(self) -> int:
        """How many rated 4 or 5."""
        return sum(self.ratings[GOOD - 1 :])


def people(tx: Tx, actor: Actor, wanted: ReportFilter) -> tuple[Person, ...]:
    """Everybody who works here or did something in the period, by name."""
    require(actor, Permission.REPORT_READ)
    company = tx.execute(select(Company.__table__)).one()
    time_zone = company.time_zone
    start = local_midnight(wanted.start, time_zone)
    end = local_midnight(wanted.end + timedelta(days=1), time_zone)
    present, available = _presence(tx, start, end)
    waits = _waits(tx, wanted, company)
    moved = Assignment.previous_agent_id
    handed = select(moved, func.count()).where(*handed_on_conditions(start, end))
    handed_on = _counts(tx, handed.group_by(moved))
    resolved = _resolved(tx, wanted, time_zone)
    ratings = _ratings(tx, start, end)
    found = tx.execute(select(Agent.id, Agent.name, Agent.deactivated_at).order_by(Agent.name, Agent.id))
    lines = [
        Person(
            row.id, row.name, present[row.id], available[row.id], *_figures(waits[row.id]),
            handed_on.get(row.id, 0), resolved.get(row.id, 0), ratings.get(row.id, (0, 0, 0, 0, 0)),
        )
        for row in found
        if row.deactivated_at is None or any(row.id in done for done in (waits, handed_on, resolved, ratings))
    ]  # fmt: skip
    return tuple(lines)


def handed_on_conditions(start: datetime, end: datetime) -> list[Any]:
    """Which assignments took a dialog from one agent to another within a stretch of time."""
    a = Assignment
    taken = a.previous_agent_id.is_not(None)
    return [taken, a.at >= start, a.at < end, a.agent_id.is_not(None), a.agent_id != a.previous_agent_id]


def rated_conditions(start: datetime, end: datetime) -> list[Any]:
    """Which conversations were rated within a stretch of time."""
    c = Conversation
    return [c.rated_at.is_not(None), c.rated_at >= start, c.rated_at < end]


def _waits(tx: Tx, wanted: ReportFilter, company: Any) -> defaultdict[int, Tally]:
    """First and next waits by who is credited with them, from the roll-up; each against its own target."""
    found: defaultdict[int, Tally] = defaultdict(Tally)
    targets = {"first": company.first_response_target_seconds, "next": company.next_response_target_seconds}
    for measure, target in targets.items():
        counted = count(tx, replace(wanted, measure=measure), target, company.time_zone, [("agent",)])
        for (agent_id,), tally in counted["agent",].items():
            found[agent_id] += tally
    return found


def _figures(tally: Tally) -> tuple[int, int, int | None, int | None, int]:
    """`waits`, `decided`, `p50`, `p90` and `never` of a person."""
    p50, p90 = (tally.ranking.percentile(share) for share in (0.5, 0.9))
    return tally.total + tally.undecided, tally.total, p50, p90, tally.never


def _resolved(tx: Tx, wanted: ReportFilter, time_zone: str) -> dict[int, int]:
    """How often a dialog ended in whose hands, from the roll-up."""
    asked = replace(wanted, measure=MomentKind.RESOLVED.value)
    counted = count(tx, asked, 0, time_zone, [("agent",)])
    return {agent_id: tally.total for (agent_id,), tally in counted["agent",].items()}


def _counts(tx: Tx, statement: Select[int | None, int]) -> dict[int, int]:
    return {key: number for key, number in tx.execute(statement) if key is not None}


def _presence(tx: Tx, start: datetime, end: datetime) -> tuple[defaultdict[int, int], defaultdict[int, int]]:
    """Seconds at the screen by agent, all of them and the available ones, cut to the period."""
    ledger = AgentPresence
    columns = select(ledger.agent_id, ledger.status, ledger.started_at, ledger.ended_at)
    present: defaultdict[int, int] = defaultdict(int)
    available: defaultdict[int, int] = defaultdict(int)
    for row in tx.execute(columns.where(ledger.ended_at > start, ledger.started_at < end)):
        seconds = int((min(row.ended_at, end) - max(row.started_at, start)).total_seconds())
        present[row.agent_id] += seconds
        if row.status == "available":
            available[row.agent_id] += seconds
    return present, available


def _ratings(tx: Tx, start: datetime, end: datetime) -> dict[int, tuple[int, int, int, int, int]]:
    c = Conversation
    rows = tx.execute(
        select(c.assignee_id, c.rating, func.count())
        .where(*rated_conditions(start, end))
        .group_by(c.assignee_id, c.rating)
    )
    found: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 5)
    for agent_id, rating, number in rows:
        if agent_id is not None and rating is not None:
            found[agent_id][rating - 1] += number
    return {agent_id: (row[0], row[1], row[2], row[3], row[4]) for agent_id, row in found.items()}
