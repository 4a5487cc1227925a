"""One tab that listens: what it shows, what of it is stale, and a bounded queue of frames."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from inbox.queries.sessions import SignedIn
from inbox.rules.permissions import Actor, Role
from inbox.web.live.region import Page, Region
from inbox.web.render import View

MAX_FRAMES = 64

REFRESH = '{"refresh":true}'


@dataclass(eq=False, slots=True)
class Subscriber:
    """A tab's end of the stream. The hub marks and fills it, the socket's task empties it."""

    signed_in: SignedIn
    view: View
    page: Page
    active: bool = True
    closing: int | None = None
    stale: dict[tuple[str, int], Region] = field(default_factory=dict)
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

    def show(self, page: Page) -> None:
        """The tab went to another page without reconnecting."""
        self.page = page
        self.stale.clear()
        self.drawn_at.clear()
