"""One request as the pages see it: who asks, what they may reach, and how an answer is drawn for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from aiohttp import web

from inbox.equipment import Equipment
from inbox.queries.sessions import SignedIn
from inbox.rules.errors import NotAllowed
from inbox.rules.permissions import Actor, Role
from inbox.runtime.blobs import Blobs
from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock
from inbox.runtime.database import Database, Tx
from inbox.runtime.languages import Language, choose_language
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from inbox.settings import Settings
from inbox.take_in import Intake
from inbox.web.live.hub import Hub
from inbox.web.render import Renderer, View

P = ParamSpec("P")
T = TypeVar("T")

SESSION_COOKIE = "inbox_session"
LANGUAGE_COOKIE = "inbox_language"


@dataclass(frozen=True, slots=True)
class Resources:
    """What the process holds for its whole life; the composition root makes it."""

    settings: Settings
    clock: Clock
    bus: Bus
    database: Database
    renderer: Renderer
    blobs: Blobs
    vault: Vault
    net: GuardedNet
    hub: Hub
    intake: Intake

    @property
    def equipment(self) -> Equipment:
        """What the work on channels is given of this."""
        return Equipment(self.database, self.bus, self.clock, self.net, self.vault, self.blobs, self.settings)


RESOURCES: web.AppKey[Resources] = web.AppKey("resources", Resources)


class Visit:
    """The request together with who asks. Made once per request by the guard of its route."""

    __slots__ = ("language", "request", "resources", "signed_in", "view")

    def __init__(self, request: web.Request, resources: Resources, signed_in: SignedIn | None) -> None:
        """A visit by a signed-in agent, or by a stranger (None)."""
        self.request = request
        self.resources = resources
        self.signed_in = signed_in
        self.language: Language = choose_language(
            signed_in.language if signed_in else request.cookies.get(LANGUAGE_COOKIE),
            request.headers.get("Accept-Language", ""),
        )
        self.view = View.of(self.language, signed_in, path=request.path)

    @property
    def agent(self) -> SignedIn:
        """The signed-in agent; raises NotAllowed for a stranger."""
        if self.signed_in is None:
            raise NotAllowed
        return self.signed_in

    @property
    def actor(self) -> Actor:
        """Who acts, for actions and queries."""
        return Actor.agent(self.agent.agent_id, Role(self.agent.role))

    @property
    def partial_wanted(self) -> bool:
        """Whether htmx asks: the answer is a fragment, not a page."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def remote(self) -> str:
        """The client's address; a proxy's word is taken only when the settings trust it."""
        forwarded = self.request.headers.get("X-Forwarded-For", "")
        if self.resources.settings.trust_proxy and forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
        return self.request.remote or ""

    async def read(self, query: Callable[Concatenate[Tx, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query as this actor."""
        return await self.resources.database.read(query, self.actor, *args, **kwargs)

    async def write(self, action: Callable[Concatenate[Tx, Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action as this actor; returns after the commit."""
        return await self.resources.database.write(action, self.actor, *args, **kwargs)

    def page(self, template: str, /, status: int = 200, **values: Any) -> web.Response:
        """A whole page."""
        text = self.resources.renderer.page(self.view, template, **values)
        return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})

    def partial(self, template: str, /, status: int = 200, **values: Any) -> web.Response:
        """A fragment for htmx."""
        return self.html(self.resources.renderer.partial(self.view, template, **values), status=status)

    def html(self, text: str, status: int = 200) -> web.Response:
        """Markup that is rendered already."""
        return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})

    def see_other(self, location: str) -> web.Response:
        """Go to another page after a form: a redirect, which htmx follows as a full visit."""
        if self.partial_wanted:
            return web.Response(status=204, headers={"HX-Redirect": location})
        return web.Response(status=303, headers={"Location": location})

    def saved(self, location: str) -> web.Response:
        """See another page that says in passing that the form was kept."""
        answer = self.see_other(location)
        answer.set_cookie("saved", "yes", max_age=10, path="/", samesite="Lax")
        return answer


_VISIT: web.RequestKey[Visit] = web.RequestKey("visit", Visit)


def keep_visit(request: web.Request, visit: Visit) -> None:
    """Remember the visit for the handler and for the error pages."""
    request[_VISIT] = visit


def visit(request: web.Request) -> Visit:
    """The visit of a request that came through a guard."""
    return request[_VISIT]


def visit_or_stranger(request: web.Request) -> Visit:
    """The visit of any request, also of one that no route or guard has seen (error pages)."""
    found = request.get(_VISIT)
    return found if found is not None else Visit(request, request.app[RESOURCES], None)
