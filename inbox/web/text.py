"""Message text as safe markup: everything is escaped, only plain web addresses become links."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_LINK = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]»}]", re.IGNORECASE)


def linkify(text: str) -> Markup:
    """The text with its http(s) addresses as links that tell nothing about us to the other site."""
    parts: list[Markup] = []
    position = 0
    for found in _LINK.finditer(text):
        address = found.group()
        parts.append(escape(text[position : found.start()]))
        parts.append(Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>').format(address))
        position = found.end()
    parts.append(escape(text[position:]))
    return Markup("").join(parts)
