"""The reports: response speed, any two axes crossed, and the dialogs behind each figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from inbox.queries.conversation_list import QueueFilter, QueueView, conversation_list
from inbox.queries.event_log import newest_event_id
from inbox.queries.filter_choices import filter_choices
from inbox.queries.report_crossed import AXES, crossed
from inbox.queries.report_cuts import Cut
from inbox.queries.report_filter import ANY_WAIT
from inbox.queries.report_people import people
from inbox.queries.report_people_dialogs import FIGURES as PEOPLE_FIGURES
from inbox.queries.report_people_dialogs import people_dialogs
from inbox.queries.report_sales import sales
from inbox.queries.report_turns import PAGE, turn_list
from inbox.queries.reports import response_hours, response_report
from inbox.queries.teams import team_list
from inbox.report_address import read_number
from inbox.web.charts import bar_chart, day_chart, heat_map
from inbox.web.report_address import Links, read_address, read_period
from inbox.web.report_frame import more_link, report_page
from inbox.web.visit import Visit, visit

FIGURES = ("p50", "p90", "share", "total")


async def show_response(request: web.Request) -> web.StreamResponse:
    """How fast clients are answered."""
    here = visit(request)
    wanted = await read_address(here)
    # Read before what it is true for: a fact between the two is drawn again, never lost.
    event_id = await here.resources.database.read(newest_event_id)
    report = await here.read(response_report, wanted)
    waiting = await here.read(conversation_list, QueueFilter(view=QueueView.WAITING))
    return await _page(
        here,
        "reports/response.html",
        tab="response",
        event_id=event_id,
        choices=await here.read(filter_choices),
        report=report,
        wanted=wanted,
        waiting=waiting.rows[:10],
        days=day_chart(report, here.language),
        bars=bar_chart(report),
        heat=None,
        link=Links(wanted),
    )


async def show_hours(request: web.Request) -> web.StreamResponse:
    """The heat map, which the page asks for when it is there."""
    here = visit(request)
    wanted = await read_address(here)
    heat = heat_map(await here.read(response_hours, wanted))
    return here.partial("reports/_hours.html", heat=heat, link=Links(wanted))


async def show_crossed(request: web.Request) -> web.StreamResponse:
    """The same waits by two axes."""
    here = visit(request)
    wanted = await read_address(here)
    query = request.query
    down = query.get("down") if query.get("down") in AXES else "agent"
    across = query.get("across") if query.get("across") in AXES else "channel"
    if down == across:
        across = next(axis for axis in ("channel", "agent") if axis != down)
    show = query.get("show") if query.get("show") in FIGURES else FIGURES[0]
    table = await here.read(crossed, wanted, str(down), str(across))
    return await _page(
        here,
        "reports/crossed.html",
        tab="crossed",
        table=table,
        axes=AXES,
        show=show,
        wanted=wanted,
        choices=await here.read(filter_choices),
        link=Links(wanted, "crossed", down=str(down), across=str(across), show=str(show)),
    )


async def show_sales(request: web.Request) -> web.StreamResponse:
    """What slow first answers cost."""
    here = visit(request)
    wanted = replace(await read_address(here), measure="first")
    return await _page(
        here,
        "reports/sales.html",
        tab="sales",
        sales=await here.read(sales, wanted),
        outcomes=Links(wanted, "sales/outcomes")(),
        wanted=wanted,
        choices=await here.read(filter_choices),
        link=Links(wanted, "sales"),
    )


async def show_outcomes(request: web.Request) -> web.StreamResponse:
    """The same by how dialogs ended, which a page without verdicts asks for: it is counted dialog by dialog."""
    here = visit(request)
    wanted = replace(await read_address(here), measure="first")
    found = await here.read(sales, wanted, "ending")
    return here.partial("reports/_sales.html", sales=found, wanted=wanted, link=Links(wanted, "sales"))


async def show_people(request: web.Request) -> web.StreamResponse:
    """The work of each agent."""
    here = visit(request)
    wanted = await read_address(here)
    return await _page(
        here,
        "reports/people.html",
        tab="people",
        people=await here.read(people, wanted),
        wanted=wanted,
        link=Links(wanted, "people", lists="people"),
        waits=Links(wanted, "response"),
        work=Links(wanted, "workload", lists="workload"),
    )


async def show_turns(request: web.Request) -> web.StreamResponse:
    """The waits behind one figure: newest first, or for a percentile the longest first."""
    here = visit(request)
    wanted = await read_address(here)
    query = request.query
    if query.get("measure") == ANY_WAIT:
        wanted = replace(wanted, measure=ANY_WAIT)
    cut = Cut(
        read_number(query.get("least")), read_number(query.get("most")), query.get("outcome"), query.get("judged")
    )
    longest, before = query.get("order") == "length", read_number(query.get("before"))
    found = await here.read(turn_list, wanted, cut, longest=longest, before=before)
    return await _page(
        here,
        "reports/turns.html",
        lines=found.lines,
        total=found.total,
        longest=longest,
        wanted=wanted,
        more=more_link(request, found.lines, PAGE),
        link=Links(wanted),
    )


async def show_people_dialogs(request: web.Request) -> web.StreamResponse:
    """What a figure of an agent counts that is no wait, newest first."""
    here = visit(request)
    wanted = await read_address(here)
    query = request.query
    figure = query.get("figure", "")
    figure = figure if figure in PEOPLE_FIGURES else PEOPLE_FIGURES[0]
    lines = await here.read(people_dialogs, wanted, figure, before=read_number(query.get("before")))
    return await _page(
        here,
        "reports/people_dialogs.html",
        lines=lines,
        figure=figure,
        wanted=wanted,
        more=more_link(request, lines, PAGE),
        link=Links(wanted, "people"),
    )


async def _page(here: Visit, template: str, **values: Any) -> web.Response:
    return await report_page(
        here, template, teams=await here.read(team_list), period=read_period(here.request), **values
    )
