"""The wallboard: one live page for a screen on the wall, and what is behind its figures."""

from __future__ import annotations

from aiohttp import web

from inbox.models.base import to_milliseconds
from inbox.queries.breaches import PAGE, breaches
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.report_turns import PAGE as TURNS_PAGE
from inbox.queries.wallboard import hour_waits, wallboard
from inbox.report_address import read_number
from inbox.web.report_frame import more_link, report_page
from inbox.web.visit import visit


async def show_wallboard(request: web.Request) -> web.StreamResponse:
    """Who waits now, who is here, how the last hour went. The stream keeps it true."""
    here = visit(request)
    # Read before what it is true for: a fact between the two is drawn again, never lost.
    event_id = await here.resources.database.read(newest_event_id)
    return here.page(
        "reports/wallboard.html",
        event_id=event_id,
        counters=await here.read(counters),
        board=await here.read(wallboard),
    )


async def show_breaches(request: web.Request) -> web.StreamResponse:
    """The targets that were missed today, newest first."""
    here = visit(request)
    at, key = read_number(request.query.get("before")), read_number(request.query.get("key"))
    before = None if at is None or key is None else (at, key)
    lines, count = await here.read(breaches, before=before)
    more = None
    if len(lines) == PAGE:
        more = f"{request.path}?before={to_milliseconds(lines[-1].at)}&key={lines[-1].key}"
    return await report_page(here, "reports/breaches.html", lines=lines, count=count, more=more)


async def show_hour(request: web.Request) -> web.StreamResponse:
    """The waits of the last hour, newest first."""
    here = visit(request)
    lines = await here.read(hour_waits, before=read_number(request.query.get("before")))
    return await report_page(here, "reports/hour.html", lines=lines, more=more_link(request, lines, TURNS_PAGE))
