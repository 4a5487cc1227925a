"""What stands before every handler: the session, the permission of the route, and proof that a form is ours."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from inbox.queries.sessions import SignedIn, session_by_token
from inbox.rules.errors import Invalid, NotAllowed
from inbox.rules.permissions import Permission, require
from inbox.rules.texts import N_
from inbox.runtime.secrets import hash_token
from inbox.web.visit import RESOURCES, SESSION_COOKIE, Visit, keep_visit

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# What reading a body raises when it is not the form that its header promises.
UNREADABLE = (ValueError, HttpProcessingError)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Access(Enum):
    """Routes that need no permission of their own."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    # The handler proves the sender by itself: a platform's signature or a visitor's token.
    OWN_PROOF = "own proof"


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table of URLs. `streams`: the handler takes the body in pieces, so nothing reads it before."""

    method: str
    path: str
    handler: Handler
    permission: Permission | Access
    streams: bool = False


def guarded(route: Route) -> Handler:
    """The handler of a route behind its checks."""
    if route.permission is Access.OWN_PROOF:
        return route.handler

    async def guard(request: web.Request) -> web.StreamResponse:
        resources = request.app[RESOURCES]
        signed_in = await session_of(request)
        visit = Visit(request, resources, signed_in)
        keep_visit(request, visit)
        if signed_in is None and route.permission is not Access.PUBLIC:
            return _ask_to_sign_in(request, visit)
        # Before the form is read: nobody may make us swallow a large one for nothing.
        if isinstance(route.permission, Permission):
            require(visit.actor, route.permission)
        if request.method not in _SAFE:
            _check_origin(request, resources.settings.base_url)
            if not route.streams:
                await _read_form(request)
            if signed_in is not None:
                await _check_form(request, route, signed_in)
        return await route.handler(request)

    return guard


async def session_of(request: web.Request) -> SignedIn | None:
    """Who is signed in by the cookie of a request, as it is now."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    return await request.app[RESOURCES].database.read(session_by_token, hash_token(token))


def _ask_to_sign_in(request: web.Request, visit: Visit) -> web.StreamResponse:
    back = request.path_qs if request.method == "GET" and not visit.partial_wanted else "/"
    location = f"/login?next={quote(back, safe='/')}"
    if visit.partial_wanted:
        # The page stays as it is, with what was typed; app.js tells the person that the session is over.
        return web.Response(status=401, headers={"HX-Trigger": "inbox:signed-out"})
    if "text/html" not in request.headers.get("Accept", "text/html") and "*/*" not in request.headers.get("Accept", ""):
        return web.json_response(
            {"error": visit.language.gettext(N_("Your session is over. Sign in again."))}, status=401
        )
    return web.Response(status=303, headers={"Location": location})


def _check_origin(request: web.Request, base_url: str) -> None:
    origin = request.headers.get("Origin")
    if origin is None or origin == base_url or urlsplit(origin).netloc == request.host:
        return
    raise NotAllowed(N_("This form was sent from another site."))


async def _read_form(request: web.Request) -> None:
    """Read the form now, so that a broken one is refused here for every handler."""
    if request.content_type in _FORMS:
        try:
            await request.post()
        except UNREADABLE as error:
            raise Invalid({"form": N_("The request could not be read.")}) from error


async def _check_form(request: web.Request, route: Route, signed_in: SignedIn) -> None:
    given = request.headers.get("X-CSRF-Token")
    if given is None and request.content_type in _FORMS and not route.streams:
        field = (await request.post()).get("csrf_token")
        given = field if isinstance(field, str) else None
    if given is None or not hmac.compare_digest(given.encode(), signed_in.csrf_token.encode()):
        raise NotAllowed(N_("This page is out of date. Reload it and try again."))
