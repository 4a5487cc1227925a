"""Clients: the list, and editing a card."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from inbox.actions.contacts import edit_contact
from inbox.queries.access import contact_picture
from inbox.queries.contacts import contact_form, contact_list
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.rules.errors import Invalid, NotFound
from inbox.web.visit import visit


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
    form = await here.read(contact_form, _number(request), int(conversation) if conversation.isdecimal() else None)
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
    text = request.match_info["contact_id"]
    if not text.isdecimal() or len(text) > 18:
        raise NotFound
    return int(text)
