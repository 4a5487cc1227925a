"""Sending a template that the platform has approved, from a dialog whose reply window is over."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from inbox.actions.approved_templates import Choice
from inbox.actions.reply import Draft, NewerReply, reply
from inbox.queries.approved_templates import approved_offers
from inbox.queries.conversation_header import conversation_header
from inbox.rules.errors import Invalid, NotFound
from inbox.web.inbox_pages import conversation_number
from inbox.web.visit import Visit, visit

MAX_WRITTEN = 1000
_PLACES = ("header", "body")


async def show_approved(request: web.Request) -> web.StreamResponse:
    """What can be sent in this dialog now, with a form for each."""
    here = visit(request)
    return await _panel(here, conversation_number(request))


async def send_approved(request: web.Request) -> web.StreamResponse:
    """Send one with its gaps filled; mistakes come back beside what was typed."""
    here = visit(request)
    number = conversation_number(request)
    form = {name: str(value)[:MAX_WRITTEN] for name, value in (await request.post()).items()}
    chosen = _number(form.get("approved_template_id", ""))
    written = {gap: value for name, value in form.items() if (gap := _gap(name)) is not None}
    draft = Draft(
        client_id=_client_id(form.get("client_id", "")),
        text="",
        seen_message_id=_number(form.get("seen_message_id", "")),
        approved=Choice(chosen, written),
    )
    try:
        await here.write(reply, number, draft)
    except NewerReply as error:
        return await _panel(here, number, chosen, form, problem=error.key, status=409)
    except Invalid as error:
        words = {name: here.language.gettext(key) for name, key in error.fields.items()}
        return await _panel(here, number, chosen, form, words, problem=error.fields.get("text", ""), status=422)
    except NotFound as error:
        return await _panel(here, number, problem=error.key, status=404)
    # The stream puts the bubble into its place; the panel closes.
    return here.html("") if here.partial_wanted else here.see_other(f"/conversations/{number}")


async def _panel(
    here: Visit,
    number: int,
    opened: int = 0,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> web.Response:
    head = await here.read(conversation_header, number)
    values: dict[str, Any] = {
        "conversation_id": number,
        "offers": await here.read(approved_offers, number, here.language.code) if head.approved_templates else [],
        "seen": head.newest_message_id,
        "client_id": secrets.token_urlsafe(12),
        "opened": opened,
        "typed": typed or {},
        "errors": errors or {},
        "problem": here.language.gettext(problem) if problem else "",
    }
    if here.partial_wanted:
        return here.partial("conversations/_approved.html", status=status, **values)
    return here.page("conversations/approved.html", status=status, event_id=0, section="inbox", **values)


def _gap(name: str) -> tuple[str, str] | None:
    place, _, gap = name.partition(".")
    return (place, gap) if place in _PLACES and gap else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _client_id(text: str) -> str:
    plain = text.replace("-", "").replace("_", "")
    return text[:64] if plain.isascii() and plain.isalnum() else secrets.token_urlsafe(12)
