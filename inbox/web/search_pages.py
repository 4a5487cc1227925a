"""Finding clients and messages."""

from __future__ import annotations

from aiohttp import web

from inbox.queries.search import search
from inbox.web.visit import visit


async def find(request: web.Request) -> web.StreamResponse:
    """Results as a fragment for the dialog, or as a page without scripts."""
    here = visit(request)
    typed = request.query.get("q", "")[:200]
    found = await here.read(search, typed)
    template = "inbox/_search_results.html" if here.partial_wanted else "inbox/search.html"
    return (here.partial if here.partial_wanted else here.page)(template, found=found, typed=typed)
