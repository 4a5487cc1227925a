"""Ways into a channel: the short links that people click, and the page where links are made.

A click is written down before the person is sent on; what is prefetched by a browser is sent on without a line.
"""

from __future__ import annotations

import io
from typing import Any

from aiohttp import web

import connectors
from inbox.actions.entry_links import MARKS, LinkDraft, add_link, note_click, remove_link
from inbox.entry_address import entry_address
from inbox.queries.channels import channel_by_token
from inbox.queries.entry_links import LinkLine, Way, link_list, link_slug, link_target, ways
from inbox.rules.attribution import Touch, touch_from_visit
from inbox.rules.entry_links import account_of
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.permissions import Actor
from inbox.runtime.throttle import Throttle
from inbox.web.settings_pages import frame_values
from inbox.web.visit import Visit, visit

# Clicks of one address that are written down: thirty at once, then one in two seconds. The rest is only sent on.
CLICKS: web.AppKey[Throttle] = web.AppKey("clicks", Throttle)

_QR = {"svg": "image/svg+xml", "png": "image/png"}


async def follow_link(request: web.Request) -> web.StreamResponse:
    """`/l/<slug>`: write the click down and go on to the channel."""
    here = visit(request)
    slug = request.match_info["slug"].lower()
    link_id, way = await here.resources.database.read(link_target, slug)
    arrival = touch_from_visit(str(request.url), request.headers.get("Referer", ""))
    return await _send_on(here, way, arrival, slug, link_id=link_id)


async def follow_page(request: web.Request) -> web.StreamResponse:
    """`/go/<chat key>?to=...`: a messenger's link of a page that has our chat, with what the loader knows of the visit.

    Only addresses of the company's own channels are followed: this is no way to anywhere else.
    """
    here = visit(request)
    said = request.query
    await _known_site(here, request.match_info["key"])
    way = await _way_of(here, said.get("to", ""))
    arrival = touch_from_visit(
        said.get("page", ""), said.get("ref", ""), said.get("land") or None, said.get("ym") or None
    )
    return await _send_on(here, way, arrival, "page")


async def show_links(request: web.Request) -> web.StreamResponse:
    """The link builder: all links with what they brought, and the form of a new one."""
    return await _page(visit(request), {}, {})


async def make_link(request: web.Request) -> web.StreamResponse:
    """Make a link; mistakes come back beside what was typed."""
    here = visit(request)
    typed = {name: str(value).strip() for name, value in (await request.post()).items()}
    channel = typed.get("channel_id", "")
    draft = LinkDraft(
        name=typed.get("name", ""),
        slug=typed.get("slug", ""),
        channel_id=int(channel) if channel.isdecimal() and len(channel) < 10 else 0,
        **{mark: typed.get(mark, "") for mark in MARKS},
    )
    try:
        await here.write(add_link, draft)
    except Invalid as error:
        words = {name: here.language.gettext(key) for name, key in error.fields.items()}
        return await _page(here, typed, words, 422)
    return here.saved("/settings/links")


async def drop_link(request: web.Request) -> web.StreamResponse:
    """Take a link out of use."""
    here = visit(request)
    await here.write(remove_link, _number(request))
    return here.saved("/settings/links")


async def draw_code(request: web.Request) -> web.StreamResponse:
    """The QR code of a link, `svg` for print or `png`."""
    here = visit(request)
    kind = request.match_info["kind"]
    slug = await here.read(link_slug, _number(request))
    if kind not in _QR:
        raise NotFound
    image = io.BytesIO()
    # A picture is rare, and its library large.
    import segno

    segno.make(_short(here, slug), error="m").save(image, kind=kind, scale=1 if kind == "svg" else 12, border=3)
    headers = {"Content-Disposition": f'attachment; filename="{slug}.{kind}"', "Content-Type": _QR[kind]}
    return web.Response(body=image.getvalue(), headers=headers)


async def _send_on(here: Visit, way: Way, arrival: Touch, name: str, *, link_id: int | None = None) -> web.Response:
    throttle = here.request.app[CLICKS]
    token = name
    purpose = here.request.headers.get("Sec-Purpose", here.request.headers.get("Purpose", ""))
    if "prefetch" not in purpose and not throttle.wait(here.remote):
        throttle.count(here.remote)
        database = here.resources.database
        token = await database.write(note_click, Actor.system(), way.channel_id, arrival, link_id=link_id)
    address = entry_address(here.resources.vault, way, token)
    if not address:
        raise NotFound
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=302, headers=headers)


async def _known_site(here: Visit, key: str) -> None:
    for kind in connectors.kinds():
        if connectors.find(kind).capabilities.stored_is_sent:
            row = await here.resources.database.read(channel_by_token, kind, key)
            if row is not None:
                return
    raise NotFound


async def _way_of(here: Visit, address: str) -> Way:
    """The channel that a link on a page opens; raises NotFound for any other address."""
    wanted = account_of(address)
    for way in await here.resources.database.read(ways):
        if wanted and account_of(entry_address(here.resources.vault, way, "x")) == wanted:
            return way
    raise NotFound


def _short(here: Visit, slug: str) -> str:
    return f"{here.resources.settings.base_url}/l/{slug}"


async def _page(here: Visit, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> web.Response:
    lines: list[LinkLine] = await here.read(link_list)
    found = await here.resources.database.read(ways)
    return here.page(
        "settings/links.html",
        status=status,
        **await frame_values(here, tab="links"),
        lines=lines,
        short={line.id: _short(here, line.slug) for line in lines},
        direct={line.id: entry_address(here.resources.vault, line.way, line.slug) for line in lines},
        ways=[(way.channel_id, way.name) for way in found],
        typed=typed,
        errors=errors,
    )


def _number(request: web.Request) -> int:
    text: Any = request.match_info["link_id"]
    if not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)
