"""The live parts of the inbox: each is drawn from current state with the partial that its page includes."""

from __future__ import annotations

from typing import Any

from inbox.queries.contact_card import contact_card
from inbox.queries.conversation_header import conversation_header
from inbox.queries.conversation_list import QueueFilter, QueueView, conversation_list
from inbox.queries.counters import counters
from inbox.queries.filter_choices import colleagues, filter_choices
from inbox.queries.queue_rows import conversation_row
from inbox.queries.quotes import quoting_messages
from inbox.queries.timeline import timeline_around
from inbox.queries.wallboard import wallboard
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone
from inbox.web.live.presence import Company
from inbox.web.live.region import WHOLE_PAGE, Page, Region, Target
from inbox.web.queue_filter import read_filter
from inbox.web.render import Renderer, View

_MESSAGES = frozenset(
    {
        EventKind.MESSAGE_RECEIVED,
        EventKind.MESSAGE_REPLIED,
        EventKind.MESSAGE_NOTED,
        EventKind.MESSAGE_AUTOMATIC,
        EventKind.MESSAGE_ECHOED,
        EventKind.MESSAGE_KEPT,
        EventKind.MESSAGE_EDITED,
        EventKind.MESSAGE_DELETED,
        EventKind.MESSAGE_JOINED,
        EventKind.MESSAGE_REACTED,
        EventKind.AMENDMENT_CHANGED,
        EventKind.DELIVERY_CHANGED,
        EventKind.ATTACHMENT_READY,
        EventKind.ATTACHMENT_FAILED,
    }
)
_STATE = frozenset(
    {
        EventKind.CONVERSATION_OPENED,
        EventKind.CONVERSATION_REOPENED,
        EventKind.CONVERSATION_ASSIGNED,
        EventKind.CONVERSATION_UNASSIGNED,
        EventKind.CONVERSATION_SNOOZED,
        EventKind.CONVERSATION_UNSNOOZED,
        EventKind.CONVERSATION_RESOLVED,
        EventKind.CONVERSATION_DISMISSED,
        EventKind.CONVERSATION_MOVED,
        EventKind.CONVERSATION_TAGGED,
        EventKind.CONVERSATION_UNTAGGED,
        EventKind.CONVERSATION_RATED,
        EventKind.CONVERSATION_PRIORITISED,
        EventKind.TURNS_REBUILT,
        EventKind.SLA_WARNED,
        EventKind.SLA_BREACHED,
    }
)
_CONTACT = frozenset(
    {
        EventKind.CONTACT_CHANGED,
        EventKind.CONTACT_IDENTIFIED,
        EventKind.CONTACT_STOPPED,
        EventKind.CONTACT_RETURNED,
        EventKind.CONTACT_MERGED,
        EventKind.CONTACT_UNMERGED,
        EventKind.CONVERSATION_ATTRIBUTED,
        EventKind.CONVERSATION_JUDGED,
    }
)
# The dialogs of two clients come into one scroll, or go out of it.
_JOINED = frozenset({EventKind.CONTACT_MERGED, EventKind.CONTACT_UNMERGED})
# What other messages quote.
_REWRITTEN = frozenset({EventKind.MESSAGE_EDITED, EventKind.MESSAGE_DELETED})
_MENTIONS = frozenset({EventKind.MENTION_SEEN})
_SOURCES = frozenset({EventKind.SOURCE_ADDED})
_BROWSER = frozenset({EventKind.CONTACT_PAGE, EventKind.CONTACT_PRESENCE})
_PEOPLE = frozenset(
    {
        EventKind.AGENT_PRESENCE,
        EventKind.CONVERSATION_OPENED,
        EventKind.CONVERSATION_REOPENED,
        EventKind.CONVERSATION_ASSIGNED,
        EventKind.CONVERSATION_UNASSIGNED,
        EventKind.CONVERSATION_SNOOZED,
        EventKind.CONVERSATION_UNSNOOZED,
        EventKind.CONVERSATION_RESOLVED,
    }
)
# Changes of the company itself stand in every row, menu and card. They are rare: the tabs read their pages anew.
_COMPANY = frozenset(
    {
        EventKind.TAG_ADDED,
        EventKind.TAG_CHANGED,
        EventKind.TAG_REMOVED,
        EventKind.FIELD_CHANGED,
        EventKind.SETTINGS_CHANGED,
        EventKind.HOURS_CHANGED,
        EventKind.CHANNEL_ADDED,
        EventKind.CHANNEL_CHANGED,
        EventKind.CHANNEL_REMOVED,
        EventKind.AGENT_CHANGED,
        EventKind.AGENT_JOINED,
        EventKind.AGENT_DEACTIVATED,
        EventKind.AGENT_REACTIVATED,
    }
)

_CHANNELS = frozenset({EventKind.CHANNEL_ADDED, EventKind.CHANNEL_CHANGED, EventKind.CHANNEL_REMOVED})

# A busy inbox changes many times a second: whole lists are drawn at most this often for one tab.
LIST_PAUSE_SECONDS = 0.4
# Nobody watches the list of colleagues: it is opened to choose one.
PEOPLE_PAUSE_SECONDS = 1.0
# A wallboard is read from afar.
BOARD_PAUSE_SECONDS = 1.0


def has_queue(page: Page) -> bool:
    """The three-pane pages."""
    return page.path.startswith(("/inbox", "/conversations/"))


def has_dialog(page: Page) -> bool:
    """The pages with an open dialog."""
    return page.conversation_id is not None


def has_waiting(page: Page) -> bool:
    """The report that shows who waits now."""
    return page.path == "/reports/response"


def is_wallboard(page: Page) -> bool:
    """The screen on the wall."""
    return page.path == "/wallboard"


class InboxRegions:
    """Draws the regions with one renderer; `all` is what the hub needs."""

    def __init__(self, renderer: Renderer) -> None:
        """Bind the templates."""
        self._renderer = renderer

    def all(self) -> tuple[Region, ...]:
        """Every region of the inbox, in the order in which frames are applied."""
        row = _MESSAGES | _STATE | _CONTACT
        card = row | _BROWSER
        queued = row | _MENTIONS
        listed = LIST_PAUSE_SECONDS
        return (
            Region("page", _COMPANY, Target.PAGE, self.page, lambda page: True, slot=WHOLE_PAGE),
            Region("joined", _JOINED, Target.DIALOG, self.page, has_dialog, slot=WHOLE_PAGE),
            Region("row", row, Target.CONVERSATION, self.row, has_queue),
            Region(
                "message", _MESSAGES | _STATE, Target.MESSAGE, self.message, has_dialog, own_drawing=True, slot="items"
            ),
            Region("quotes", _REWRITTEN, Target.MESSAGE, self.quotes, has_dialog, own_drawing=True, slot="items"),
            Region("header", row, Target.DIALOG, self.header, has_dialog),
            Region("card", card, Target.DIALOG, self.card, has_dialog, pause_seconds=0.2),
            Region("queue", queued, Target.PAGE, self.queue, has_queue, pause_seconds=listed, own_drawing=True),
            Region(
                "people",
                _PEOPLE,
                Target.PAGE,
                self.people,
                has_dialog,
                pause_seconds=PEOPLE_PAUSE_SECONDS,
                own_drawing=True,
            ),
            Region("filters", _SOURCES, Target.PAGE, self.filters, has_queue, own_drawing=True),
            Region("waiting", row, Target.PAGE, self.waiting, has_waiting, pause_seconds=listed),
            Region("board", row | _PEOPLE, Target.PAGE, self.board, is_wallboard, pause_seconds=BOARD_PAUSE_SECONDS),
            Region(
                "rail",
                _MESSAGES | _STATE | _CHANNELS,
                Target.PAGE,
                self.rail,
                lambda page: True,
                pause_seconds=listed,
                own_drawing=True,
            ),
        )

    def page(self, tx: Tx, actor: Actor, view: View, page: Page, _: int) -> str:
        """Anything: the tab is told to read its page anew."""
        return WHOLE_PAGE

    def row(self, tx: Tx, actor: Actor, view: View, page: Page, conversation_id: int) -> str:
        """A queue row in its place, at once; the list itself follows with its order."""
        row = conversation_row(tx, actor, conversation_id)
        return "" if row is None else self._draw(view, f"#row-{row.id}", "inbox/_row.html", row=row)

    def message(self, tx: Tx, actor: Actor, view: View, page: Page, message_id: int) -> str:
        """One message and its neighbours, whose grouping it may change; the page puts each in its place by id."""
        items = timeline_around(tx, actor, message_id, zone(view.time_zone), page.conversation_id)
        neutral = view.without_agent()
        return "".join(self._renderer.partial(neutral, "conversations/_message.html", item=item) for item in items)

    def quotes(self, tx: Tx, actor: Actor, view: View, page: Page, message_id: int) -> str:
        """The messages that quote one whose words have changed."""
        quoting = quoting_messages(tx, actor, message_id)
        return "".join(self.message(tx, actor, view, page, quoting_id) for quoting_id in quoting)

    def header(self, tx: Tx, actor: Actor, view: View, page: Page, conversation_id: int) -> str:
        """Name, wait and assignee, what the composer may do, and the same choice in the menu of a phone."""
        head = conversation_header(tx, actor, conversation_id)
        parts = {
            "#dialog-head": "conversations/_head.html",
            "#composer-state": "conversations/_composer_state.html",
            "#more-resolution": "conversations/_resolution.html",
        }
        return "".join(self._draw(view, target, template, head=head) for target, template in parts.items())

    def card(self, tx: Tx, actor: Actor, view: View, page: Page, conversation_id: int) -> str:
        """The client's card. It is shared by all who look, so nobody's CSRF token may stand in it."""
        found = contact_card(tx, actor, conversation_id)
        return self._draw(view.without_agent(), "#card-body", "contacts/_card.html", card=found)

    def people(self, tx: Tx, actor: Actor, view: View, page: Page, _: int) -> str:
        """Who is here and how much they hold, in the menu of the assignee."""
        found = colleagues(tx, actor)
        return self._draw(view, "#colleagues", "conversations/_colleagues.html", colleagues=found)

    def queue(self, tx: Tx, actor: Actor, view: View, page: Page, _: int) -> str:
        """The list in its order, with the numbers of the views."""
        wanted = read_filter(page.path, page.query)
        return self._draw(
            view,
            "#queue-list",
            "inbox/_queue_list.html",
            queue=conversation_list(tx, actor, wanted),
            counters=counters(tx, actor),
            wanted=wanted,
            open_id=page.conversation_id,
        )

    def filters(self, tx: Tx, actor: Actor, view: View, page: Page, _: int) -> str:
        """What the queue can be narrowed by."""
        wanted = read_filter(page.path, page.query)
        choices = filter_choices(tx, actor)
        return self._draw(view, "#filter-menu", "inbox/_filter_menu.html", wanted=wanted, choices=choices)

    def rail(self, tx: Tx, actor: Actor, view: View, page: Page, _: int) -> str:
        """How many clients wait and how many channels need somebody, on every page."""
        found = counters(tx, actor)
        drawn = self._draw(view, "#rail-count", "inbox/_rail_count.html", counters=found)
        if view.may("channel:read"):
            drawn += self._draw(view, "#rail-channels", "inbox/_rail_channels.html", counters=found)
        return drawn

    def waiting(self, tx: Tx, actor: Actor, view: View, page: Page, _: int) -> str:
        """Who waits now, on the report."""
        rows = conversation_list(tx, actor, QueueFilter(view=QueueView.WAITING)).rows[:10]
        return self._draw(view, "#waiting-now", "reports/_waiting.html", waiting=rows, counters=counters(tx, actor))

    def board(self, tx: Tx, actor: Actor, view: View, page: Page, _: int) -> str:
        """The screen on the wall."""
        return self._draw(view, "#board", "reports/_board.html", board=wallboard(tx, actor))

    def company(self, view: View, company: Company) -> str:
        """Who else is at the dialog and who is typing."""
        return self._draw(view, "#company", "conversations/_company.html", company=company)

    def _draw(self, view: View, target: str, template: str, **values: Any) -> str:
        markup = self._renderer.partial(view, template, **values)
        return f'<hx-partial hx-target="{target}" hx-swap="outerMorph">{markup}</hx-partial>'
