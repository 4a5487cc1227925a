"""The three panes: queue, dialog, card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from inbox.queries.contact_card import Card, contact_card
from inbox.queries.conversation_header import Header, conversation_header
from inbox.queries.conversation_list import Queue, QueueFilter, conversation_list
from inbox.queries.counters import Counters, counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.filter_choices import FilterChoices, filter_choices
from inbox.queries.timeline import Timeline, timeline
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone
from inbox.web.live.presence import Company
from inbox.web.queue_filter import filter_query, read_filter
from inbox.web.visit import Visit, visit


@dataclass(frozen=True, slots=True)
class Dialog:
    """Everything the two right panes draw."""

    head: Header
    timeline: Timeline
    card: Card


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole page, read on one snapshot together with the event it is true for."""

    event_id: int
    queue: Queue
    counters: Counters
    choices: FilterChoices
    dialog: Dialog | None


def desk(
    tx: Tx, actor: Actor, wanted: QueueFilter, after: str | None, conversation_id: int | None, time_zone: Any
) -> Desk:
    """Queue and, when one is open, the dialog; raises NotFound for an unseen dialog."""
    dialog = None
    if conversation_id is not None:
        dialog = Dialog(
            conversation_header(tx, actor, conversation_id),
            timeline(tx, actor, conversation_id, time_zone),
            contact_card(tx, actor, conversation_id),
        )
    return Desk(
        newest_event_id(tx),
        conversation_list(tx, actor, wanted, after),
        counters(tx, actor),
        filter_choices(tx, actor),
        dialog,
    )


async def show_home(request: web.Request) -> web.StreamResponse:
    """The inbox is the home page."""
    return visit(request).see_other("/inbox/waiting")


async def show_queue(request: web.Request) -> web.StreamResponse:
    """A view of the queue without an open dialog; with `after` only the next rows."""
    here = visit(request)
    wanted = read_filter(request.path, request.query.items())
    after = request.query.get("after")
    if after and here.partial_wanted:
        queue = await here.read(conversation_list, wanted, after)
        return here.partial("inbox/_rows.html", queue=queue, wanted=wanted, open_id=None, query=filter_query(wanted))
    found = await here.read(desk, wanted, None, None, zone(here.view.time_zone))
    return _page(here, wanted, found)


async def show_conversation(request: web.Request) -> web.StreamResponse:
    """A dialog with the queue beside it."""
    here = visit(request)
    wanted = read_filter(request.path, request.query.items())
    found = await here.read(desk, wanted, None, conversation_number(request), zone(here.view.time_zone))
    return _page(here, wanted, found)


async def show_earlier(request: web.Request) -> web.StreamResponse:
    """Messages above those on the screen (`before`: a message id)."""
    here = visit(request)
    before = request.query.get("before", "")
    found = await here.read(
        timeline,
        conversation_number(request),
        zone(here.view.time_zone),
        int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    return here.partial("conversations/_messages.html", timeline=found)


def conversation_number(request: web.Request) -> int:
    """The conversation id of the address; raises NotFound for anything that is not a number."""
    text = request.match_info["conversation_id"]
    if not text.isdecimal() or len(text) > 18:
        raise NotFound
    return int(text)


def _page(here: Visit, wanted: QueueFilter, found: Desk) -> web.Response:
    company = Company(0)
    if found.dialog is not None:
        company = here.resources.hub.presence.company(found.dialog.head.id, here.agent.agent_id)
    return here.page(
        "inbox/page.html",
        section="inbox",
        event_id=found.event_id,
        queue=found.queue,
        counters=found.counters,
        choices=found.choices,
        dialog=found.dialog,
        company=company,
        wanted=wanted,
        query=filter_query(wanted),
        open_id=found.dialog.head.id if found.dialog else None,
    )
