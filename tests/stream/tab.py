"""One tab of a browser without a browser: a page, its socket, and frames applied as static/js/stream.js applies them."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.desk import Browser

# How long a test waits for what must come; nothing waits that long when the product is right, also on a busy machine.
PATIENCE = 30.0
# After so long without the frame that is missing, the fresh page itself may be the older one.
HEARING = 1.0
# What a server in this process has sent already is read within this.
AT_ONCE = 0.005


def fragment(markup: str) -> LexborHTMLParser:
    """Markup without a page around it."""
    return LexborHTMLParser(markup, is_fragment=True)


class Tab:
    """A page that keeps itself true by frames."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Nothing is read before `open`."""
        self.browser = browser
        self.address = address
        self.page = LexborHTMLParser("<html></html>")
        self.cursor = 0
        self.frames: list[dict[str, Any]] = []
        self.refreshes = 0
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self.fresh_page = ""
        self._shown: str | None = None
        self._heard: asyncio.Queue[str | int | None] = asyncio.Queue()
        self._ear: asyncio.Task[None]

    @property
    def whole(self) -> bool:
        """Whether all of the page is live: the three panes are, other pages have live parts."""
        return self.address.startswith(("/inbox", "/conversations"))

    async def read(self) -> None:
        """Load the page as a browser does."""
        answer = await self.browser.get(self.address)
        assert answer.status == 200, (self.address, answer.status)
        self.page = answer.tree
        self._shown = None
        self.cursor = self._event_of(answer.tree)

    async def connect(self, since: int | None = None) -> None:
        """Open the socket."""
        query = {"since": str(self.cursor if since is None else since), "path": self.address}
        await self.close()
        self.socket = await self.browser.http.ws_connect(f"{self.browser.base}/stream", params=query)
        self._heard = asyncio.Queue()
        self._ear = asyncio.create_task(self._listen(self.socket, self._heard))

    async def close(self) -> None:
        """Close the tab."""
        if self.socket is not None:
            await self.socket.close()
            await self._ear

    @staticmethod
    async def _listen(socket: aiohttp.ClientWebSocketResponse, heard: asyncio.Queue[str | int | None]) -> None:
        """Hear all the time, as a browser does: texts, and at the end the close code."""
        async for message in socket:
            heard.put_nowait(message.data)
        heard.put_nowait(socket.close_code)

    async def say(self, **message: Any) -> None:
        """Send what the tab says; like a browser, say nothing to a socket that the server is closing."""
        assert self.socket is not None
        with contextlib.suppress(aiohttp.ClientConnectionResetError):
            await self.socket.send_str(orjson.dumps(message).decode())

    async def frame(self, patience: float = PATIENCE) -> dict[str, Any]:
        """The next frame, applied; raises TimeoutError. A socket that was told to come again does so."""
        while (heard := await self._hear(patience)) == aiohttp.WSCloseCode.SERVICE_RESTART:
            await self.connect()
        assert isinstance(heard, str), f"closed with {heard}"
        found: dict[str, Any] = orjson.loads(heard)
        self.frames.append(found)
        await self._apply(found)
        return found

    async def _hear(self, patience: float) -> str | int | None:
        """The next text or close code. Only this is timed: a frame that was heard is applied to its end."""
        async with asyncio.timeout(patience):
            return await self._heard.get()

    async def until(self, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next frame for which this is true; the others are applied on the way."""
        async with asyncio.timeout(PATIENCE):
            while not true(found := await self.frame()):
                pass
        return found

    async def settled(self) -> str | None:
        """Apply frames until the page equals a fresh one; returns the difference when it never does."""
        clock = asyncio.get_running_loop()
        end = clock.time() + PATIENCE
        while clock.time() < end:
            self.fresh_page = await self.fresh()
            with contextlib.suppress(TimeoutError):
                while self.shown() != self.fresh_page:
                    await self.frame(HEARING)
                return None
        return difference(self.shown(), self.fresh_page)

    async def still_settled(self) -> str | None:
        """Apply what has come meanwhile: a page that was right must not have become wrong for good.

        It may be between two states: the page can have been right before the first of several frames came.
        """
        with contextlib.suppress(TimeoutError):
            while True:
                await self.frame(AT_ONCE)
        return None if self.shown() == self.fresh_page else await self.settled()

    def shown(self) -> str:
        """The page as it stands in the tab."""
        if self._shown is None:
            self._shown = canonical(self.page, self.whole)
        return self._shown

    async def closed(self) -> int | None:
        """Read until the server closes; the close code."""
        async with asyncio.timeout(PATIENCE):
            while isinstance(heard := await self._heard.get(), str):
                pass
        return heard

    async def fresh(self) -> str:
        """What a reload would show."""
        answer = await self.browser.get(self.address)
        assert answer.status == 200, (self.address, answer.status)
        return canonical(answer.tree, self.whole)

    def text(self, selector: str) -> str:
        """The words of an element of the page, "" when it is not there."""
        found = self.page.css_first(selector)
        return "" if found is None else " ".join(found.text().split())

    async def _apply(self, frame: dict[str, Any]) -> None:
        self._shown = None
        if frame.get("refresh"):
            await self._refresh()
            return
        if frame.get("at", self.address) != self.address or frame.get("id", self.cursor) < self.cursor:
            return
        self._place(frame.get("items", ""))
        # htmx turns <hx-partial> into templates and morphs each target: the element's markup is replaced by its id.
        for found in re.finditer(r'<hx-partial hx-target="#([^"]+)" hx-swap="outerMorph">(.*?)</hx-partial>',
                                 frame.get("html", ""), re.DOTALL):  # fmt: skip
            self._replace(found[1], found[2])
        self.cursor = frame.get("id", self.cursor)

    async def _refresh(self) -> None:
        self.refreshes += 1
        answer = await self.browser.get(self.address)
        for node in answer.tree.css("[data-live]"):
            self._replace(str(node.id), str(node.html))
        timeline = answer.tree.css_first("#timeline")
        if timeline is not None:
            own = self.page.css_first("#timeline")
            known = any(self.page.css_first(_by_id(node.id)) for node in timeline.css(".item"))
            if own is not None and not known:
                for node in own.css("#timeline > *"):
                    node.decompose()
            self._place(timeline.inner_html or "")
        self.cursor = self._event_of(answer.tree)
        await self.say(path=self.address, since=self.cursor)

    def _replace(self, target: str, markup: str) -> None:
        shown = self.page.css_first(_by_id(target))
        fresh = fragment(markup).css_first(_by_id(target))
        assert fresh is not None, ("a frame's root has another id than its target", target)
        if shown is not None:
            shown.replace_with(fresh)

    def _place(self, markup: str) -> None:
        timeline = self.page.css_first("#timeline")
        if timeline is None or not markup:
            return
        for item in fragment(f"<ol id=new>{markup}</ol>").css("#new > li"):
            self._place_one(timeline, item)

    def _place_one(self, timeline: LexborNode, item: LexborNode) -> None:
        key = _number(item)
        items = timeline.css("#timeline > li")
        shown = next((other for other in items if other.id == item.id), None)
        oldest = next((other for other in items if "item" in _classes(other)), None)
        more_above = any("earlier" in _classes(other) for other in items)
        above = shown is None and oldest is not None and more_above and key < _number(oldest)
        if above or (oldest is not None and "earlier" in _classes(item)):
            return
        if shown is not None:
            shown.replace_with(item)
            return
        below = next((other for other in items if _number(other) > key), None)
        if below is not None:
            below.insert_before(item)
        else:
            timeline.insert_child(item)

    @staticmethod
    def _event_of(tree: LexborHTMLParser) -> int:
        body = tree.css_first("body")
        return int((body.attributes.get("data-event") if body else None) or 0)


@contextlib.asynccontextmanager
async def open_tab(browser: Browser, address: str) -> AsyncIterator[Tab]:
    """A tab that has read its page and listens; closed at the end."""
    tab = Tab(browser, address)
    await tab.read()
    await tab.connect()
    try:
        yield tab
    finally:
        await tab.close()


def canonical(tree: LexborHTMLParser, whole: bool = True) -> str:
    """The page without what may differ: tokens, what the person is typing, waits that tick, spaces between elements.

    Of a page that is not live as a `whole` only the live parts are compared.
    """
    copy = LexborHTMLParser(tree.html or "")
    # The composer belongs to the person at it; what the server says about it stands in #composer-state.
    state = copy.css_first("#composer-state")
    kept = "" if state is None else str(state.html)
    for node in copy.css("head, script, .toasts, .signed-out, input[name=csrf_token], #composer"):
        node.decompose()
    for node in copy.css(".wait .wait-words"):
        node.inner_html = ""
    body = copy.css_first("body")
    markup = (str(body.html) if body is not None else "") + kept
    if not whole:
        markup = "".join(str(node.html) for node in copy.css("[data-live]"))
    markup = re.sub(r' data-event="\d+"| hx-headers:inherited="[^"]*"', "", markup)
    markup = re.sub(r' stroke-dasharray="[^"]*"', "", markup)
    # A line for each tag and each text.
    apart = " ".join(markup.split()).replace("<", "\n<").replace(">", ">\n")
    return "\n".join(line for line in map(str.strip, apart.split("\n")) if line)


def difference(shown: str, fresh: str) -> str:
    """The lines that differ, a few around the first."""
    import difflib

    lines = difflib.unified_diff(shown.split("\n"), fresh.split("\n"), "page and frames", "fresh page", "", "", 2)
    return "\n".join(list(lines)[:60])


def _by_id(name: str | None) -> str:
    return f'[id="{name}"]'


def _number(node: LexborNode) -> int:
    return int(node.attributes.get("data-id") or 0)


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()
