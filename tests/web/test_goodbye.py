"""A server that stops waits for nobody who does not read."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from inbox.web.live.goodbye import add_goodbye

_MEGABYTE = bytes(1 << 20)


async def _talk_without_end(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    while True:
        await socket.send_bytes(_MEGABYTE)


async def test_a_browser_that_reads_nothing_is_cut_off() -> None:
    app = web.Application()
    add_goodbye(app, seconds=0.05)
    app.router.add_get("/", _talk_without_end)
    runner = web.AppRunner(app, shutdown_timeout=60)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect("http://{}:{}/".format(*runner.addresses[0]), max_msg_size=0)
        async with asyncio.timeout(20):
            await runner.cleanup()
        await socket.close()
