"""Colours and icons that are data: one generated sheet and one sprite, so that no page needs a style attribute."""

from __future__ import annotations

import hashlib
import re

from aiohttp import web

import connectors
from inbox.queries.tags import tag_colours
from inbox.web.visit import RESOURCES

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def channel_sheet() -> str:
    """`.ch-<kind> { --channel: #rrggbb }` for every installed connector."""
    return "".join(f".ch-{declared.kind}{{--channel:{declared.colour}}}\n" for declared in connectors.every())


def channel_sprite() -> str:
    """The icons of every installed connector as symbols."""
    symbols = "".join(
        f'<symbol id="c-{declared.kind}" viewBox="0 0 16 16">{declared.icon}</symbol>\n' for declared in connectors.every()
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'


def colours_version() -> str:
    """Changes when a connector is added or changes its looks; tags are asked for with a short life instead."""
    return hashlib.sha256((channel_sheet() + channel_sprite()).encode()).hexdigest()[:12]


async def show_colours(request: web.Request) -> web.StreamResponse:
    """The sheet: channels and tags."""
    tags = await request.app[RESOURCES].database.read(tag_colours)
    rules = "".join(f".tag-{key}{{--tag:{colour}}}\n" for key, colour in tags if _COLOUR.fullmatch(colour))
    return web.Response(text=channel_sheet() + rules, content_type="text/css", headers={"Cache-Control": "max-age=30"})


async def show_channel_sprite(_request: web.Request) -> web.StreamResponse:
    """The sprite of channel icons."""
    headers = {"Cache-Control": "max-age=86400"}
    return web.Response(text=channel_sprite(), content_type="image/svg+xml", headers=headers)
