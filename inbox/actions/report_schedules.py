"""When a kept report goes out, and to whom."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, update

from inbox.actions.events import new_id, record
from inbox.models import ReportDelivery, ReportRecipient, ReportSchedule
from inbox.queries.report_schedules import Schedule, letter_channels, report_schedule, schedule_agents
from inbox.queries.saved_reports import saved_report
from inbox.rules.due_moments import Every, Recurrence, next_due
from inbox.rules.emails import looks_like_email
from inbox.rules.errors import Invalid, NotAllowed
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

MOST_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """What the form sends; `agents` are ids, `channel_id` the mailbox that sends the letters."""

    every: str
    minute: int
    weekday: int = 0
    day: int = 1
    time_zone: str = ""
    agents: Sequence[int] = ()
    emails: Sequence[str] = ()
    channel_id: int | None = None


def save_schedule(tx: Tx, actor: Actor, report_id: int, schedule_id: int | None, draft: ScheduleDraft) -> int:
    """Keep when a report goes out and to whom (None: once more); returns its id.

    Raises Invalid, NotFound, and NotAllowed for somebody else's report.
    """
    name = _changeable(tx, actor, report_id)
    rule = _checked(tx, draft)
    values = {
        "every": rule.every.value,
        "minute": rule.minute,
        "weekday": rule.weekday,
        "day": rule.day,
        "time_zone": draft.time_zone,
        "channel_id": draft.channel_id if draft.emails else None,
        "next_at": next_due(rule, tx.now, zone(draft.time_zone)),
    }
    if schedule_id is None:
        row = {**values, "saved_report_id": report_id, "created_at": tx.now}
        schedule_id = new_id(tx.execute(insert(ReportSchedule), row))
    else:
        report_schedule(tx, actor, report_id, schedule_id)
        tx.execute(update(ReportSchedule).where(ReportSchedule.id == schedule_id).values(values))
        tx.execute(delete(ReportRecipient).where(ReportRecipient.schedule_id == schedule_id))
    rows: list[dict[str, Any]] = [{"agent_id": key, "email": None} for key in dict.fromkeys(draft.agents)]
    rows += [{"agent_id": None, "email": email} for email in dict.fromkeys(map(str.lower, draft.emails))]
    tx.execute(insert(ReportRecipient), [{**row, "schedule_id": schedule_id} for row in rows])
    details = {"report_id": report_id, "schedule_id": schedule_id, "name": name, "recipients": len(rows)}
    record(tx, actor, EventKind.REPORT_SCHEDULED, details=details)
    return schedule_id


def remove_schedule(tx: Tx, actor: Actor, report_id: int, schedule_id: int) -> None:
    """Send it out no more, also what is still owed; raises NotFound and NotAllowed."""
    name = _changeable(tx, actor, report_id)
    report_schedule(tx, actor, report_id, schedule_id)
    tx.execute(delete(ReportSchedule).where(ReportSchedule.id == schedule_id))
    details = {"report_id": report_id, "schedule_id": schedule_id, "name": name}
    record(tx, actor, EventKind.REPORT_UNSCHEDULED, details=details)


def ask_trial(tx: Tx, actor: Actor, report_id: int, schedule_id: int) -> None:
    """Owe the actor this report now: in their messenger, else as a letter.

    Raises NotFound, and Invalid when neither is possible.
    """
    _changeable(tx, actor, report_id)
    schedule = report_schedule(tx, actor, report_id, schedule_id)
    own = next((agent for agent in schedule_agents(tx) if agent.id == actor.agent_id), None)
    if own is None or not (own.reached or _mailbox(tx, schedule)):
        words = N_("There is no way to you yet: link a messenger in your profile, or connect a mailbox.")
        raise Invalid({"trial": words})
    row = {
        "schedule_id": schedule_id,
        "once": f"trial:{secrets.token_hex(8)}",
        "agent_id": own.id,
        "email": None if own.reached else own.email,
        "for_at": tx.now,
        "state": "queued",
        "due_at": tx.now,
    }
    tx.execute(insert(ReportDelivery), row)


def _mailbox(tx: Tx, schedule: Schedule) -> bool:
    return schedule.channel_id is not None or bool(letter_channels(tx))


def _changeable(tx: Tx, actor: Actor, report_id: int) -> str:
    """The name of a report that the actor may change; raises NotFound and NotAllowed."""
    found = saved_report(tx, actor, report_id)
    if not found.may_change:
        raise NotAllowed
    return found.name


def _checked(tx: Tx, draft: ScheduleDraft) -> Recurrence:
    errors: dict[str, str] = {}
    if draft.every not in set(Every):
        errors["every"] = N_("Choose how often.")
    if not 0 <= draft.minute < 1440:
        errors["minute"] = N_("Write a time of day, for example 9:00.")
    if not 0 <= draft.weekday <= 6:
        errors["weekday"] = N_("Choose a day of the week.")
    if not 1 <= draft.day <= 31:
        errors["day"] = N_("Choose a day from 1 to 31.")
    if not draft.time_zone or zone(draft.time_zone).key != draft.time_zone:
        errors["time_zone"] = N_("Choose a time zone.")
    errors |= _recipient_errors(tx, draft)
    if errors:
        raise Invalid(errors)
    return Recurrence(Every(draft.every), draft.minute, draft.weekday, draft.day)


def _recipient_errors(tx: Tx, draft: ScheduleDraft) -> dict[str, str]:
    errors: dict[str, str] = {}
    reached = {agent.id for agent in schedule_agents(tx) if agent.reached}
    if not draft.agents and not draft.emails:
        errors["agents"] = N_("Choose at least one person, or write an e-mail address.")
    if not set(draft.agents) <= reached:
        errors["agents"] = N_("Somebody you chose cannot be reached in a messenger any more: choose again.")
    if len(draft.agents) + len(draft.emails) > MOST_RECIPIENTS:
        errors["emails"] = N_("At most 20 recipients: make a second schedule for the others.")
    if not all(looks_like_email(email) for email in draft.emails):
        errors["emails"] = N_("One of these is not an e-mail address.")
    if draft.emails and draft.channel_id not in dict(letter_channels(tx)):
        errors["channel_id"] = N_("Letters go out through a mailbox of the company: choose one.")
    return errors
