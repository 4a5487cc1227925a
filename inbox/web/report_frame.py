"""What the pages of the reports share: the frame around them, and the way to the next lines of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.web.visit import Visit


async def report_page(here: Visit, template: str, status: int = 200, **values: Any) -> web.Response:
    """A page among the reports. One that the stream keeps true gives the `event_id` that it was read after itself."""
    frame: dict[str, Any] = {
        "section": "reports",
        "event_id": await here.resources.database.read(newest_event_id),
        "counters": await here.read(counters),
    }
    return here.page(template, status=status, **{**frame, **values})


def more_link(request: web.Request, lines: Sequence[Any], page: int) -> str | None:
    """Where a list of `page` lines goes on, below the `id` of its last one; None when these were all."""
    if len(lines) < page:
        return None
    return f"{request.path}?{urlencode({**request.query, 'before': lines[-1].id})}"
