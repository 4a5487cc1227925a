"""A bad network between a browser and us: it delays, cuts in the middle of a frame, swallows, or lets no socket through."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CHUNK = 4096


@dataclass
class FaultyProxy:
    """Forwards TCP. `cut_after`: bytes of an answer after which a connection is reset; `hole`: nothing passes any more."""

    target: str
    url: str = ""
    cut_after: int | None = None
    delay_seconds: float = 0.0
    hole: bool = False
    sockets_pass: bool = True
    cuts: int = 0
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser, until either end or a fault ends it."""
        goal = urlsplit(self.target)
        far_reader, far_writer = await asyncio.open_connection(goal.hostname, goal.port)
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            both = (self._pump(reader, far_writer, None), self._pump(far_reader, writer, self.cut_after))
            pumps = [asyncio.create_task(pump) for pump in both]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None) -> None:
        left = most
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                if not self.sockets_pass and b"upgrade: websocket" in data.lower():
                    return
                if self.hole:
                    continue
                await asyncio.sleep(self.delay_seconds)
                if left is not None:
                    data, left = data[:left], left - len(data)
                writer.write(data)
                await writer.drain()
                if left is not None and left <= 0:
                    self.cuts += 1
                    return

    def reset(self) -> None:
        """End every connection."""
        for end in self._ends:
            end.transport.abort()


@contextlib.asynccontextmanager
async def faulty_proxy(target: str) -> AsyncIterator[FaultyProxy]:
    """A proxy on a free port of loopback before `target` (http://host:port)."""
    proxy = FaultyProxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        proxy.reset()
