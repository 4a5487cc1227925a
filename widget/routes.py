"""The public surface of the site chat: every URL, and how it is joined to the rest of the product."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from inbox.web.visit import RESOURCES
from widget.assets import Assets
from widget.pages import ASSETS, chat_script, chat_sheet, demo, demo_sheet, frame, loader
from widget.sockets import poll, say, socket
from widget.surface import SURFACE, Surface
from widget.uploads import take_file
from widget.ways import follow_way

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Method, path, handler. Each proves its visitor by itself: a public key, an origin and a session token.
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/widget/loader.js", loader),
    ("GET", "/widget/chat.js", chat_script),
    ("GET", "/widget/chat.css", chat_sheet),
    ("GET", "/widget/demo.css", demo_sheet),
    ("GET", "/widget/v1/frame", frame),
    ("GET", "/widget/v1/socket", socket),
    ("POST", "/widget/v1/poll", poll),
    ("POST", "/widget/v1/send", say),
    ("POST", "/widget/v1/files", take_file),
    ("POST", "/widget/v1/ways/{id}", follow_way),
    ("GET", "/demo", demo),
    ("GET", "/demo/{page}", demo),
)


def add_widget_routes(app: web.Application) -> None:
    """Mount the site chat; its pushing follows the hub, its typing goes to the agents and theirs to the visitors."""
    resources = app[RESOURCES]
    surface = Surface(
        database=resources.database,
        clock=resources.clock,
        blobs=resources.blobs,
        vault=resources.vault,
        base_url=resources.settings.base_url,
        max_upload_bytes=resources.settings.max_upload_bytes,
        trust_proxy=resources.settings.trust_proxy,
    )
    presence = resources.hub.presence

    def visitor_typing(conversation_id: int, on: bool) -> None:
        if on:
            presence.client_typing(conversation_id)
        else:
            presence.stopped_typing(conversation_id, 0)

    surface.visitor_typing = visitor_typing
    resources.hub.follow(surface.push.follow)
    presence.on_agent_typing.append(surface.push.agent_typing)
    mount(app, surface)


def mount(app: web.Application, surface: Surface) -> None:
    """Put the routes into an application and push for as long as it runs."""
    app[SURFACE] = surface
    app[ASSETS] = Assets.read()
    app.cleanup_ctx.append(_pushing)
    app.on_shutdown.append(_say_goodbye)
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, handler)


async def _pushing(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[SURFACE].push.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _say_goodbye(app: web.Application) -> None:
    app[SURFACE].push.close()
