"""Reports kept under a name: the list, and the form that names one."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from inbox.actions.saved_reports import ReportDraft, change_report, remove_report, save_report
from inbox.queries.company import company_settings
from inbox.queries.report_schedules import report_schedules, schedules_by_report
from inbox.queries.report_summary import report_summary
from inbox.queries.saved_reports import Saved, saved_report, saved_reports
from inbox.report_address import report_filter
from inbox.report_picture import draw_picture
from inbox.report_words import ReportWords
from inbox.rules.errors import Invalid, NotAllowed, NotFound
from inbox.rules.report_periods import PERIODS, moving_period
from inbox.rules.saved_reports import PAGES, kept_choices, read_choices
from inbox.rules.texts import N_
from inbox.web.report_address import read_today
from inbox.web.report_frame import report_page
from inbox.web.settings_pages import numbered
from inbox.web.visit import Visit, visit

PAGE_WORDS = {
    "response": N_("Response speed"),
    "workload": N_("Workload"),
    "people": N_("Agents"),
    "sales": N_("Speed and sales"),
    "crossed": N_("Crossed"),
}
PERIOD_WORDS = {
    "today": N_("Today"),
    "yesterday": N_("Yesterday"),
    "7": N_("The last 7 days"),
    "week": N_("The last whole week"),
    "30": N_("The last 30 days"),
    "month": N_("The last whole month"),
    "90": N_("The last 90 days"),
}
# Days that stay as they were chosen.
OWN = "own"


async def list_saved(request: web.Request) -> web.StreamResponse:
    """Every report that the viewer may open."""
    here = visit(request)
    lines = await here.read(saved_reports)
    schedules = await here.read(schedules_by_report)
    shown = [(line, period_words(here, line), schedules[line.id]) for line in lines]
    return await _page(here, "reports/saved.html", lines=shown)


async def show_saved(request: web.Request) -> web.StreamResponse:
    """One kept report, or (`new`) the form that keeps another."""
    here = visit(request)
    found = await _changeable(here)
    choices = dict(request.query) if found is None else read_choices(found.query)
    draft = ReportDraft("", request.query.get("page", ""), choices)
    if found is not None:
        draft = ReportDraft(found.name, found.page, choices, found.shared)
    elif draft.page not in PAGES:
        raise NotFound
    return await _form(here, found, draft)


async def keep_saved(request: web.Request) -> web.StreamResponse:
    """Keep a report, or (`new`) add one."""
    here = visit(request)
    found = await _changeable(here)
    form = await request.post()
    choices = {**read_choices(str(form.get("choices", ""))[:2000]), "period": str(form.get("period", ""))}
    draft = ReportDraft(str(form.get("name", "")), str(form.get("page", "")), choices, "shared" in form)
    try:
        report_filter(choices, await read_today(here))
        if found is None:
            await here.write(save_report, draft)
        else:
            await here.write(change_report, found.id, draft)
    except Invalid as error:
        words = {name: here.language.gettext(text) for name, text in error.fields.items()}
        return await _form(here, found, draft, words, status=422)
    return here.saved("/reports/saved")


async def drop_saved(request: web.Request) -> web.StreamResponse:
    """Forget a report."""
    here = visit(request)
    await here.write(remove_report, numbered(request.match_info["report_id"]))
    return here.saved("/reports/saved")


async def show_picture(request: web.Request) -> web.StreamResponse:
    """A kept report as the picture that its schedules send."""
    here = visit(request)
    found = await here.read(saved_report, numbered(request.match_info["report_id"]))
    company = await here.read(company_settings)
    choices = read_choices(found.query)
    wanted = report_filter(choices, await read_today(here))
    summary = await here.read(report_summary, found.page, wanted, choices)
    words = ReportWords(here.language, found.name, summary, here.resources.clock.now(), company.time_zone)
    picture = await draw_picture(words.sheet())
    return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "no-store"})


def period_words(here: Visit, saved: Saved) -> str:
    """The period of a kept report: its moving one, or its days."""
    choices = read_choices(saved.query)
    moving = PERIOD_WORDS.get(choices.get("period", ""))
    return _days(here, choices) if moving is None else here.language.gettext(moving)


async def _changeable(here: Visit) -> Saved | None:
    """The report of the address, None for `new`; raises NotFound, and NotAllowed for somebody else's."""
    key = here.request.match_info["report_id"]
    if key == "new":
        return None
    found = await here.read(saved_report, numbered(key))
    if not found.may_change:
        raise NotAllowed
    return found


async def _form(
    here: Visit, found: Saved | None, draft: ReportDraft, errors: Mapping[str, str] | None = None, status: int = 200
) -> web.Response:
    today = await read_today(here)
    periods = [(name, here.language.gettext(PERIOD_WORDS[name])) for name in PERIODS]
    chosen = draft.choices.get("period", "")
    if {"from", "to"} <= draft.choices.keys():
        try:
            wanted = report_filter({**draft.choices, "period": ""}, today)
            chosen = chosen if chosen in (*PERIODS, OWN) else moving_period(wanted.start, wanted.end, today) or OWN
            periods.append((OWN, _days(here, draft.choices)))
        except Invalid as error:
            errors = {"period": here.language.gettext(error.key), **(errors or {})}
    return await _page(
        here,
        "reports/saved_form.html",
        status=status,
        found=found,
        draft=draft,
        choices=kept_choices({**draft.choices, "period": ""}),
        periods=periods,
        period=chosen,
        what=PAGE_WORDS.get(draft.page, ""),
        schedules=[] if found is None else await here.read(report_schedules, found.id),
        errors=errors or {},
    )


def _days(here: Visit, choices: Mapping[str, str]) -> str:
    """The fixed days of an address in words."""
    wanted = report_filter(choices, here.resources.clock.now().date())
    start, end = here.language.date(wanted.start), here.language.date(wanted.end)
    return start if wanted.start == wanted.end else f"{start} – {end}"


async def _page(here: Visit, template: str, status: int = 200, **values: object) -> web.Response:
    return await report_page(here, template, status, tab="saved", page_words=PAGE_WORDS, **values)
