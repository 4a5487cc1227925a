"""When a saved report goes out and to whom: the form of one schedule, and what became of its last reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from inbox.actions.report_schedules import ScheduleDraft, ask_trial, remove_schedule, save_schedule
from inbox.queries.company import company_settings
from inbox.queries.report_schedules import (
    Schedule,
    letter_channels,
    report_schedule,
    schedule_agents,
    sent_reports,
)
from inbox.queries.saved_reports import Saved, saved_report
from inbox.report_address import read_number
from inbox.rules.due_moments import Every
from inbox.rules.errors import Invalid, NotAllowed
from inbox.rules.quiet_hours import read_minute
from inbox.rules.texts import N_
from inbox.web.report_frame import report_page
from inbox.web.settings_pages import numbered
from inbox.web.setup_pages import zones
from inbox.web.visit import Visit, visit

EVERY_WORDS = {Every.DAY: N_("Every day"), Every.WEEK: N_("Every week"), Every.MONTH: N_("Every month")}
STATE_WORDS = {
    "queued": N_("will be sent"),
    "sending": N_("being sent"),
    "sent": N_("sent"),
    "unknown": N_("perhaps sent"),
    "failed": N_("not sent"),
    "dropped": N_("not sent"),
}
# A new schedule: Mondays at nine.
_NEW = {"every": "week", "minute": "09:00", "weekday": "0", "day": "1"}

Fields = Mapping[str, Any]


async def show_schedule(request: web.Request) -> web.StreamResponse:
    """One schedule, or (`new`) the form of another."""
    here = visit(request)
    report, schedule = await _found(here)
    return await _form(here, report, schedule, await _stored(here, schedule))


async def keep_schedule(request: web.Request) -> web.StreamResponse:
    """Keep a schedule, or (`new`) add one."""
    here = visit(request)
    report, schedule = await _found(here)
    post = await request.post()
    form: dict[str, Any] = {name: str(post.get(name, "")) for name in (*_NEW, "time_zone", "emails", "channel_id")}
    form["agents"] = [str(value) for value in post.getall("agents", [])]
    try:
        key = await here.write(save_schedule, report.id, None if schedule is None else schedule.id, _draft(form))
    except Invalid as error:
        words = {name: here.language.gettext(text) for name, text in error.fields.items()}
        return await _form(here, report, schedule, form, words, status=422)
    return here.saved(f"/reports/saved/{report.id}/schedules/{key}")


async def drop_schedule(request: web.Request) -> web.StreamResponse:
    """Send it out no more."""
    here = visit(request)
    report = numbered(request.match_info["report_id"])
    await here.write(remove_schedule, report, numbered(request.match_info["schedule_id"]))
    return here.saved(f"/reports/saved/{report}")


async def send_trial(request: web.Request) -> web.StreamResponse:
    """Send the report to the viewer now."""
    here = visit(request)
    report, schedule = await _found(here)
    number = numbered(request.match_info["schedule_id"])
    try:
        await here.write(ask_trial, report.id, number)
    except Invalid as error:
        words = {name: here.language.gettext(text) for name, text in error.fields.items()}
        return await _form(here, report, schedule, await _stored(here, schedule), words, status=422)
    return here.see_other(f"/reports/saved/{report.id}/schedules/{number}#sent")


async def _found(here: Visit) -> tuple[Saved, Schedule | None]:
    """The report and the schedule of the address (None: `new`); raises NotFound and NotAllowed."""
    report = await here.read(saved_report, numbered(here.request.match_info["report_id"]))
    if not report.may_change:
        raise NotAllowed
    key = here.request.match_info["schedule_id"]
    return report, None if key == "new" else await here.read(report_schedule, report.id, numbered(key))


def _draft(form: Fields) -> ScheduleDraft:
    """The form in numbers; what is none is refused by the action."""
    minute, weekday, day = read_minute(form["minute"]), read_number(form["weekday"]), read_number(form["day"])
    return ScheduleDraft(
        every=form["every"],
        minute=-1 if minute is None else minute,
        weekday=-1 if weekday is None else weekday,
        day=-1 if day is None else day,
        time_zone=form["time_zone"],
        agents=[read_number(key) or 0 for key in form["agents"]],
        emails=[email for email in re.split(r"[\s,;]+", form["emails"]) if email],
        channel_id=read_number(form["channel_id"]),
    )


async def _stored(here: Visit, schedule: Schedule | None) -> Fields:
    """A schedule as the fields of the form."""
    if schedule is None:
        zone = (await here.read(company_settings)).time_zone
        return {**_NEW, "time_zone": zone, "emails": "", "channel_id": "", "agents": []}
    return {
        "every": schedule.rule.every.value,
        "minute": f"{schedule.rule.minute // 60:02}:{schedule.rule.minute % 60:02}",
        "weekday": str(schedule.rule.weekday),
        "day": str(schedule.rule.day),
        "time_zone": schedule.time_zone,
        "emails": "\n".join(schedule.emails),
        "channel_id": str(schedule.channel_id or ""),
        "agents": [str(key) for key, _ in schedule.agents],
    }


async def _form(
    here: Visit,
    report: Saved,
    schedule: Schedule | None,
    values: Fields,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    database = here.resources.database
    return await report_page(
        here,
        "reports/schedule.html",
        status,
        tab="saved",
        report=report,
        schedule=schedule,
        values=values,
        errors=errors or {},
        agents=await database.read(schedule_agents),
        channels=await database.read(letter_channels),
        zones=zones(),
        every_words=EVERY_WORDS,
        state_words=STATE_WORDS,
        sent=[] if schedule is None else await here.read(sent_reports, report.id, schedule.id),
    )
