"""The whole of a letter: its lines of address on a page, its body in a frame that can do nothing."""

from __future__ import annotations

import asyncio

from aiohttp import web
from markupsafe import escape

from connectors.contract import BadPayload, Original, Request
from inbox.equipment import usable_config
from inbox.queries.letters import kept_original
from inbox.rules.errors import NotFound
from inbox.runtime.safe_html import SafeHtml, make_safe
from inbox.web.visit import Visit, visit

# The body is drawn from its own words alone; pictures from elsewhere only when somebody asked for them.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{more}; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_FRAME = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="color-scheme" content="light">'
    "<style>body{{margin:16px;font:15px/1.5 system-ui,sans-serif;color:#111;background:#fff;overflow-wrap:anywhere}}"
    "img{{max-width:100%;height:auto}}pre{{white-space:pre-wrap;font:inherit}}</style></head><body>{body}</body></html>"
)


async def show_original(request: web.Request) -> web.StreamResponse:
    """The page: from whom, to whom, about what, and the frame."""
    here = visit(request)
    number = _number(request)
    whole = await _whole(here, number)
    safe = await _safe(whole, fetch_remote=False)
    pictures = request.query.get("pictures") == "yes"
    return here.page(
        "conversations/original.html",
        number=number,
        whole=whole,
        safe=safe,
        pictures=pictures,
        section="inbox",
        event_id=0,
    )


async def show_original_body(request: web.Request) -> web.StreamResponse:
    """What stands in the frame."""
    here = visit(request)
    pictures = request.query.get("pictures") == "yes"
    whole = await _whole(here, _number(request))
    body = (
        (await _safe(whole, fetch_remote=pictures)).html if whole.html.strip() else f"<pre>{escape(whole.text)}</pre>"
    )
    page = _FRAME.format(language=here.view.language.code, body=body)
    headers = {
        "Content-Security-Policy": _POLICY.format(more=" https: http:" if pictures else ""),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }
    return web.Response(text=page, content_type="text/html", headers=headers)


async def _whole(here: Visit, number: int) -> Original:
    kept = await here.read(kept_original, number)
    declared, config = usable_config(here.resources.vault, kept.channel_kind, kept.config)
    if declared.original is None:
        raise NotFound
    try:
        request = Request("POLL", {}, kept.headers, kept.body, kept.received_at)
        return await asyncio.to_thread(declared.original, request, config)
    except BadPayload as error:
        raise NotFound from error


async def _safe(whole: Original, *, fetch_remote: bool) -> SafeHtml:
    return await asyncio.to_thread(make_safe, whole.html, whole.pictures, fetch_remote=fetch_remote)


def _number(request: web.Request) -> int:
    text = request.match_info["message_id"]
    if not text.isdecimal() or len(text) > 18:
        raise NotFound
    return int(text)
