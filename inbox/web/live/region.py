"""The parts of a page that change by themselves, and which facts make each of them stale.

A region draws itself from current state with the same partial that the page used, so a frame can never say
something that a reload would not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl, urlsplit

from inbox.queries.event_log import Fact
from inbox.queries.shown_dialog import ShownDialog
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.web.render import View

# The slot of what no markup can redraw: the tab reads its page anew.
WHOLE_PAGE = "refresh"


@dataclass(frozen=True, slots=True)
class Page:
    """What a tab shows, read from its address exactly as the GET would. `query` keeps the order of the address.

    Frames carry the `address` as the tab said it: one that comes after the tab went elsewhere is not for it.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    address: str = field(default="", compare=False)

    @classmethod
    def parse(cls, address: str) -> Page:
        """The page of a path with its query; anything beyond 2,000 characters is cut."""
        address = address[:2000]
        try:
            parts = urlsplit(address)
        except ValueError:
            # "//[": not an address at all.
            return cls("/")
        return cls(parts.path or "/", tuple(parse_qsl(parts.query)), address)

    @property
    def conversation_id(self) -> int | None:
        """The dialog that is open on the page: /conversations/<id>."""
        head, _, tail = self.path.partition("/conversations/")
        number = tail.partition("/")[0]
        return int(number) if not head and number.isdecimal() and len(number) < 19 else None


class Target(Enum):
    """What one drawing of a region is about. DIALOG: the open one, which facts about its client change."""

    PAGE = "page"
    CONVERSATION = "conversation"
    DIALOG = "dialog"
    MESSAGE = "message"


Render = Callable[[Tx, Actor, View, Page, int], str]


@dataclass(frozen=True, slots=True)
class Region:
    """One live part. `render` gets the id of its target (0 for the page) and returns <hx-partial> markup or "".

    `shown_on` says whether a page has this region at all. `pause_seconds` is the least time between two drawings of it
    for one tab: lists of a busy inbox are drawn a few times a second, a message at once. `own_drawing`: it depends on
    the agent or the page, so tabs cannot share it. `slot` is the field of the frame it goes to: "html" (<hx-partial>
    elements), "items" (messages by their DOM ids) or WHOLE_PAGE.
    """

    name: str
    kinds: frozenset[EventKind]
    target: Target
    render: Render
    shown_on: Callable[[Page], bool]
    pause_seconds: float = 0.0
    own_drawing: bool = False
    slot: str = "html"

    def stale_by(self, fact: Fact, page: Page, dialog: ShownDialog | None) -> int | None:
        """The id of the target that this fact makes stale on that page, or None."""
        if fact.kind not in self.kinds or not self.shown_on(page):
            return None
        if self.target is Target.PAGE:
            return 0
        if self.target is Target.CONVERSATION:
            return fact.conversation_id
        if dialog is None or not dialog.concerns(fact.conversation_id, fact.contact_id):
            return None
        if self.target is Target.DIALOG:
            return dialog.conversation_id
        # The timeline of a dialog ends with it: what the client wrote in a newer one is not in this scroll.
        below = fact.conversation_id is not None and fact.conversation_id <= dialog.conversation_id
        return fact.message_id if below else None
