"""The lines of visitors: a WebSocket, or a long poll where sockets do not pass."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from inbox.rules.texts import N_
from inbox.runtime.database import Closed
from inbox.runtime.languages import Language, choose_language
from widget.protocol import MAX_FRAME_BYTES, VERSION, BadFrameError, Hello, Told, frame_of, read_frame
from widget.push import Group
from widget.session import Session, misread, open_session
from widget.surface import SURFACE, Chat, Surface
from widget.visitors import leave

HEARTBEAT_SECONDS = 30.0
HELLO_SECONDS = 10.0
POLL_SECONDS = 25.0
MAX_QUEUE = 64

ORIGIN_REFUSED = N_(
    "This chat does not belong to that site. Its owner can add the site in the settings of the channel."
)
NO_CHANNEL = N_("There is no such chat.")
CROWDED = N_("Too many chats are open from this network. Try again in a minute.")
OLD_PAGE = N_("This page is older than the chat. Reload it.")
REFRESH = Told("refresh").dump()


class SocketLine:
    """The server's end of one socket. A task exists only while something is being sent: idle sockets are cheap."""

    __slots__ = ("_queue", "_socket", "_stopping", "_task")

    def __init__(self, socket: web.WebSocketResponse) -> None:
        """Wrap a prepared socket."""
        self._socket = socket
        self._queue: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def tell(self, text: str) -> None:
        """Queue a frame; a browser too slow for its queue starts anew instead of missing one silently."""
        if len(self._queue) >= MAX_QUEUE:
            self._queue[:] = [REFRESH]
        else:
            self._queue.append(text)
        self._flush()

    def stop(self) -> None:
        """Close after what is queued."""
        self._stopping = True
        self._flush()

    def _flush(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            with contextlib.suppress(ConnectionError):
                while self._queue:
                    await self._socket.send_str(self._queue.pop(0))
                if self._stopping:
                    await self._socket.close(code=WSCloseCode.GOING_AWAY)
        finally:
            self._task = None


class PollLine:
    """A waiting poll: it ends with the first frames that come."""

    def __init__(self) -> None:
        """Nothing came yet."""
        self.frames: list[str] = []
        self.came = asyncio.Event()

    def tell(self, text: str) -> None:
        """Keep a frame and wake the poll."""
        self.frames.append(text)
        self.came.set()

    def stop(self) -> None:
        """Answer now."""
        self.came.set()


async def socket(request: web.Request) -> web.StreamResponse:
    """`WS /widget/v1/socket`: the first frame is a hello with the channel's key."""
    surface = request.app[SURFACE]
    spoken = choose_language(None, request.headers.get("Accept-Language", ""))
    line = web.WebSocketResponse(
        heartbeat=HEARTBEAT_SECONDS + secrets.randbelow(5), compress=False, max_msg_size=MAX_FRAME_BYTES
    )
    if not line.can_prepare(request).ok:
        return refuse(400, "invalid", spoken.gettext(N_("This address takes WebSocket connections only.")))
    await line.prepare(request)
    try:
        hello = await _first_frame(line)
    except BadFrameError as error:
        return await _dismiss(line, misread(error, spoken))
    chat = await surface.chat(hello.key)
    problem = _problem(surface, request, chat, hello, spoken)
    if chat is None or problem is not None:
        return await _dismiss(line, problem or REFRESH)
    network = surface.network(request)
    with _counted(surface, network):
        session, frames = await open_session(surface, chat, hello, network)
        since = hello.since
        # A chat may stay open for hours: what it began with is not kept that long.
        del hello, problem
        await _talk(session, since, frames, line)
    return line


async def poll(request: web.Request) -> web.StreamResponse:
    """`POST /widget/v1/poll` with a hello: answers at once when there is news, else with the first that comes."""
    surface = request.app[SURFACE]
    opened = await open_by_request(request)
    if isinstance(opened, web.Response):
        return opened
    session, hello, frames = opened
    line = PollLine()
    session.group = group = surface.push.join(session.chat.id, session.address, line)
    try:
        welcome = await session.welcome(hello.since)
        # `rev` covers what was changed of the messages that the page has.
        news = any(item.id > hello.since for item in welcome.body["messages"])
        if news or welcome.body["rev"] != hello.rev or frames or line.frames:
            return _frames([welcome, *frames], line.frames)
        await session.come()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await line.came.wait()
        return _frames([], line.frames)
    finally:
        session.end()
        # The next poll is a moment away: a visitor leaves when none came for long, by `online_until`.
        surface.push.leave(group, line)


async def say(request: web.Request) -> web.StreamResponse:
    """`POST /widget/v1/send`: a hello with a `frame` inside; answers with the frames that follow from it."""
    surface = request.app[SURFACE]
    opened = await open_by_request(request)
    if isinstance(opened, web.Response):
        return opened
    session, _, frames = opened
    line = PollLine()
    session.group = group = surface.push.join(session.chat.id, session.address, line)
    try:
        welcome = await session.welcome(0)
        try:
            said = frame_of((await request.json(loads=orjson.loads)).get("frame"))
        except BadFrameError as error:
            return _frames([misread(error, session.spoken)], [], status=400)
        frames += await session.hear(said)
        if session.known is not None and not frames:
            # What was written comes back with its id: that is how the page knows that it is kept.
            frames = [await session.welcome(max((item.id for item in welcome.body["messages"]), default=0))]
        return _frames(frames, [])
    finally:
        session.end()
        surface.push.leave(group, line)


async def open_by_request(request: web.Request) -> tuple[Session, Hello, list[Told]] | web.Response:
    """The session of an HTTP request: a hello in the body, the token in the Authorization header."""
    surface = request.app[SURFACE]
    spoken = choose_language(None, request.headers.get("Accept-Language", ""))
    if request.content_length is not None and request.content_length > MAX_FRAME_BYTES:
        return refuse(413, "large", spoken.gettext(N_("The message is too long: shorten it or send it as a file.")))
    try:
        said = read_frame(await request.read())
    except BadFrameError as error:
        return refuse(400, **misread(error, spoken).body)
    if not isinstance(said, Hello):
        return refuse(400, **misread(BadFrameError(), spoken).body)
    said.token = bearer(request) or None
    chat = await surface.chat(said.key)
    problem = _problem(surface, request, chat, said, spoken)
    if chat is None or problem is not None:
        told = problem or Told("error", {"code": "channel", "text": spoken.gettext(NO_CHANNEL)})
        return refuse(_STATUS.get(told.body["code"], 400), **told.body)
    session, frames = await open_session(surface, chat, said, surface.network(request))
    return session, said, frames


_STATUS = {"origin": 403, "channel": 404, "busy": 429, "broken": 409}


def bearer(request: web.Request) -> str:
    """The session token of the Authorization header, or ""."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind == "Bearer" else ""


def refuse(status: int, code: str, text: str, **more: Any) -> web.Response:
    """A clear answer to a request that is refused."""
    headers = {"Retry-After": str(more["retry_after"])} if "retry_after" in more else None
    body = orjson.dumps({"code": code, "text": text, **more})
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def _problem(surface: Surface, request: web.Request, chat: Chat | None, hello: Hello, spoken: Language) -> Told | None:
    """Why this hello is not welcome, or None."""
    if chat is None:
        return Told("error", {"code": "channel", "text": spoken.gettext(NO_CHANNEL)})
    if not surface.speaks_for_us(request, chat):
        return Told("error", {"code": "origin", "text": spoken.gettext(ORIGIN_REFUSED)})
    if hello.v != VERSION:
        return Told("error", {"code": "broken", "text": spoken.gettext(OLD_PAGE)})
    network, most = surface.network(request), chat.config.network_connections
    wait = surface.limits.take(("hello", chat.id, network), most * 10)
    if wait or surface.lines_by_network.get(network, 0) >= most:
        return Told("error", {"code": "busy", "text": spoken.gettext(CROWDED), "retry_after": wait or 60})
    return None


async def _first_frame(line: web.WebSocketResponse) -> Hello:
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            message = await line.receive()
    except TimeoutError as error:
        raise BadFrameError from error
    said = read_frame(message.data) if message.type is WSMsgType.TEXT else None
    if not isinstance(said, Hello):
        raise BadFrameError
    return said


async def _dismiss(line: web.WebSocketResponse, told: Told | str) -> web.WebSocketResponse:
    with contextlib.suppress(ConnectionError):
        await line.send_str(told if isinstance(told, str) else told.dump())
        await line.close(code=WSCloseCode.POLICY_VIOLATION)
    return line


async def _talk(session: Session, since: int, frames: list[Told], socket: web.WebSocketResponse) -> None:
    surface, line = session.surface, SocketLine(socket)
    session.group = surface.push.join(session.chat.id, session.address, line)
    try:
        line.tell((await session.welcome(since)).dump())
        for told in frames:
            line.tell(told.dump())
        await session.come()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                for told in await _hear(session, message.data):
                    line.tell(told.dump())
    finally:
        session.end()
        await _leave(surface, session, session.group, line)


async def _hear(session: Session, text: str) -> list[Told]:
    try:
        return await session.hear(read_frame(text))
    except BadFrameError as error:
        return [misread(error, session.spoken)]


async def _leave(surface: Surface, session: Session, group: Group, line: SocketLine) -> None:
    last = surface.push.leave(group, line)
    if last and session.known is not None:
        # The socket's task may be ending by cancellation; the fact that the visitor left must still be kept. When the
        # server itself ends, `online_until` does it.
        with contextlib.suppress(Closed):
            await asyncio.shield(surface.database.write(leave, session.chat.id, session.known))


@contextlib.contextmanager
def _counted(surface: Surface, network: str) -> Iterator[None]:
    lines = surface.lines_by_network
    lines[network] = lines.get(network, 0) + 1
    try:
        yield
    finally:
        lines[network] -= 1
        if not lines[network]:
            del lines[network]


def _frames(frames: list[Told], texts: list[str], status: int = 200) -> web.Response:
    body = '{"frames":[' + ",".join([*(told.dump() for told in frames), *texts]) + "]}"
    return web.Response(status=status, text=body, content_type="application/json")
