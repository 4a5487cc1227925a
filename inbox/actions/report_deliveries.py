"""Sending kept reports out: a row per moment and recipient first, each claimed, sent and settled once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from connectors.contract import SendError, Throttled
from inbox.actions.events import record
from inbox.models import Company, ReportDelivery, ReportRecipient, ReportSchedule, SavedReport
from inbox.queries.report_routes import Route, report_route
from inbox.rules.due_moments import Every, Recurrence, next_due
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.rules.retry import next_attempt
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.insert_once import insert_once
from inbox.runtime.languages import zone

# Long enough to draw a picture behind a busy database, and to send it over a slow line.
LEASE = timedelta(minutes=3)
CLAIM_LIMIT = 10
_STOPPED = N_("The server stopped while this was being sent: it may have arrived or not.")


@dataclass(frozen=True, slots=True)
class OwedReport:
    """A report that this worker may send until its lease ends. Its days are counted from the company's `for_at`."""

    id: int
    schedule_id: int
    name: str
    page: str
    query: str
    for_at: datetime
    time_zone: str
    attempts: int
    route: Route


def owe_reports(tx: Tx, actor: Actor) -> int:
    """Owe every report whose moment has come to each of its recipients; returns how many are new.

    Of the moments that passed while the server was down only the last one is owed.
    """
    s = ReportSchedule
    count = 0
    for row in tx.execute(select(s.__table__).where(s.next_at <= tx.now).order_by(s.id)).all():
        rule = Recurrence(Every(row.every), row.minute, row.weekday, row.day)
        for_at = row.next_at
        while (following := next_due(rule, for_at, zone(row.time_zone))) <= tx.now:
            for_at = following
        moved = update(s).where(s.id == row.id, s.next_at == row.next_at).values(next_at=following)
        if tx.execute(moved).rowcount:
            count += _owe(tx, row.id, for_at)
    return count


def _owe(tx: Tx, schedule_id: int, for_at: datetime) -> int:
    r = ReportRecipient
    kept = insert_once(tx.connection.dialect.name, ReportDelivery, ("schedule_id", "once"))
    count = 0
    for row in tx.execute(select(r.agent_id, r.email).where(r.schedule_id == schedule_id).order_by(r.id)).all():
        to = row.email or f"agent:{row.agent_id}"
        values = {
            "schedule_id": schedule_id,
            "once": f"{for_at.isoformat()} {to}",
            "agent_id": row.agent_id,
            "email": row.email,
            "for_at": for_at,
            "state": "queued",
            "due_at": tx.now,
        }
        count += int(tx.execute(kept, values).rowcount)
    return count


def claim_reports(tx: Tx, actor: Actor) -> list[OwedReport]:
    """Claim what is due. Who may get nothing any more is dropped; what broke off while it was sent is not sent anew."""
    d = ReportDelivery
    for lost in tx.execute(select(d.id, d.schedule_id).where(d.state == "sending", d.due_at <= tx.now)).all():
        _settle(tx, lost.id, "unknown", _STOPPED)
        details = {"delivery_id": lost.id, "schedule_id": lost.schedule_id, "reason": _STOPPED}
        record(tx, actor, EventKind.REPORT_FAILED, details=details)
    due = (
        select(
            d.id, d.schedule_id, d.agent_id, d.email, d.for_at, d.attempts, SavedReport.name, SavedReport.page,
            SavedReport.query,
        )
        .join(ReportSchedule, ReportSchedule.id == d.schedule_id)
        .join(SavedReport, SavedReport.id == ReportSchedule.saved_report_id)
        .where(d.state == "queued", d.due_at <= tx.now)
        .order_by(d.due_at, d.id)
        .limit(CLAIM_LIMIT)
    )  # fmt: skip
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none() or ""
    claimed = []
    for row in tx.execute(due).all():
        route = report_route(tx, row.schedule_id, row.agent_id, row.email)
        if isinstance(route, str):
            _settle(tx, row.id, "dropped", route)
            continue
        tx.execute(update(d).where(d.id == row.id).values(attempts=row.attempts + 1, due_at=tx.now + LEASE))
        claimed.append(
            OwedReport(
                row.id, row.schedule_id, row.name, row.page, row.query, row.for_at, time_zone, row.attempts + 1, route
            )
        )
    return claimed


def begin_report(tx: Tx, actor: Actor, owed: OwedReport) -> bool:
    """Note that the request goes out now; False when another worker has taken it over meanwhile."""
    d = ReportDelivery
    own = update(d).where(d.id == owed.id, d.state == "queued", d.attempts == owed.attempts)
    return bool(tx.execute(own.values(state="sending", due_at=tx.now + LEASE)).rowcount)


def settle_report(tx: Tx, actor: Actor, owed: OwedReport, problem: SendError | None) -> None:
    """Note what became of it. What may have arrived is not sent again; other trouble is tried again for about a day."""
    d = ReportDelivery
    details = {"delivery_id": owed.id, "schedule_id": owed.schedule_id, "name": owed.name, "to": owed.route.to}
    if problem is None:
        _settle(tx, owed.id, "sent", None)
        record(tx, actor, EventKind.REPORT_SENT, details=details)
        return
    words = problem.reason or problem.code
    if getattr(problem, "maybe_sent", False):
        _settle(tx, owed.id, "unknown", words)
    else:
        wanted = problem.retry_after if isinstance(problem, Throttled) else None
        moment = next_attempt(owed.attempts, wanted, tx.now, 0.0) if problem.retryable else None
        if moment is not None:
            tx.execute(update(d).where(d.id == owed.id).values(state="queued", due_at=moment, error=words))
            return
        _settle(tx, owed.id, "failed", words)
    record(tx, actor, EventKind.REPORT_FAILED, details={**details, "reason": words})


def _settle(tx: Tx, delivery_id: int, state: str, error: str | None) -> None:
    values = {"state": state, "error": error, "settled_at": tx.now}
    tx.execute(update(ReportDelivery).where(ReportDelivery.id == delivery_id).values(values))
