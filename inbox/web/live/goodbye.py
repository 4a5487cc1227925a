"""Ending the sockets of a server that stops: they are told, and who does not listen is cut off soon after.

A phone that lost its network reads nothing: what is queued for it never leaves, the closing handshake waits behind it,
and the server would wait for both.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from aiohttp import web

# How long a browser may take to answer "come again".
GOODBYE_SECONDS = 3.0

SOCKETS: web.AppKey[WeakKeyDictionary[web.StreamResponse, asyncio.Transport]] = web.AppKey("open_sockets")


def add_goodbye(app: web.Application, seconds: float = GOODBYE_SECONDS) -> None:
    """Know the sockets of this application; those that are open so long after its shutdown began are cut off."""
    app[SOCKETS] = WeakKeyDictionary()
    app.on_response_prepare.append(_remember)

    async def cut_off_later(app: web.Application) -> None:
        asyncio.get_running_loop().call_later(seconds, _cut_off, app)

    app.on_shutdown.append(cut_off_later)


async def _remember(request: web.Request, response: web.StreamResponse) -> None:
    if isinstance(response, web.WebSocketResponse) and request.transport is not None:
        request.app[SOCKETS][response] = request.transport


def _cut_off(app: web.Application) -> None:
    for transport in tuple(app[SOCKETS].values()):
        transport.abort()
