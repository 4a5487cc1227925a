"""Workload: dialogs begun, resolved and opened again, waits answered and not, by day or by one axis.

Every time counts: a dialog that was opened again twice is two. So the numbers of days add up to those of weeks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, null, select

from inbox.models import Agent, Channel, Company, Contact, Conversation, LeadSource, Turn
from inbox.queries.report_counts import count
from inbox.queries.report_filter import ANY_WAIT, ReportFilter, began_at, fact_conditions, facts_of
from inbox.queries.reports import axis_labels
from inbox.rules.percentiles import Tally
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.report_columns import HAPPENINGS, Key
from inbox.rules.wait_lengths import Definition
from inbox.runtime.database import Tx

PAGE = 100
FIGURES = ("new", "answered", "resolved", "reopened", "unanswered")
WAITS = ("answered", "unanswered")
BY = ("day", "agent", "channel", "source", "tag", "team")
# Seconds that nobody has waited: who still does is told apart from who was answered.
_NEVER_LATE = 1 << 62


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line: `numbers` by figure. `key` is what addresses carry, `day` is set in a table of days."""

    key: str
    label: str
    day: date | None
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Workload:
    """The whole table: by what, the period as one line, and its lines."""

    by: str
    whole: WorkLine
    lines: tuple[WorkLine, ...]


@dataclass(frozen=True, slots=True)
class WorkFact:
    """One thing that a figure counts: when (`ended_at`: of a wait that is over), in which dialog, whose it is."""

    id: int
    at: datetime
    ended_at: datetime | None
    conversation_id: int
    contact_id: int
    contact_name: str
    channel_name: str
    source_label: str | None
    agent_name: str | None
    status: str


def workload(tx: Tx, actor: Actor, wanted: ReportFilter, by: str) -> Workload:
    """The facts of a filter by one of BY; the measure and definition of the filter play no part."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    whole: dict[str, int] = {}
    counted: dict[Key, dict[str, int]] = {}
    for measure in (*HAPPENINGS, "first", "next"):
        found = count(tx, _plain(wanted, measure), _NEVER_LATE, time_zone, [(), (by,)])
        _add(whole, measure, found[()].get((), Tally()))
        for key, tally in found[by,].items():
            _add(counted.setdefault(key, {}), measure, tally)
    return Workload(by, WorkLine("", "", None, whole), _lines(tx, wanted, by, counted))


def workload_list(
    tx: Tx, actor: Actor, wanted: ReportFilter, figure: str, *, before: int | None = None, limit: int = PAGE
) -> list[WorkFact]:
    """What a figure of FIGURES counts, newest first; `before` continues after one."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    asked = _plain(wanted, ANY_WAIT if figure in WAITS else figure)
    facts, began = facts_of(asked), began_at(asked)
    agent: Any = facts.agent_id
    ended: Any = null()
    conditions = fact_conditions(asked, time_zone)
    if figure in WAITS:
        agent, ended = func.coalesce(Turn.answered_by_id, Turn.agent_id), Turn.closed_at
        open_or_lost = (Turn.outcome == "unanswered") | Turn.closed_at.is_(None)
        conditions.append(Turn.outcome == "answered" if figure == "answered" else open_or_lost)
    if before is not None:
        moment = select(began).where(facts.id == before).scalar_subquery()
        conditions.append((began < moment) | (began == moment) & (facts.id < before))
    c = Conversation
    statement = (
        select(
            facts.id, began, ended, facts.conversation_id, c.contact_id, Contact.name, Channel.name, LeadSource.label,
            Agent.name, c.status,
        )
        .join(c, c.id == facts.conversation_id)
        .join(Contact, Contact.id == c.contact_id)
        .join(Channel, Channel.id == facts.channel_id)
        .outerjoin(LeadSource, LeadSource.id == facts.lead_source_id)
        .outerjoin(Agent, Agent.id == agent)
        .where(*conditions)
        .order_by(began.desc(), facts.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [WorkFact(*row) for row in tx.execute(statement)]


def _plain(wanted: ReportFilter, measure: str) -> ReportFilter:
    """The filter without what other reports narrow by."""
    return replace(wanted, measure=measure, definition=Definition(), verdict=None, ending=None, weekday=None, hour=None)


def _add(numbers: dict[str, int], measure: str, found: Tally) -> None:
    """A wait without an answer has no length, one that goes on has none yet; a happening is a wait of no length."""
    ended, waits = sum(found.counts.values()), found.never + found.undecided
    told = {measure: ended} if measure in HAPPENINGS else {"answered": ended, "unanswered": waits}
    for figure, number in told.items():
        numbers[figure] = numbers.get(figure, 0) + number


def _lines(tx: Tx, wanted: ReportFilter, by: str, counted: Mapping[Key, Mapping[str, int]]) -> tuple[WorkLine, ...]:
    if by == "day":
        days = [WorkLine(str(day), "", day, counted.get((day.toordinal(),), {})) for day in wanted.days]
        return tuple(days[::-1])
    names = axis_labels(tx)[by]
    lines: dict[str, WorkLine] = {}
    for (key,), numbers in counted.items():
        label = names.get(key, "")
        # Sources of one name are one line, whatever their campaigns.
        place = label if by == "source" else str(key)
        before = lines[place].numbers if place in lines else {}
        added = {figure: before.get(figure, 0) + numbers.get(figure, 0) for figure in FIGURES}
        lines[place] = WorkLine(place, label, None, added)
    shown = (line for line in lines.values() if any(line.numbers.values()))
    return tuple(sorted(shown, key=lambda line: (-sum(line.numbers.values()), line.label)))
