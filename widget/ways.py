"""Going on in a messenger: a visitor's own way there, and the links of the site's pages that lead there.

The way is a form that the frame posts with its session token, so the token stands in no address. What the messenger
gets is a token of the click ledger, which joins once (see inbox/actions/threads.py).
"""

from __future__ import annotations

from aiohttp import web

import connectors
from inbox.actions.entry_links import note_click
from inbox.entry_address import entry_address
from inbox.queries.entry_links import Way, ways
from inbox.rules.attribution import touch_from_visit
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.languages import choose_language
from widget.history import find_visitor
from widget.identity import returning, stranger
from widget.pages import page
from widget.sockets import CROWDED, NO_CHANNEL
from widget.surface import SURFACE, Chat, Surface

# A ledger of clicks is no place to fill: this many ways of one network address in a minute.
PER_MINUTE = 20
NO_WAY = N_("This messenger is not connected any more.")


async def follow_way(request: web.Request) -> web.StreamResponse:
    """`POST /widget/v1/ways/{channel_id}`: to the messenger on a phone, by a QR code or a click elsewhere."""
    surface = request.app[SURFACE]
    form = await request.post()
    spoken = choose_language(None, request.headers.get("Accept-Language", ""))
    chat = await surface.chat(str(form.get("key", "")))
    # The session token is the proof: a frame that sends no referrer posts its forms without an origin.
    if chat is None:
        return page(spoken, "widget/refused.html", 404, "'none'", text=spoken.gettext(NO_CHANNEL))
    if surface.limits.take(("ways", surface.network(request)), PER_MINUTE):
        return page(spoken, "widget/refused.html", 429, "'none'", text=spoken.gettext(CROWDED))
    way = next(
        (way for way in await surface.database.read(ways) if str(way.channel_id) == request.match_info["id"]), None
    )
    token = "" if way is None else await _token(surface, chat, way, str(form.get("token", "")))
    address = entry_address(surface.vault, way, token) if way is not None else ""
    if way is None or not address:
        return page(spoken, "widget/refused.html", 404, "'none'", text=spoken.gettext(NO_WAY))
    if "Mobi" in request.headers.get("User-Agent", ""):
        return web.Response(status=303, headers={"Location": address, "Referrer-Policy": "no-referrer"})
    # A picture is rare, and its library large.
    import segno

    title, code = connectors.find(way.kind).title, segno.make(address, error="m").svg_data_uri(scale=6, border=2)
    return page(spoken, "widget/way.html", 200, "'none'", title=title, address=address, code=code)


async def _token(surface: Surface, chat: Chat, way: Way, session_token: str) -> str:
    person = returning(chat.config.identity_secret, session_token, surface.clock.now()) or stranger(session_token)
    known = await surface.database.read(find_visitor, chat.id, person)
    address_id = known.address_id if known is not None and not known.expired else None
    arrival = touch_from_visit("", "")
    return await surface.database.write(note_click, Actor.system(), way.channel_id, arrival, address_id=address_id)
