"""The composition root: settings become resources, resources become routes. The only file that knows everything."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from aiohttp import web

from connectors.contract import Typing
from inbox.actions.setup import is_set_up
from inbox.courtesies import Courtesies
from inbox.migrations.run import migrate_database
from inbox.queries.open_dialog import open_dialog
from inbox.runtime.blobs import Blobs
from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock, SystemClock
from inbox.runtime.connect import open_database
from inbox.runtime.garbage import settle
from inbox.runtime.logging import set_up_logging
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from inbox.runtime.throttle import Throttle
from inbox.settings import Settings
from inbox.take_in import Intake
from inbox.web.auth_pages import BY_ACCOUNT, BY_REMOTE
from inbox.web.entry_pages import CLICKS
from inbox.web.live.goodbye import add_goodbye
from inbox.web.live.hub import COME_AGAIN, Hub
from inbox.web.middlewares import errors, headers
from inbox.web.regions import InboxRegions
from inbox.web.render import STATIC, Renderer
from inbox.web.routes import add_routes
from inbox.web.setup_pages import SETUP_TOKEN, new_setup_token
from inbox.web.template_words import template_globals
from inbox.web.visit import RESOURCES, Resources
from inbox.worker import Worker
from widget.routes import add_widget_routes

log = logging.getLogger(__name__)

# The fields of a form beside its files, which have a limit of their own.
FORM_BYTES = 1 << 20
STOP_SECONDS = 10.0

WORKER: web.AppKey[Worker] = web.AppKey("worker", Worker)


class CannotListen(Exception):
    """The address of the settings is taken or not ours."""


def make_app(
    settings: Settings, clock: Clock | None = None, monotonic: Callable[[], float] = time.monotonic
) -> web.Application:
    """The whole product as an aiohttp application over a migrated database; `monotonic` paces the stream."""
    app = web.Application(middlewares=[headers, errors], client_max_size=settings.max_upload_bytes + FORM_BYTES)
    resources = _resources(settings, clock or SystemClock(), monotonic)
    app[RESOURCES] = resources
    app[SETUP_TOKEN] = new_setup_token()
    app[BY_ACCOUNT] = Throttle(5, 30.0)
    app[BY_REMOTE] = Throttle(30, 5.0)
    app[CLICKS] = Throttle(30, 2.0)
    app[WORKER] = Worker(resources.equipment, resources.intake)
    resources.hub.presence.on_agent_typing.append(Courtesies(resources.equipment).agent_types)
    add_routes(app)
    add_widget_routes(app)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(_keep_static)
    app.on_shutdown.append(_say_goodbye)
    add_goodbye(app)
    app.cleanup_ctx.append(_running)
    return app


def serve(settings: Settings) -> int:
    """Migrate, start, print the address, and run until told to stop; returns the exit code."""
    set_up_logging(settings.log_level, settings.log_format)
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    try:
        asyncio.run(_serve(settings))
    except CannotListen as error:
        print(f"inbox: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(settings: Settings) -> None:
    await migrate_database(settings.database)
    app = make_app(settings)
    runner = web.AppRunner(app, access_log=log if settings.access_log else None, handle_signals=False)
    await runner.setup()
    settle()
    site = web.TCPSite(runner, settings.host, settings.port, backlog=1024, shutdown_timeout=STOP_SECONDS)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop.set)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise CannotListen(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    await _announce(app, settings)
    await stop.wait()
    await runner.cleanup()


async def _announce(app: web.Application, settings: Settings) -> None:
    """Tell the person at the terminal where to go."""
    if await app[RESOURCES].database.read(is_set_up):
        print(f"\n  Inbox: {settings.base_url}\n", flush=True)
        return
    token = app[SETUP_TOKEN]
    print(f"\n  Inbox: {settings.base_url}/setup?token={token}\n  Code for the first run: {token}\n", flush=True)


def _resources(settings: Settings, clock: Clock, monotonic: Callable[[], float]) -> Resources:
    bus = Bus()
    database = open_database(settings.database, clock, bus)
    renderer = Renderer(clock, reload=settings.develop, more_globals=template_globals())
    inbox = InboxRegions(renderer)
    hub = Hub(database, bus, inbox.all(), inbox.company, monotonic)
    net = GuardedNet(allow_private=settings.allow_private_network)

    async def show_typing(channel_id: int, typing: Typing) -> None:
        conversation_id = await database.read(open_dialog, channel_id, typing.address)
        if conversation_id is not None:
            hub.presence.client_typing(conversation_id)

    return Resources(
        settings=settings,
        clock=clock,
        bus=bus,
        database=database,
        renderer=renderer,
        blobs=Blobs(Path(settings.data_dir) / "files"),
        vault=Vault.open(settings.secret_key, settings.data_dir),
        net=net,
        hub=hub,
        intake=Intake(database, net, show_typing),
    )


async def _running(app: web.Application) -> AsyncIterator[None]:
    """Open the network, run the stream and the worker, and end everything in the opposite order."""
    resources = app[RESOURCES]
    await resources.net.open()
    tasks = [asyncio.create_task(resources.hub.run()), asyncio.create_task(app[WORKER].run())]
    yield
    await app[WORKER].stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await resources.net.close()
    await resources.database.close()


async def _say_goodbye(app: web.Application) -> None:
    """Tell every socket to come again: a browser reconnects to the next process by itself."""
    app[RESOURCES].hub.close(COME_AGAIN)


async def _keep_static(request: web.Request, response: web.StreamResponse) -> None:
    """A file that is asked for by its content hash never changes."""
    if isinstance(response, web.FileResponse) and request.path.startswith("/static/") and "v" in request.query:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
