"""One tab that listens: what it shows, what of it is stale, and a bounded queue of frames."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from inbox.queries.sessions import SignedIn
from inbox.queries.shown_dialog import ShownDialog
from inbox.rules.permissions import Actor, Role
from inbox.web.live.region import Page, Region
from inbox.web.render import View

MAX_FRAMES = 64

REFRESH = '{"refresh":true}'


@dataclass(slots=True)
class Stale:
    """A region that must be drawn anew, and the first fact that it does not show yet."""

    region: Region
    since: int


@dataclass(eq=False, slots=True)
class Subscriber:
    """A tab's end of the stream. The hub marks and fills it, the socket's task empties it.

    `dialog` is the open dialog once it is known that this agent may see it; `since` is the fact that its page was
    drawn at: it shows that one and all before it. While it is `behind`, what happened since then is not marked yet, so
    no frame may say that the tab is further than that. `told` is the newest fact whose news its agent has heard since
    it listens, here or in another tab.
    """

    signed_in: SignedIn
    view: View
    page: Page
    active: bool = True
    closing: int | None = None
    since: int = 0
    told: int = 0
    behind: bool = True
    dialog: ShownDialog | None = None
    stale: dict[tuple[str, int], Stale] = field(default_factory=dict)
    drawn_at: dict[tuple[str, int], float] = field(default_factory=dict)
    frames: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MAX_FRAMES))

    @property
    def actor(self) -> Actor:
        """On whose behalf its regions are drawn."""
        return Actor.agent(self.signed_in.agent_id, Role(self.signed_in.role))

    @property
    def drawing_key(self) -> tuple[object, ...]:
        """Tabs with equal keys see the same markup of viewer-neutral regions."""
        return (self.signed_in.role, self.view.language.code, self.view.time_zone)

    def mark(self, region: Region, target: int, fact_id: int) -> None:
        """Note that a fact made a region stale; the first such fact counts, and none that the page shows already."""
        if fact_id > self.since:
            self.stale.setdefault((region.name, target), Stale(region, fact_id))

    def true_until(self, cursor: int) -> int:
        """The newest fact that the tab shows whole, when the log was read up to `cursor`.

        A region that is held back keeps the mark below its first fact: a tab that comes back asks for it again. It is
        never below the page itself: a tab drops what was drawn for less than it shows.
        """
        return max(self.since, min((entry.since - 1 for entry in self.stale.values()), default=cursor))

    def send(self, frame: str) -> None:
        """Queue a frame; a tab too slow for its queue is told to read the page anew instead of losing one silently."""
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.refresh()

    def refresh(self) -> None:
        """Drop what waits and tell the tab to morph itself from a normal GET."""
        self.stale.clear()
        while not self.frames.empty():
            self.frames.get_nowait()
        self.frames.put_nowait(REFRESH)

    def end(self, code: int) -> None:
        """Close the socket with this code in place of the next frame; the first reason stays."""
        if self.closing is None:
            self.closing = code
            self.refresh()

    def show(self, page: Page) -> None:
        """The tab went to another page without reconnecting."""
        self.page = page
        self.dialog = None
        self.since = 0
        self.behind = True
        self.stale.clear()
        self.drawn_at.clear()
