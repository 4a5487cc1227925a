"""Idle visitors and busy ones: what a thousand open chats weigh, and how soon a message stands on the agent's screen.

Everything that plays a browser runs in a process of its own; the moment of sending travels inside the text, so the
clock that is read at both ends is one.
"""

from __future__ import annotations

import asyncio
import re
import time
from concurrent.futures import ProcessPoolExecutor

import aiohttp
import orjson

from tests.load.figures import REST, SCREEN_P50, SCREEN_P99, SOCKET, Figure, nearest_rank
from tests.load.office import Office, resident_bytes

IDLE = 1000
WRITERS = 50
PER_SECOND = 200
SECONDS = 8.0
SETTLE_SECONDS = 1.5
_STAMP = re.compile(r"stamp(\d+)x(\d+)x")


async def measure_sockets(office: Office, pool: ProcessPoolExecutor) -> list[Figure]:
    """Memory at rest, memory per idle socket and the way to the screen; the server of the office must run, fresh."""
    assert office.server.process is not None
    pid, loop = office.server.process.pid, asyncio.get_running_loop()
    await asyncio.sleep(SETTLE_SECONDS)
    at_rest = resident_bytes(pid)
    # The first hundred bring what every first socket brings: imports, statements, buffers.
    before, after, delays = await loop.run_in_executor(
        pool, play, office.server.port, pid, office.chat_key, office.cookie
    )
    per_socket = (after - before) / IDLE
    milliseconds = [delay * 1000 for delay in delays]
    note = f"{len(milliseconds)} messages, {PER_SECOND}/s, {IDLE} open chats"
    return [
        Figure(SCREEN_P50, nearest_rank(milliseconds, 0.5), note),
        Figure(SCREEN_P99, nearest_rank(milliseconds, 0.99), note),
        Figure(REST, at_rest / 2**20),
        Figure(SOCKET, per_socket / 1024, f"{IDLE} open chats"),
    ]


def play(port: int, pid: int, key: str, cookie: str) -> tuple[int, int, list[float]]:
    """The browsers: the server's memory before and after the idle ones came, and the delays in seconds."""
    return asyncio.run(_play(port, pid, key, cookie))


async def _play(port: int, pid: int, key: str, cookie: str) -> tuple[int, int, list[float]]:
    base = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        writers = [await _hello(http, base, key) for _ in range(WRITERS)]
        warm = [await _hello(http, base, key) for _ in range(50)]
        before = resident_bytes(pid)
        idle = [await _hello(http, base, key) for _ in range(IDLE)]
        await asyncio.sleep(SETTLE_SECONDS)
        after = resident_bytes(pid)
        delays = await _write_and_watch(http, base, cookie, writers)
        for socket in (*writers, *warm, *idle):
            await socket.close()
    return before, after, delays


async def _hello(http: aiohttp.ClientSession, base: str, key: str) -> aiohttp.ClientWebSocketResponse:
    socket = await http.ws_connect(f"{base}/widget/v1/socket", max_msg_size=0)
    await socket.send_str(orjson.dumps({"type": "hello", "v": 1, "key": key, "language": "ru"}).decode())
    welcome = orjson.loads((await socket.receive(timeout=20)).data)
    assert welcome["type"] == "welcome", welcome
    return socket


async def _write_and_watch(
    http: aiohttp.ClientSession, base: str, cookie: str, writers: list[aiohttp.ClientWebSocketResponse]
) -> list[float]:
    sent: dict[tuple[int, int], float] = {}
    delays: list[float] = []
    screen = await http.ws_connect(f"{base}/stream?path=/inbox/all", headers={"Cookie": cookie}, max_msg_size=0)
    watching = asyncio.create_task(_watch(screen, sent, delays))
    drained = [asyncio.create_task(_drain(socket)) for socket in writers]
    await _write(writers, sent, int(PER_SECOND * SECONDS))
    async with asyncio.timeout(20):
        while sent:
            await asyncio.sleep(0.05)
    for task in (watching, *drained):
        task.cancel()
    await asyncio.gather(watching, *drained, return_exceptions=True)
    await screen.close()
    # The first second opens the dialogs; what is asked for is the steady state.
    return delays[PER_SECOND:]


async def _write(
    writers: list[aiohttp.ClientWebSocketResponse], sent: dict[tuple[int, int], float], how_many: int
) -> None:
    started = time.perf_counter()
    for number in range(how_many):
        await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
        who, nth = number % len(writers), number // len(writers)
        frame = {"type": "send", "client_id": f"bench-{who}-{nth:06}", "text": f"stamp{who}x{nth}x Есть ли доставка?"}
        sent[who, nth] = time.perf_counter()
        await writers[who].send_str(orjson.dumps(frame).decode())


async def _watch(
    screen: aiohttp.ClientWebSocketResponse, sent: dict[tuple[int, int], float], delays: list[float]
) -> None:
    """A message is on the screen when its text, or a later one of the same visitor, is in a frame."""
    async for message in screen:
        now = time.perf_counter()
        newest: dict[int, int] = {}
        for who, nth in _STAMP.findall(message.data):
            newest[int(who)] = max(newest.get(int(who), 0), int(nth))
        shown = [key for key in sent if key[1] <= newest.get(key[0], -1)]
        delays += [now - sent.pop(key) for key in shown]


async def _drain(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass
