"""The whole product over a small world, on a real port: what a member of staff's browser talks to."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
from aiohttp import web
from selectolax.lexbor import LexborHTMLParser, LexborNode
from sqlalchemy import select
from yarl import URL

from inbox.actions.sessions import sign_in
from inbox.app import WORKER, make_app
from inbox.models import AgentSession, Event
from inbox.rules.permissions import Actor
from inbox.settings import Settings
from inbox.web.guard import hash_token
from inbox.web.setup_pages import SETUP_TOKEN
from inbox.web.visit import RESOURCES, SESSION_COOKIE
from inbox.worker import Worker
from tests.world import World


@dataclass(frozen=True)
class Answer:
    """What came back; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers.get("Location", "")

    @property
    def tree(self) -> LexborHTMLParser:
        """The page."""
        return LexborHTMLParser(self.text)

    def one(self, selector: str) -> LexborNode:
        """The only element that fits."""
        found = self.tree.css(selector)
        assert len(found) == 1, (selector, len(found))
        return found[0]

    def words(self, selector: str) -> list[str]:
        """The texts of the elements that fit, spaces collapsed."""
        return [" ".join(node.text().split()) for node in self.tree.css(selector)]


@dataclass
class Browser:
    """One browser: its cookies, and the CSRF token of its session when somebody is signed in."""

    http: aiohttp.ClientSession
    base: str
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "text/html", "Accept-Language": "ru"})

    async def get(self, path: str, **headers: str) -> Answer:
        """GET a path."""
        return await self._ask("GET", path, None, headers)

    async def post(self, path: str, form: Any = None, *, csrf: str | None = None, **headers: str) -> Answer:
        """POST a form (pairs, a dict, or FormData) with the token a page would have put into it."""
        token = self.csrf if csrf is None else csrf
        if token:
            headers.setdefault("X-CSRF-Token", token)
        return await self._ask("POST", path, form if form is not None else {}, headers)

    @property
    def session_token(self) -> str:
        """The cookie of the session, empty when there is none."""
        return next((cookie.value for cookie in self.http.cookie_jar if cookie.key == SESSION_COOKIE), "")

    async def _ask(self, method: str, path: str, form: Any, headers: dict[str, str]) -> Answer:
        sent = {**self.headers, **headers}
        async with self.http.request(
            method, self.base + path, data=form, headers=sent, allow_redirects=False
        ) as response:
            body = await response.read()
            return Answer(response.status, response.headers, body.decode(errors="replace"))


@dataclass
class Desk:
    """The running product and the world behind it."""

    world: World
    app: web.Application
    base: str
    stack: contextlib.AsyncExitStack

    @property
    def setup_token(self) -> str:
        """The code that the terminal shows."""
        return self.app[SETUP_TOKEN]

    async def stranger(self) -> Browser:
        """A browser in which nobody is signed in."""
        jar = aiohttp.CookieJar(unsafe=True)
        http = await self.stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        return Browser(http, self.base)

    async def browser(self, name: str) -> Browser:
        """A browser in which one of the cast is signed in."""
        made = await self.stranger()
        token = secrets.token_urlsafe(16)
        agent_id = self.world.agents[name]
        session_id = await self.world.write(
            sign_in, Actor.system(), agent_id, hash_token(token), remote="127.0.0.1", user_agent="Тестовый браузер"
        )
        made.http.cookie_jar.update_cookies({SESSION_COOKIE: token}, URL(self.base))
        rows = await self.world.rows(select(AgentSession.csrf_token).where(AgentSession.id == session_id))
        made.csrf = rows[0][0]
        return made

    async def events(self, *kinds: str) -> list[Any]:
        """The facts of these kinds (or all), oldest first."""
        statement = select(Event.kind, Event.actor_id, Event.agent_id, Event.details).order_by(Event.id)
        return await self.world.rows(statement.where(Event.kind.in_(kinds)) if kinds else statement)


class Idle:
    """A worker that leaves every delivery and timer to the test."""

    async def run(self) -> None:
        """Wait to be cancelled."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """There is nothing to end."""


@contextlib.asynccontextmanager
async def open_desk(
    world: World,
    folder: Path,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    idle: bool = False,
    **settings: Any,
) -> AsyncIterator[Desk]:
    """Serve the world's database by the real application on a port of its own; `settings` are added to ours.

    `monotonic` paces the stream; with `idle` the worker does nothing.
    """
    own_settings = {"data_dir": folder, "database_url": world.url, "secret_key": "test", "max_upload_bytes": 100_000}
    app = make_app(Settings(**{**own_settings, **settings}), world.clock, monotonic)
    if idle:
        app[WORKER] = cast("Worker", Idle())
    async with contextlib.AsyncExitStack() as stack:
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        # The test's own writes go through the application's writer, as a second writer would only wait for the lock.
        own, world.database = world.database, app[RESOURCES].database
        try:
            yield Desk(world, app, f"http://{host}:{port}", stack)
        finally:
            world.database = own
