"""Colours and icons that are data: one generated sheet and one sprite, so that no page needs a style attribute."""

from __future__ import annotations

import re

from aiohttp import web

from inbox.queries.tags import tag_colours
from inbox.web.channel_looks import channel_sheet, channel_sprite
from inbox.web.visit import RESOURCES

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


async def show_colours(request: web.Request) -> web.StreamResponse:
    """The sheet: channels and tags."""
    tags = await request.app[RESOURCES].database.read(tag_colours)
    rules = "".join(f".tag-{key}{{--tag:{colour}}}\n" for key, colour in tags if _COLOUR.fullmatch(colour))
    return web.Response(text=channel_sheet() + rules, content_type="text/css", headers={"Cache-Control": "max-age=30"})


async def show_channel_sprite(_request: web.Request) -> web.StreamResponse:
    """The sprite of channel icons."""
    headers = {"Cache-Control": "max-age=86400"}
    return web.Response(text=channel_sprite(), content_type="image/svg+xml", headers=headers)
