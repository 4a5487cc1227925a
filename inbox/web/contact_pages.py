"""Clients: the list, and editing a card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from inbox.actions.contacts import edit_contact
from inbox.actions.merge_contacts import keep_apart, merge_contacts, undo_merge
from inbox.queries.access import contact_picture
from inbox.queries.contacts import contact_form, contact_list
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.rules.errors import Invalid, NotFound
from inbox.web.visit import Visit, visit


async def list_contacts(request: web.Request) -> web.StreamResponse:
    """All clients, newest first."""
    here = visit(request)
    before = request.query.get("before", "")
    page = await here.read(contact_list, int(before) if before.isdecimal() and len(before) < 19 else None)
    if here.partial_wanted:
        return here.partial("contacts/_lines.html", page=page)
    return here.page(
        "contacts/page.html",
        section="contacts",
        page=page,
        counters=await here.read(counters),
        event_id=await here.resources.database.read(newest_event_id),
    )


async def show_form(request: web.Request) -> web.StreamResponse:
    """The form of a card, for its dialog."""
    here = visit(request)
    conversation = request.query.get("conversation", "")
    shown_in = int(conversation) if conversation.isdecimal() and len(conversation) < 19 else None
    form = await here.read(contact_form, _number(request), shown_in)
    return here.partial("contacts/_form.html", contact=form, errors={})


async def save_contact(request: web.Request) -> web.StreamResponse:
    """Save a card; mistakes come back in the form with what was typed."""
    here = visit(request)
    number = _number(request)
    form = {name: str(value) for name, value in (await request.post()).items()}
    known = await here.read(contact_form, number, None)
    own = {field.id: form.get(f"field_{field.id}", "") for field in known.fields}
    try:
        await here.write(edit_contact, number, form, own)
    except Invalid as error:
        typed = replace(
            known,
            name=form.get("name", ""),
            phone=form.get("phone", ""),
            email=form.get("email", ""),
            note=form.get("note", ""),
            fields=tuple(replace(field, value=own[field.id]) for field in known.fields),
        )
        words = {name: here.language.gettext(key) for name, key in error.fields.items()}
        return here.partial("contacts/_form.html", status=422, contact=typed, errors=words)
    if here.partial_wanted:
        return web.Response(status=204, headers={"HX-Trigger": "inbox:saved"})
    return here.see_other(f"/conversations/{form['conversation']}" if form.get("conversation") else "/contacts")


async def merge(request: web.Request) -> web.StreamResponse:
    """Make the client of the card and another one (`other`) one person."""
    here = visit(request)
    form = await request.post()
    await here.write(merge_contacts, _number(request), _other(form))
    return _back(here, form)


async def tell_apart(request: web.Request) -> web.StreamResponse:
    """Say that the client of the card and another one are two people."""
    here = visit(request)
    form = await request.post()
    await here.write(keep_apart, _number(request), _other(form))
    return _back(here, form)


async def undo(request: web.Request) -> web.StreamResponse:
    """Take a merge apart."""
    here = visit(request)
    form = await request.post()
    await here.write(undo_merge, _digits(request.match_info["merge_id"]))
    return _back(here, form)


def _other(form: Mapping[str, Any]) -> int:
    return _digits(str(form.get("other", "")))


def _back(here: Visit, form: Mapping[str, Any]) -> web.Response:
    """The stream redraws the page of a script; a plain form goes back to the dialog."""
    if here.partial_wanted:
        return web.Response(status=204)
    conversation = str(form.get("conversation", ""))
    return here.see_other(f"/conversations/{int(conversation)}" if conversation.isdecimal() else "/contacts")


async def show_picture(request: web.Request) -> web.StreamResponse:
    """The client's picture, as their platform has it."""
    here = visit(request)
    key = await here.read(contact_picture, _number(request))
    headers = {
        "Content-Type": "image/jpeg",
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.FileResponse(here.resources.blobs.path(key), headers=headers)


def _number(request: web.Request) -> int:
    return _digits(request.match_info["contact_id"])


def _digits(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise NotFound
    return int(text)
