"""How channels look, from their declarations: a sheet of colours and a sprite of icons, made once."""

from __future__ import annotations

import hashlib
from functools import cache

import connectors


@cache
def channel_sheet() -> str:
    """`.ch-<kind> { --channel: #rrggbb }` for every installed connector."""
    return "".join(f".ch-{declared.kind}{{--channel:{declared.colour}}}\n" for declared in connectors.every())


@cache
def channel_sprite() -> str:
    """The icons of every installed connector as symbols."""
    symbols = "".join(
        f'<symbol id="c-{declared.kind}" viewBox="0 0 16 16">{declared.icon}</symbol>\n'
        for declared in connectors.every()
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'


@cache
def colours_version() -> str:
    """Changes when a connector is added or changes its looks; tags are asked for with a short life instead.

    It stands on every page, so it must not import the connectors: their files tell as well.
    """
    digest = hashlib.sha256()
    for place in connectors.places():
        digest.update(place)
    return digest.hexdigest()[:12]
