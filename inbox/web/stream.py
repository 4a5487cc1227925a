"""`WS /stream`: one socket per tab. The server decides what a tab hears from the page it shows, never from topics."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from inbox.actions.presence import be_present
from inbox.runtime.unavailable import Unavailable
from inbox.web.guard import session_of
from inbox.web.live.hub import COME_AGAIN, SIGNED_OUT, Hub
from inbox.web.live.region import Page
from inbox.web.live.subscriber import Subscriber
from inbox.web.visit import Visit, visit

MAX_MESSAGE_BYTES = 65_536
# Spreads heartbeats and reconnects; nothing secret depends on it.
_JITTER = random.Random()  # noqa: S311
HEARTBEAT_SECONDS = 20.0
# A socket lives ten minutes and reconnects, so that a changed role or a new server is never far.
LIFE_SECONDS = 600.0
PRESENT_EVERY_SECONDS = 20.0


async def stream(request: web.Request) -> web.WebSocketResponse:
    """Serve a tab until it leaves, its session ends, the server stops or ten minutes pass.

    Query: `since` (event id the page was drawn at) and `path` (the page's address).
    """
    here = visit(request)
    hub = here.resources.hub
    since = request.query.get("since", "")
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT_SECONDS + _JITTER.uniform(0, 5), compress=False, max_msg_size=MAX_MESSAGE_BYTES
    )
    await socket.prepare(request)
    subscriber = Subscriber(here.agent, here.view, Page.parse(request.query.get("path", "/")))
    hub.add(subscriber)
    tasks = [asyncio.create_task(_write(socket, subscriber)), asyncio.create_task(_stay_present(here))]
    try:
        async with asyncio.timeout(LIFE_SECONDS * _JITTER.uniform(0.9, 1.1)):
            # What happened between the guard and `add` the hub has told nobody: the session may be over already.
            if (now := await session_of(request)) != here.agent:
                subscriber.end(SIGNED_OUT if now is None else COME_AGAIN)
            await hub.catch_up(subscriber, int(since) if since.isdecimal() and len(since) < 19 else hub.cursor)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await _hear(hub, subscriber, message.data)
    except TimeoutError:
        await socket.close(code=WSCloseCode.SERVICE_RESTART)
    finally:
        hub.remove(subscriber)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return socket


async def _write(socket: web.WebSocketResponse, subscriber: Subscriber) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            frame = await subscriber.frames.get()
            if subscriber.closing is not None:
                await socket.close(code=subscriber.closing)
                return
            await socket.send_str(frame)


async def _stay_present(here: Visit) -> None:
    """Keep the agent's presence fresh while the tab lives; assignment believes it for 60 seconds."""
    while True:
        # A database that is locked for a moment must not make everybody absent: the next beat tells it.
        with contextlib.suppress(Unavailable):
            await here.write(be_present)
        await asyncio.sleep(PRESENT_EVERY_SECONDS)


async def _hear(hub: Hub, subscriber: Subscriber, text: str) -> None:
    """What a tab may say: where it is, whether it is in front, that its agent types. Anything else is ignored."""
    try:
        said: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return
    if not isinstance(said, dict):
        return
    if isinstance(said.get("path"), str):
        await _move(hub, subscriber, said)
    if isinstance(said.get("active"), bool):
        subscriber.active = said["active"]
        hub.presence.looked(subscriber)
    if isinstance(said.get("typing"), bool) and subscriber.dialog is not None:
        conversation_id, agent = subscriber.dialog.conversation_id, subscriber.signed_in
        if said["typing"]:
            hub.presence.agent_typing(conversation_id, agent.agent_id, agent.name)
        else:
            hub.presence.stopped_typing(conversation_id, agent.agent_id)


async def _move(hub: Hub, subscriber: Subscriber, said: dict[str, Any]) -> None:
    page = Page.parse(said["path"])
    # A tab that read its page anew is where it was, and its agent types on.
    if page.conversation_id != subscriber.page.conversation_id:
        hub.presence.left(subscriber)
    subscriber.show(page)
    since = said.get("since")
    await hub.catch_up(subscriber, since if isinstance(since, int) else hub.cursor)
