"""Around every request: an id, security headers, and one place where errors become answers."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable

from aiohttp import web

from inbox.rules.errors import DomainError, Invalid, TooMany
from inbox.rules.texts import N_
from inbox.runtime.database import Closed
from inbox.runtime.logging import REQUEST_ID
from inbox.runtime.unavailable import Unavailable
from inbox.web.visit import Visit, visit_or_stranger

log = logging.getLogger(__name__)

# Names requests in the logs; nothing secret depends on it.
_IDS = random.Random()  # noqa: S311
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; frame-src 'self'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": CONTENT_POLICY,
}
_HTTP_WORDS = {
    400: N_("The request could not be read."),
    403: N_("You are not allowed to do this."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take such requests."),
    413: N_("The file or the form is too large."),
    503: N_("This cannot be done right now. Try again in a moment."),
}
_GONE = 499
_RETRY_SECONDS = "5"


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id and every answer its security headers; a page that set its own policy keeps it."""
    request_id = f"{_IDS.getrandbits(48):012x}"
    token = REQUEST_ID.set(request_id)
    try:
        response = await handler(request)
    finally:
        REQUEST_ID.reset(token)
    if not response.prepared:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = request_id
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into a page, a fragment or JSON in the person's language."""
    try:
        return await handler(request)
    except DomainError as error:
        return _answer(request, error.status, error.key, error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _answer(request, error.status, _HTTP_WORDS.get(error.status, _HTTP_WORDS[400]), None)
    except Closed:
        return _answer(request, 503, N_("The server is restarting. Try again in a moment."), None)
    except Unavailable:
        log.exception("the database is not available", extra={"route": route_of(request), "method": request.method})
        response = _answer(request, 503, N_("Nothing can be stored right now. Try again in a moment."), None)
        response.headers["Retry-After"] = _RETRY_SECONDS
        return response
    except ConnectionResetError:
        # Whoever asked has gone in the middle of a long answer; there is nobody left to tell, and no failure to log.
        return web.Response(status=_GONE)
    except Exception:
        log.exception("request failed", extra={"route": route_of(request), "method": request.method})
        return _answer(request, 500, N_("Something broke on our side. Nothing you sent before was lost."), None)


def route_of(request: web.Request) -> str:
    """The route of a request as its table names it: the address itself may carry a token, which no log may keep."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "?"


def _answer(request: web.Request, status: int, key: str, error: DomainError | None) -> web.StreamResponse:
    visit = visit_or_stranger(request)
    text = visit.language.gettext(key)
    if error is not None and error.params:
        text = text.format(**error.params)
    fields = {}
    if isinstance(error, Invalid):
        fields = {name: visit.language.gettext(message) for name, message in error.fields.items()}
        text = next(iter(fields.values()), text)
    response = _draw(visit, status, text, fields)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _draw(visit: Visit, status: int, text: str, fields: dict[str, str]) -> web.Response:
    accepted = visit.request.headers.get("Accept", "")
    if visit.partial_wanted:
        return visit.partial("errors/_error.html", status=status, text=text, fields=fields)
    if "text/html" in accepted:
        return visit.page("errors/error.html", status=status, code=status, text=text, request_id=REQUEST_ID.get())
    return web.json_response({"error": text, "fields": fields, "request_id": REQUEST_ID.get()}, status=status)
