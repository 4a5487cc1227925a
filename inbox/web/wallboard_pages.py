"""The wallboard: one live page for a screen on the wall."""

from __future__ import annotations

from aiohttp import web

from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.wallboard import wallboard
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
