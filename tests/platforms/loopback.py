"""A platform on loopback: a real HTTP server that keeps every request and answers from a script, faults included."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from aiohttp import web


class Fault(Enum):
    """What a network does instead of an answer."""

    SILENCE = "the request is read and never answered"
    RESET = "the connection is cut after the request was read"
    HALF_BODY = "the connection is cut in the middle of the answer"


@dataclass(frozen=True)
class Answer:
    """One scripted answer; with a fault it is what does not (wholly) arrive."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it came. Header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Platform:
    """Answers from `script`, then by `respond`, which a platform of its own kind overrides."""

    def __init__(self) -> None:
        """Not listening before `run`."""
        self.url = ""
        self.asked: list[Asked] = []
        self.script: deque[Answer] = deque()
        self._closing = asyncio.Event()

    def answers(self, *answers: Answer) -> None:
        """Script the next answers."""
        self.script.extend(answers)

    def respond(self, asked: Asked) -> Answer:
        """What a healthy platform says; called for requests that the script says nothing about."""
        return Answer()

    async def answer(self, asked: Asked) -> Answer:
        """As `respond`, for platforms that let somebody wait."""
        return self.respond(asked)

    def let_go(self) -> None:
        """End the requests that were never answered."""
        self._closing.set()
        self._closing = asyncio.Event()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.method, request.path, dict(request.query), headers, await request.read())
        self.asked.append(asked)
        answer = self.script.popleft() if self.script else await self.answer(asked)
        return await self._say(request, answer)

    async def _say(self, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        if answer.fault is Fault.SILENCE:
            await self._closing.wait()
        if answer.fault in (Fault.SILENCE, Fault.RESET):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if answer.fault is Fault.HALF_BODY:
            half = web.StreamResponse(status=answer.status, headers={"Content-Length": str(len(answer.body) + 1000)})
            await half.prepare(request)
            await half.write(answer.body)
            assert request.transport is not None
            request.transport.close()
            return half
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Listen on loopback for the length of the block."""
        # A path may hold a token, and this log is not the product's.
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.url = f"http://{host}:{port}"
            yield
        finally:
            self.let_go()
            await runner.cleanup()


P = TypeVar("P", bound=Platform)


@contextlib.asynccontextmanager
async def running(platform: P, answers: Iterable[Answer] = ()) -> AsyncIterator[P]:
    """A platform that listens, with its first answers scripted."""
    platform.answers(*answers)
    async with platform.run():
        yield platform
