"""When kept reports go out, who can get them, and what became of the last ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

import connectors
from inbox.models import Agent, AgentAccount, Channel, ReportDelivery, ReportRecipient, ReportSchedule
from inbox.queries.saved_reports import saved_report, saved_reports
from inbox.rules.due_moments import Every, Recurrence
from inbox.rules.errors import NotFound
from inbox.rules.permissions import GRANTS, Actor, Permission, Role
from inbox.runtime.database import Tx

# Of these the page tells what became of them.
LAST = 12


@dataclass(frozen=True, slots=True)
class Reader:
    """An agent who may read reports; `reached`: in a private talk in a messenger."""

    id: int
    name: str
    email: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a report goes out and to whom; `trouble` is why its last delivery failed, "" when it did not."""

    id: int
    report_id: int
    rule: Recurrence
    time_zone: str
    channel_id: int | None
    next_at: datetime
    agents: tuple[tuple[int, str], ...]
    emails: tuple[str, ...]
    trouble: str


@dataclass(frozen=True, slots=True)
class SentReport:
    """What became of one report for one recipient. `state` as in models.ReportDelivery."""

    to: str
    trial: bool
    for_at: datetime
    due_at: datetime
    state: str
    attempts: int
    error: str | None


def anything_due(tx: Tx) -> bool:
    """Whether a report has to be sent now."""
    s, d = ReportSchedule, ReportDelivery
    begun = tx.execute(select(s.id).where(s.next_at <= tx.now).limit(1)).first()
    owed = select(d.id).where(d.state.in_(("queued", "sending")), d.due_at <= tx.now).limit(1)
    return begun is not None or tx.execute(owed).first() is not None


def schedule_agents(tx: Tx) -> list[Reader]:
    """Every agent who works here and may read reports, by name."""
    roles = [role.value for role in Role if Permission.REPORT_READ in GRANTS[role]]
    rows = tx.execute(
        select(Agent.id, Agent.name, Agent.email)
        .where(Agent.deactivated_at.is_(None), Agent.role.in_(roles))
        .order_by(Agent.name, Agent.id)
    )
    accounts = select(AgentAccount.agent_id).join(Channel, Channel.id == AgentAccount.channel_id)
    reached = set(tx.execute(accounts.where(Channel.removed_at.is_(None))).scalars())
    return [Reader(row.id, row.name, row.email, row.id in reached) for row in rows]


def letter_channels(tx: Tx) -> list[tuple[int, str]]:
    """The channels that can write letters, by name."""
    rows = tx.execute(select(Channel.id, Channel.name, Channel.kind).where(Channel.removed_at.is_(None)))
    return sorted(((row.id, row.name) for row in rows if _writes_letters(row.kind)), key=lambda pair: pair[1])


def _writes_letters(kind: str) -> bool:
    """Whether a kind of channels sends letters; False for a connector that is not installed any more."""
    try:
        return connectors.find(kind).capabilities.letters
    except connectors.UnknownConnector:
        return False


def report_schedules(tx: Tx, actor: Actor, report_id: int) -> list[Schedule]:
    """The schedules of a report that the actor sees, oldest first; raises NotFound."""
    saved_report(tx, actor, report_id)
    found = select(ReportSchedule.__table__).where(ReportSchedule.saved_report_id == report_id)
    return _schedules(tx, found)


def report_schedule(tx: Tx, actor: Actor, report_id: int, schedule_id: int) -> Schedule:
    """One of them; raises NotFound."""
    for found in report_schedules(tx, actor, report_id):
        if found.id == schedule_id:
            return found
    raise NotFound


def schedules_by_report(tx: Tx, actor: Actor) -> dict[int, list[Schedule]]:
    """The schedules of every report that the actor sees."""
    ids = [report.id for report in saved_reports(tx, actor)]
    found: dict[int, list[Schedule]] = {key: [] for key in ids}
    for schedule in _schedules(tx, select(ReportSchedule.__table__).where(ReportSchedule.saved_report_id.in_(ids))):
        found[schedule.report_id].append(schedule)
    return found


def sent_reports(tx: Tx, actor: Actor, report_id: int, schedule_id: int) -> list[SentReport]:
    """What became of the last reports of a schedule, newest first; raises NotFound."""
    report_schedule(tx, actor, report_id, schedule_id)
    d = ReportDelivery
    rows = tx.execute(
        select(d.once, d.email, Agent.name, d.for_at, d.due_at, d.state, d.attempts, d.error)
        .outerjoin(Agent, Agent.id == d.agent_id)
        .where(d.schedule_id == schedule_id)
        .order_by(d.id.desc())
        .limit(LAST)
    )
    return [
        SentReport(
            row.email or row.name or "", row.once.startswith("trial:"), row.for_at, row.due_at, row.state, row.attempts,
            row.error,
        )
        for row in rows
    ]  # fmt: skip


def _schedules(tx: Tx, found: Select[Any]) -> list[Schedule]:
    rows = tx.execute(found.order_by(ReportSchedule.id)).all()
    ids = [row.id for row in rows]
    r = ReportRecipient
    people = tx.execute(
        select(r.schedule_id, r.agent_id, r.email, Agent.name)
        .outerjoin(Agent, Agent.id == r.agent_id)
        .where(r.schedule_id.in_(ids))
        .order_by(r.id)
    ).all()
    troubles = _troubles(tx, ids)
    return [
        Schedule(
            id=row.id,
            report_id=row.saved_report_id,
            rule=Recurrence(Every(row.every), row.minute, row.weekday, row.day),
            time_zone=row.time_zone,
            channel_id=row.channel_id,
            next_at=row.next_at,
            agents=tuple((one.agent_id, one.name) for one in people if one.schedule_id == row.id and one.agent_id),
            emails=tuple(one.email for one in people if one.schedule_id == row.id and one.email),
            trouble=troubles.get(row.id, ""),
        )
        for row in rows
    ]


def _troubles(tx: Tx, ids: list[int]) -> dict[int, str]:
    """Why somebody did not get the newest report of a schedule, for those where it is so."""
    d = ReportDelivery
    owed = (d.schedule_id.in_(ids), d.once.not_like("trial:%"))
    newest = select(d.schedule_id, func.max(d.for_at).label("at")).where(*owed).group_by(d.schedule_id).subquery()
    failed = (
        select(d.schedule_id, d.error)
        .join(newest, (newest.c.schedule_id == d.schedule_id) & (newest.c.at == d.for_at))
        .where(*owed, d.state.in_(("failed", "unknown", "dropped")))
    )
    return {row.schedule_id: row.error or "" for row in tx.execute(failed.order_by(d.id))}
