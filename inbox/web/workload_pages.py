"""The report of workload, and the dialogs behind its figures."""

from __future__ import annotations

from aiohttp import web

from inbox.queries.filter_choices import filter_choices
from inbox.queries.report_workload import BY, FIGURES, PAGE, WAITS, workload, workload_list
from inbox.queries.teams import team_list
from inbox.report_address import read_number
from inbox.rules.texts import N_
from inbox.web.report_address import Links, read_address, read_by, read_period
from inbox.web.report_frame import more_link, report_page
from inbox.web.visit import visit

FIGURE_WORDS = {
    "new": N_("New dialogs"),
    "answered": N_("Answered waits"),
    "resolved": N_("Dialogs resolved"),
    "reopened": N_("Dialogs opened again"),
    "unanswered": N_("Unanswered waits"),
}
BY_WORDS = {
    "day": N_("Day"),
    "agent": N_("Agent"),
    "channel": N_("Channel"),
    "source": N_("Source"),
    "tag": N_("Tag"),
    "team": N_("Team"),
}
# What a line without a name is called.
NAMELESS = {"agent": N_("Nobody"), "source": N_("unknown"), "tag": N_("no tag"), "team": N_("no team")}


async def show_workload(request: web.Request) -> web.StreamResponse:
    """How many dialogs began, ended and came back, how many waits were answered and how many not."""
    here = visit(request)
    wanted, by = await read_address(here), read_by(request, BY)
    return await report_page(
        here,
        "reports/workload.html",
        tab="workload",
        teams=await here.read(team_list),
        period=read_period(request),
        choices=await here.read(filter_choices),
        table=await here.read(workload, wanted, by),
        figures=FIGURE_WORDS,
        axes=BY_WORDS,
        nameless=NAMELESS,
        wanted=wanted,
        by=by,
        link=Links(wanted, "workload", lists="workload", by=by),
    )


async def show_workload_dialogs(request: web.Request) -> web.StreamResponse:
    """What one figure counts, newest first."""
    here = visit(request)
    wanted, by = await read_address(here), read_by(request, BY)
    figure = request.query.get("figure", "")
    figure = figure if figure in FIGURES else FIGURES[0]
    lines = await here.read(workload_list, wanted, figure, before=read_number(request.query.get("before")))
    return await report_page(
        here,
        "reports/workload_dialogs.html",
        lines=lines,
        title=FIGURE_WORDS[figure],
        waits=figure in WAITS,
        wanted=wanted,
        more=more_link(request, lines, PAGE),
        link=Links(wanted, "workload", by=by),
    )
