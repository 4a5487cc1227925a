"""Workload: dialogs begun, answered, resolved, reopened and left unanswered, by day or by one axis.

Each figure is a list of facts with a moment and a dialog; a table counts their dialogs, a list shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import BigInteger, Select, case, func, literal_column, select, type_coerce, union_all

from inbox.models import Agent, Channel, Company, Contact, Conversation, ConversationTag, LeadSource, Turn
from inbox.models.base import to_milliseconds
from inbox.queries.report_filter import ReportFilter, local_midnight, source_ids
from inbox.queries.reports import axis_labels
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

PAGE = 100
FIGURES = ("new", "answered", "resolved", "reopened", "unanswered")
BY = ("day", "agent", "channel", "source", "tag", "team")
_DAY = 86_400_000
_NOTHING: Any = literal_column("''")


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line: `numbers` of dialogs by figure. `key` is what addresses carry, `day` is set in a table of days."""

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
class WorkDialog:
    """One dialog behind a figure."""

    id: int
    contact_id: int
    contact_name: str
    channel_name: str
    source_label: str | None
    agent_name: str | None
    status: str
    opened_at: datetime
    reopened_at: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Facts:
    """Where a figure is counted: the columns of its table, and which rows are meant."""

    dialog: Any
    moment: Any
    agent: Any
    channel: Any
    source: Any
    team: Any
    meant: Any


def workload(tx: Tx, actor: Actor, wanted: ReportFilter, by: str) -> Workload:
    """Dialogs of a filter by one of BY; the measure and definition of the filter play no part."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    whole: dict[str, int] = {}
    counted: dict[str, dict[str, int]] = {}
    for figure in FIGURES:
        facts = _facts(figure, wanted, time_zone)
        number = func.count(facts.dialog.distinct())
        conditions = _conditions(tx, facts, wanted, time_zone)
        whole[figure] = tx.execute(select(number).where(*conditions)).scalar_one()
        grouped = _grouped(facts, by, wanted, time_zone).add_columns(number).where(*conditions).group_by("place")
        for place, dialogs in tx.execute(grouped):
            counted.setdefault(str(place), {})[figure] = dialogs
    all_of_it = WorkLine("", "", None, whole)
    if by == "day":
        days = tuple(WorkLine(str(day), "", day, counted.get(str(n), {})) for n, day in enumerate(wanted.days))
        return Workload(by, all_of_it, days[::-1])
    names = {} if by == "source" else axis_labels(tx)[by]
    lines = [
        WorkLine(key, key if by == "source" else names.get(int(key), ""), None, numbers)
        for key, numbers in counted.items()
    ]
    return Workload(by, all_of_it, tuple(sorted(lines, key=lambda line: (-sum(line.numbers.values()), line.label))))


def workload_dialogs(
    tx: Tx, actor: Actor, wanted: ReportFilter, figure: str, *, before: int | None = None, limit: int = PAGE
) -> list[WorkDialog]:
    """The dialogs behind a figure of FIGURES, newest first; `before` continues after a dialog."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    facts = _facts(figure, wanted, time_zone)
    c = Conversation
    statement = (
        select(
            c.id, c.contact_id, Contact.name, Channel.name, LeadSource.label, Agent.name, c.status, c.opened_at,
            c.reopened_at, c.resolved_at,
        )
        .join(Contact, Contact.id == c.contact_id)
        .join(Channel, Channel.id == c.channel_id)
        .outerjoin(LeadSource, LeadSource.id == c.lead_source_id)
        .outerjoin(Agent, Agent.id == c.assignee_id)
        .where(c.id.in_(select(facts.dialog).where(*_conditions(tx, facts, wanted, time_zone))))
    )  # fmt: skip
    if before is not None:
        statement = statement.where(c.id < before)
    return [WorkDialog(*row) for row in tx.execute(statement.order_by(c.id.desc()).limit(limit))]


def _facts(figure: str, wanted: ReportFilter, time_zone: str) -> _Facts:
    """The facts of a figure; raises KeyError for an unknown one."""
    t, c = Turn, Conversation
    if figure in ("answered", "unanswered"):
        answered = t.outcome == "answered"
        meant = answered if figure == "answered" else (t.outcome == "unanswered") | t.closed_at.is_(None)
        agent = func.coalesce(t.answered_by_id, t.agent_id)
        return _Facts(t.conversation_id, t.opened_at, agent, t.channel_id, t.lead_source_id, t.team_id, meant)
    # What ended before the period can have nothing in it. Two stretches, so that an index serves each.
    ended = c.status == "resolved"
    since = local_midnight(wanted.start, time_zone)
    going, over = select(c.id).where(c.status != "resolved"), select(c.id).where(ended, c.resolved_at >= since)
    alive = c.id.in_(union_all(going, over))
    moment, meant = {
        "new": (c.opened_at, alive),
        "reopened": (c.reopened_at, alive),
        "resolved": (c.resolved_at, ended),
    }[figure]
    team = select(Channel.team_id).where(Channel.id == c.channel_id).correlate(c).scalar_subquery()
    return _Facts(c.id, moment, c.assignee_id, c.channel_id, c.lead_source_id, team, meant)


def _conditions(tx: Tx, facts: _Facts, wanted: ReportFilter, time_zone: str) -> list[Any]:
    """The facts that are meant, within the period and the filter; 0 is nobody and none."""
    conditions = [
        facts.meant,
        facts.moment >= local_midnight(wanted.start, time_zone),
        facts.moment < local_midnight(wanted.end + timedelta(days=1), time_zone),
    ]
    narrowed = ((facts.agent, wanted.agent_id), (facts.channel, wanted.channel_id), (facts.team, wanted.team_id))
    conditions += [func.coalesce(column, 0) == value for column, value in narrowed if value is not None]
    if wanted.source is not None:
        conditions.append(func.coalesce(facts.source, 0).in_(source_ids(tx, wanted.source)))
    if wanted.tag_id is not None:
        tagged = select(ConversationTag.conversation_id)
        own = tagged.where(ConversationTag.tag_id == wanted.tag_id)
        conditions.append(facts.dialog.in_(own) if wanted.tag_id else facts.dialog.not_in(tagged))
    return conditions


def _grouped(facts: _Facts, by: str, wanted: ReportFilter, time_zone: str) -> Select[Any]:
    """The facts with the key of their line as `place`. A dialog with two tags is in both of their lines."""
    if by == "day":
        return select(_day_number(facts.moment, wanted, time_zone).label("place"))
    if by == "source":
        name = func.coalesce(func.nullif(LeadSource.source, _NOTHING), LeadSource.label, _NOTHING)
        return (
            select(name.label("place"))
            .select_from(facts.dialog.table)
            .outerjoin(LeadSource, LeadSource.id == facts.source)
        )
    if by == "tag":
        return (
            select(func.coalesce(ConversationTag.tag_id, 0).label("place"))
            .select_from(facts.dialog.table)
            .outerjoin(ConversationTag, ConversationTag.conversation_id == facts.dialog)
        )
    return select(func.coalesce(getattr(facts, by), 0).label("place"))


def _day_number(moment: Any, wanted: ReportFilter, time_zone: str) -> Any:
    """Which day of the period a moment of it is in, from 0: by division, anew after each day that is not 24 hours."""
    starts = [to_milliseconds(local_midnight(day, time_zone)) for day in wanted.days]
    starts.append(to_milliseconds(local_midnight(wanted.end + timedelta(days=1), time_zone)))
    since = type_coerce(moment, BigInteger)
    last = len(starts) - 1
    runs = [0, *(n for n in range(1, last) if starts[n] - starts[n - 1] != _DAY), last]
    parts = []
    for first, beyond in pairwise(runs):
        number = first + (since - starts[first]) // _DAY
        parts.append((since < starts[beyond], case((number >= beyond, beyond - 1), else_=number)))
    return case(*parts)
