"""What browsers get of the site chat: the loader, the page inside the frame with its files, and the demo shop."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inbox.runtime.languages import Language, choose_language, language
from widget.appearance import loader_settings, look
from widget.assets import Asset, Assets
from widget.origins import frame_ancestors, is_allowed
from widget.shown_ways import linked_accounts, shown_ways
from widget.sockets import NO_CHANNEL, ORIGIN_REFUSED
from widget.surface import SURFACE
from widget.texts import words

ASSETS: web.AppKey[Assets] = web.AppKey("site_chat_assets", Assets)
TEMPLATES = Path(__file__).parent.parent / "templates"
# A changed colour is on every page within five minutes.
_LOADER_CACHE = "public, max-age=300"
_FOR_EVER = "public, max-age=31536000, immutable"
DEMO_PAGES = ("table", "pricing", "delivery")


async def loader(request: web.Request) -> web.StreamResponse:
    """`GET /widget/loader.js?key=`: the loader with the channel's settings in it."""
    surface, assets = request.app[SURFACE], request.app[ASSETS]
    chat = await surface.chat(request.query.get("key", ""))
    if chat is None:
        return web.Response(status=404, text="console.warn('Site chat: unknown key');", content_type="text/javascript")
    settings = loader_settings(chat.key, chat.config, assets.launcher)
    script = assets.loader.replace("__SETTINGS__", orjson.dumps(settings).decode())
    if chat.config.mark_links and (accounts := await linked_accounts(surface)):
        script += assets.links.replace("__LINKS__", orjson.dumps({"key": chat.key, "accounts": accounts}).decode())
    return Asset.of(script, "text/javascript").answer(request, _LOADER_CACHE)


async def chat_script(request: web.Request) -> web.StreamResponse:
    """`GET /widget/chat.js`: the frame's script."""
    return request.app[ASSETS].chat.answer(request, _FOR_EVER)


async def chat_sheet(request: web.Request) -> web.StreamResponse:
    """`GET /widget/chat.css`: the frame's sheet."""
    return request.app[ASSETS].sheet.answer(request, _FOR_EVER)


async def frame(request: web.Request) -> web.StreamResponse:
    """`GET /widget/v1/frame?key=&site=&lang=`: the page inside the frame, for the sites that may show it."""
    surface, assets = request.app[SURFACE], request.app[ASSETS]
    spoken = choose_language(request.query.get("lang"), request.headers.get("Accept-Language", ""))
    chat = await surface.chat(request.query.get("key", ""))
    if chat is None:
        return page(spoken, "widget/refused.html", 404, "*", text=spoken.gettext(NO_CHANNEL))
    site, own = request.query.get("site", ""), surface.home(request)
    if site and not is_allowed(site, chat.sites, own):
        return page(spoken, "widget/refused.html", 403, "*", text=spoken.gettext(ORIGIN_REFUSED))
    shown = look(chat.config, chat.company, spoken)
    boot = {
        "key": chat.key,
        "site": site,
        "look": shown,
        "texts": words(spoken),
        "language": spoken.code,
        "socketUrl": own.replace("http", "ws", 1) + "/widget/v1/socket",
    }
    values = {
        "look": shown,
        "key": chat.key,
        "ways": await shown_ways(surface, chat),
        "boot": orjson.dumps(boot).decode(),
        "script": f"/widget/chat.js?v={assets.chat.version}",
        "css": f"/widget/chat.css?v={assets.sheet.version}",
    }
    return page(spoken, "widget/frame.html", 200, frame_ancestors(chat.sites, own), **values)


async def demo(request: web.Request) -> web.StreamResponse:
    """`GET /demo...?key=`: a shop with a site chat (the first one) on it, to try everything without one's own site."""
    surface, key = request.app[SURFACE], request.query.get("key", "")
    if await surface.chat(key) is None:
        key = await surface.first_chat_key() or ""
    spoken = choose_language(request.query.get("lang"), request.headers.get("Accept-Language", ""))
    chosen = request.match_info.get("page", "table")
    if not key or chosen not in DEMO_PAGES:
        raise web.HTTPNotFound
    sheet = f"/widget/demo.css?v={request.app[ASSETS].demo.version}"
    values = {"key": key, "page": chosen, "css": sheet}
    text = _environment(spoken.code).get_template("widget/demo.html").render(language=spoken.code, **values)
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


async def demo_sheet(request: web.Request) -> web.StreamResponse:
    """`GET /widget/demo.css`: the demo shop's sheet."""
    return request.app[ASSETS].demo.answer(request, _FOR_EVER)


def page(spoken: Language, template: str, status: int, ancestors: str, **values: Any) -> web.Response:
    """A page of the visitor's side, under a policy that lets it load nothing but ours."""
    text = _environment(spoken.code).get_template(template).render(language=spoken.code, **values)
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: "
        f"blob:; media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


@cache
def _environment(code: str) -> Environment:
    spoken = language(code)
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made
