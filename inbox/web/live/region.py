"""The parts of a page that change by themselves, and which facts make each of them stale.

A region draws itself from current state with the same partial that the page used, so a frame can never say
something that a reload would not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, urlsplit

from inbox.queries.event_log import Fact
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.web.render import View


@dataclass(frozen=True, slots=True)
class Page:
    """What a tab shows, read from its address exactly as the GET would. `query` keeps the order of the address."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, address: str) -> Page:
        """The page of a path with its query; anything beyond 2,000 characters is cut."""
        parts = urlsplit(address[:2000])
        return cls(parts.path or "/", tuple(parse_qsl(parts.query)))

    @property
    def conversation_id(self) -> int | None:
        """The dialog that is open on the page: /conversations/<id>."""
        head, _, tail = self.path.partition("/conversations/")
        number = tail.partition("/")[0]
        return int(number) if not head and number.isdecimal() and len(number) < 19 else None


class Target(Enum):
    """What one drawing of a region is about."""

    PAGE = "page"
    CONVERSATION = "conversation"
    MESSAGE = "message"


Render = Callable[[Tx, Actor, View, Page, int], str]


@dataclass(frozen=True, slots=True)
class Region:
    """One live part. `render` gets the id of its target (0 for the page) and returns <hx-partial> markup or "".

    `shown_on` says whether a page has this region at all; `viewed_only` limits it to the dialog that is open.
    `pause_seconds` is the least time between two drawings of it for one tab: lists of a busy inbox are drawn a few
    times a second, a message at once. `own_drawing`: it depends on the agent or the page, so tabs cannot share it.
    `slot` is the field of the frame it goes to: "html" (<hx-partial> elements) or "items" (messages by their DOM ids).
    """

    name: str
    kinds: frozenset[EventKind]
    target: Target
    render: Render
    shown_on: Callable[[Page], bool]
    viewed_only: bool = False
    pause_seconds: float = 0.0
    own_drawing: bool = False
    slot: str = "html"

    def stale_by(self, fact: Fact, page: Page) -> int | None:
        """The id of the target that this fact makes stale on that page, or None."""
        if fact.kind not in self.kinds or not self.shown_on(page):
            return None
        if self.viewed_only and fact.conversation_id != page.conversation_id:
            return None
        if self.target is Target.PAGE:
            return 0
        return fact.conversation_id if self.target is Target.CONVERSATION else fact.message_id
