"""A client that costs little: prepared requests over keep-alive connections, one at a time on each.

An ordinary HTTP client would need more of the processor than the server that is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from urllib.parse import urlsplit

CONNECTIONS = 48
ROUND_SECONDS = 60.0


class _Line(asyncio.Protocol):
    """One connection that takes the next request as soon as its last one is answered."""

    def __init__(self, requests: list[bytes], done: asyncio.Event, statuses: dict[int, int]) -> None:
        self._requests = requests
        self._done = done
        self._statuses = statuses
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def next(self) -> None:
        assert self._transport is not None
        if self._requests:
            self._transport.write(self._requests.pop())
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        status = int(head[9:12])
        self._statuses[status] = self._statuses.get(status, 0) + 1
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done.set()


def request_bytes(url: str, headers: dict[str, str], body: bytes) -> bytes:
    """A POST as it goes over the wire."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Sequence[bytes]) -> tuple[float, dict[int, int]]:
    """Send every request over CONNECTIONS connections; returns the seconds it took and how many answers of each status."""
    return asyncio.run(_send_all(port, list(reversed(requests))))


async def _send_all(port: int, requests: list[bytes]) -> tuple[float, dict[int, int]]:
    statuses: dict[int, int] = {}
    lines = []
    for _ in range(CONNECTIONS):
        done = asyncio.Event()
        _, line = await asyncio.get_running_loop().create_connection(
            lambda done=done: _Line(requests, done, statuses), "127.0.0.1", port
        )
        lines.append((line, done))
    started = time.perf_counter()
    for line, _ in lines:
        line.next()
    async with asyncio.timeout(ROUND_SECONDS):
        for _, done in lines:
            await done.wait()
    return time.perf_counter() - started, statuses


async def send_apart(pool: ProcessPoolExecutor, port: int, requests: Sequence[bytes]) -> float:
    """`send_all` in the process of a pool; returns answers per second. Raises AssertionError unless all are 200."""
    loop = asyncio.get_running_loop()
    seconds, statuses = await loop.run_in_executor(pool, send_all, port, requests)
    assert statuses == {200: len(requests)}, statuses
    return len(requests) / seconds
