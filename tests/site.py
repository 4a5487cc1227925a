"""A site chat on loopback as its visitors meet it, and the site of a customer on an origin of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from sqlalchemy import insert, select, update

from inbox.models import Address, Channel, Contact, Conversation, Message, Visitor
from inbox.queries.access import attachment_file
from inbox.queries.event_log import facts_after
from inbox.runtime.blobs import Blobs
from inbox.runtime.database import Tx
from inbox.runtime.secrets import Vault
from tests.world import World
from widget.routes import mount
from widget.surface import Surface

KEY = "site-chat-key"
# As strict as a site can be: only its own scripts and ours, no inline style, no string as markup.
STRICT = "default-src 'self'; script-src 'self' {chat}; frame-src {chat}; require-trusted-types-for 'script'"


@dataclass
class Site:
    """The two servers and what the tests do with them."""

    world: World
    surface: Surface
    chat_url: str
    shop_url: str
    http: ClientSession
    channel_id: int
    typed: list[tuple[int, bool]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def set_up(self, **config: Any) -> None:
        """Change the channel's settings."""
        locked = self.surface.vault.lock(config, {"identity_secret"})
        changed = update(Channel).where(Channel.id == self.channel_id).values(config=locked)
        await self.world.write(lambda tx: tx.execute(changed))

    async def answer(self, text: str, *, name: str = "Анна", address_id: int | None = None) -> int:
        """An agent answers in the newest dialog (of an address)."""
        newest = select(Conversation.id).where(Conversation.channel_id == self.channel_id)
        if address_id is not None:
            newest = newest.where(Conversation.address_id == address_id)
        found = await self.world.rows(newest.order_by(Conversation.id.desc()).limit(1))
        return await self.world.agent_replies(found[0][0], text, name=name)

    async def texts(self) -> list[str]:
        """What the visitors wrote, in order."""
        incoming = select(Message.text).where(Message.channel_id == self.channel_id, Message.kind == "incoming")
        return [row[0] for row in await self.world.rows(incoming.order_by(Message.id))]

    async def contact(self) -> Any:
        """The contact of the newest address."""
        joined = select(Contact.__table__, Address.external_id, Address.verified, Visitor.page_url).join(
            Address, Address.contact_id == Contact.id
        )
        rows = await self.world.rows(
            joined.outerjoin(Visitor, Visitor.address_id == Address.id)
            .where(Address.channel_id == self.channel_id)
            .order_by(Address.id.desc())
        )
        return rows[0]

    async def join(self, token: str | None = None, **hello: Any) -> Visit:
        """A visitor's socket after its hello."""
        socket = await self.http.ws_connect(f"{self.chat_url}/widget/v1/socket", headers={"Origin": self.chat_url})
        await socket.send_json({"type": "hello", "v": 1, "key": KEY, "token": token, **hello})
        visit = Visit(socket)
        visit.welcome = await visit.next("welcome")
        return visit

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """POST to the chat's API; the status and the JSON."""
        data = io.BytesIO(body) if isinstance(body, bytes) else orjson.dumps(body)
        async with self.http.post(f"{self.chat_url}/widget/v1/{path}", data=data, headers=headers) as answer:
            return answer.status, await answer.json()


@dataclass
class Visit:
    """One socket of a visitor."""

    socket: ClientWebSocketResponse
    welcome: Any = None

    async def say(self, type_: str, **body: Any) -> None:
        """Send a frame."""
        await self.socket.send_json({"type": type_, **body})

    async def write(self, client_id: str, text: str, **body: Any) -> Any:
        """Send a message and wait until it is accepted; returns it."""
        await self.say("send", client_id=client_id, text=text, **body)
        while True:
            message = (await self.next("message"))["message"]
            if message["client_id"] == client_id:
                return message

    async def next(self, type_: str) -> Any:
        """The next frame of a type; others on the way are passed over."""
        while True:
            frame = await self.socket.receive(timeout=10)
            assert frame.type is WSMsgType.TEXT, frame
            told = orjson.loads(frame.data)
            if told["type"] == type_:
                return told
            assert told["type"] != "error", told


@contextlib.asynccontextmanager
async def open_site(world: World, folder: Path) -> AsyncIterator[Site]:
    """Both servers, with the hub's part (following the log) played by a loop of three lines."""
    surface = Surface(
        database=world.database,
        clock=world.clock,
        blobs=Blobs(folder / "files"),
        vault=Vault("test"),
        base_url="http://chat.invalid",
        max_upload_bytes=5_000_000,
    )
    channel = {"kind": "widget", "name": "Сайт", "token": KEY, "config": {}, "created_at": world.clock.now()}
    channel_id = await world.write(lambda tx: int(tx.execute(insert(Channel), channel).inserted_primary_key[0]))
    requests: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        chat_url = await stack.enter_async_context(_serving(_chat_app(surface, requests)))
        shop_url = await stack.enter_async_context(_serving(_shop_app(chat_url)))
        http = await stack.enter_async_context(ClientSession())
        follower = asyncio.create_task(_follow(world, surface))
        made = Site(world, surface, chat_url, shop_url, http, channel_id, requests=requests)
        surface.visitor_typing = lambda conversation_id, on: made.typed.append((conversation_id, on))
        try:
            yield made
        finally:
            surface.push.close()
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)


async def _follow(world: World, surface: Surface) -> None:
    cursor = 0
    async with world.bus.listen() as listener:
        while True:
            await listener.wait(1.0)
            facts = await world.read(facts_after, cursor, 500)
            if facts:
                cursor = facts[-1].id
                surface.push.follow(facts)


def _chat_app(surface: Surface, requests: list[str]) -> web.Application:
    @web.middleware
    async def note(request: web.Request, handler: Any) -> web.StreamResponse:
        requests.append(request.path)
        return await handler(request)

    async def show(request: web.Request) -> web.StreamResponse:
        stored = await surface.database.read(attachment_file, request.match_info["token"])
        return web.FileResponse(surface.blobs.path(stored.blob_key), headers={"Content-Type": stored.mime})

    app = web.Application(middlewares=[note])
    mount(app, surface)
    app.router.add_get("/files/{token}", show)
    return app


def _shop_app(chat_url: str) -> web.Application:
    """Pages of the customer: /, /pricing ..., with the snippet (?chat: by a proxy) and (?strict) the strictest policy."""

    async def page(request: web.Request) -> web.StreamResponse:
        source = request.query.get("chat", chat_url)
        snippet = f'<script async src="{source}/widget/loader.js?key={KEY}"></script>'
        extra = '<script src="/site.js"></script>' if "script" in request.query else ""
        body = f'<!doctype html><html lang="{request.query.get("lang", "ru")}"><head><title>Магазин {request.path}</title>{extra}{snippet}</head>'
        headers = {"Content-Security-Policy": STRICT.format(chat=source)} if "strict" in request.query else {}
        text = body + '<body><h1>Стол «Орлан»</h1><a id="next" href="/pricing">Цены</a></body></html>'
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def script(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=SITE_SCRIPT, content_type="text/javascript")

    app = web.Application()
    app.router.add_get("/site.js", script)
    app.router.add_get("/{tail:.*}", page)
    return app


# What a site writes around the snippet: calls made before the loader came wait in the queue.
SITE_SCRIPT = """
window.InboxChat = window.InboxChat || [];
window.heard = [];
for (const name of ["open", "close", "message", "sent", "unread", "ready"]) {
  InboxChat.push(["on", name, (detail) => heard.push([name, detail])]);
}
const person = new URLSearchParams(location.search).get("person");
if (person) InboxChat.push(["identify", JSON.parse(person)]);
"""


@contextlib.asynccontextmanager
async def _serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def count_messages(tx: Tx) -> int:
    """How many messages there are."""
    return len(tx.execute(select(Message.id)).all())
