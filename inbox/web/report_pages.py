"""The report of response speed: figures, charts, the dialogs behind each figure, CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from urllib.parse import urlencode

from aiohttp import web

from inbox.queries.company import company_settings
from inbox.queries.conversation_list import QueueFilter, QueueView, conversation_list
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.filter_choices import filter_choices
from inbox.queries.report_counts import ReportFilter
from inbox.queries.report_turns import PAGE, TurnLine, report_turns
from inbox.queries.reports import response_report
from inbox.rules.errors import Invalid
from inbox.rules.texts import N_
from inbox.runtime.languages import Language, zone
from inbox.web.charts import bar_chart, day_chart
from inbox.web.visit import Visit, visit

MOST_DAYS = 400
MOST_ROWS = 200_000
PERIODS = {"today": 0, "7": 6, "30": 29, "90": 89}


async def show_response(request: web.Request) -> web.StreamResponse:
    """The page."""
    here = visit(request)
    wanted = await _filter(here)
    # Read before what it is true for: a fact between the two is drawn again, never lost.
    event_id = await here.resources.database.read(newest_event_id)
    report = await here.read(response_report, wanted)
    waiting = await here.read(conversation_list, QueueFilter(view=QueueView.WAITING))
    return here.page(
        "reports/response.html",
        section="reports",
        event_id=event_id,
        counters=await here.read(counters),
        choices=await here.read(filter_choices),
        report=report,
        wanted=wanted,
        period=request.query.get("period", "30" if "from" not in request.query else "own"),
        waiting=waiting.rows[:10],
        days=day_chart(report, here.language),
        bars=bar_chart(report),
        link=_Links(wanted),
    )


async def show_turns(request: web.Request) -> web.StreamResponse:
    """The waits behind one figure, newest first."""
    here = visit(request)
    wanted = await _filter(here)
    query = request.query
    lines = await here.read(
        report_turns,
        wanted,
        least=_number(query.get("least")),
        most=_number(query.get("most")),
        outcome=query.get("outcome"),
        before=_number(query.get("before")),
    )
    return here.page(
        "reports/turns.html",
        section="reports",
        event_id=await here.resources.database.read(newest_event_id),
        counters=await here.read(counters),
        lines=lines,
        wanted=wanted,
        more=f"{request.path}?{urlencode({**query, 'before': lines[-1].id})}" if len(lines) == PAGE else None,
        link=_Links(wanted),
    )


async def export_turns(request: web.Request) -> web.StreamResponse:
    """A row per wait as CSV, with a byte order mark so that spreadsheets read Russian."""
    here = visit(request)
    wanted = await _filter(here)
    lines = await here.read(report_turns, wanted, limit=MOST_ROWS)
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";" if here.language.code == "ru" else ",")
    spoken = here.language.gettext
    writer.writerow([
        spoken(N_("Dialog")), spoken(N_("Client")), spoken(N_("Channel")), spoken(N_("Source")), spoken(N_("Agent")),
        spoken(N_("Wait number")), spoken(N_("Began")), spoken(N_("Ended")), spoken(N_("How it ended")),
        spoken(N_("Seconds")), spoken(N_("Working seconds")),
    ])  # fmt: skip
    for line in lines:
        writer.writerow(_csv_row(line, here.language, here.view.time_zone))
    name = f"response-{wanted.measure}-{wanted.start}-{wanted.end}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return web.Response(
        body=target.getvalue().encode("utf-8-sig"), content_type="text/csv", charset="utf-8", headers=headers
    )


class _Links:
    """Addresses of the same report with something changed; templates call it."""

    def __init__(self, wanted: ReportFilter) -> None:
        self._base = {
            "from": wanted.start.isoformat(),
            "to": wanted.end.isoformat(),
            "measure": wanted.measure,
            "hours": wanted.hours,
            "channel": wanted.channel_id,
            "agent": wanted.agent_id,
            "source": wanted.source,
        }

    def __call__(self, page: str = "", **changes: object) -> str:
        values = {**self._base, **{name.rstrip("_"): value for name, value in changes.items()}}
        return f"/reports/response{page}?" + urlencode(
            {name: value for name, value in values.items() if value is not None}
        )


async def _filter(here: Visit) -> ReportFilter:
    """The filter of an address; raises Invalid for dates that make no period."""
    query = here.request.query
    company = await here.read(company_settings)
    today = here.resources.clock.now().astimezone(zone(company.time_zone)).date()
    back = PERIODS.get(query.get("period", "30"), 29)
    try:
        start = date.fromisoformat(query["from"]) if query.get("from") else today - timedelta(days=back)
        end = date.fromisoformat(query["to"]) if query.get("to") else today
    except ValueError as error:
        raise Invalid({"from": N_("Choose the days from a calendar.")}) from error
    if query.get("period") in PERIODS:
        start, end = today - timedelta(days=back), today
    if start > end or (end - start).days >= MOST_DAYS or not 2000 <= start.year <= 2100:
        raise Invalid({"from": N_("Choose a period of at most 400 days, the first day before the last.")})
    return ReportFilter(
        start=start,
        end=end,
        measure="next" if query.get("measure") == "next" else "first",
        hours="business" if query.get("hours") == "business" else "clock",
        channel_id=_number(query.get("channel")),
        agent_id=_number(query.get("agent")),
        source=query.get("source"),
    )


def _csv_row(line: TurnLine, language: Language, time_zone: str) -> list[object]:
    outcomes = {"answered": N_("answered"), "unanswered": N_("not answered"), "dismissed": N_("no answer needed")}
    words = language.gettext(outcomes.get(line.outcome or "", N_("still waits")))
    moments = [
        "" if moment is None else moment.astimezone(zone(time_zone)).strftime("%Y-%m-%d %H:%M:%S")
        for moment in (line.opened_at, line.closed_at)
    ]
    # A leading sign would make a spreadsheet read a name as a formula.
    name = line.contact_name
    safe = "'" + name if name[:1] in ("=", "+", "-", "@") else name
    return [
        line.conversation_id, safe, line.channel_name, line.source_label or "", line.agent_name or "", line.number,
        *moments, words, line.clock_seconds, line.business_seconds,
    ]  # fmt: skip


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 16 else None
