"""Changing one message: an edit, a deletion, a reaction, and putting a shared phone into the client's card."""

from __future__ import annotations

from aiohttp import web

from inbox.actions.amend import delete_reply, edit_reply, react
from inbox.actions.contacts import take_shared_phone
from inbox.rules.errors import NotFound
from inbox.web.conversation_pages import bubbles
from inbox.web.visit import visit


async def edit_message(request: web.Request) -> web.StreamResponse:
    """Replace the text of one's own answer."""
    here = visit(request)
    text = str((await request.post()).get("text", "")).replace("\r\n", "\n")
    return await bubbles(here, await here.write(edit_reply, _number(request), text))


async def delete_message(request: web.Request) -> web.StreamResponse:
    """Take one's own answer back."""
    here = visit(request)
    return await bubbles(here, await here.write(delete_reply, _number(request)))


async def react_to_message(request: web.Request) -> web.StreamResponse:
    """Put a reaction on the client's message, or take it back."""
    here = visit(request)
    emoji = str((await request.post()).get("emoji", ""))
    return await bubbles(here, await here.write(react, _number(request), emoji))


async def keep_phone(request: web.Request) -> web.StreamResponse:
    """Put the phone that the client shared into their card; the stream redraws it."""
    here = visit(request)
    await here.write(take_shared_phone, _number(request))
    return web.Response(status=204)


def _number(request: web.Request) -> int:
    text = request.match_info["message_id"]
    if not text.isdecimal() or len(text) > 18:
        raise NotFound
    return int(text)
