"""Message text as safe markup: everything is escaped, only plain web addresses become links."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

_LINK = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]»}]", re.IGNORECASE)


def linkify(text: str, mentions: Iterable[tuple[int, int]] = ()) -> Markup:
    """The text with its http(s) addresses as links that tell nothing about us to the other site.

    `mentions` are the (start, end) of what names a colleague.
    """
    parts = []
    position = 0
    for start, end in mentions:
        parts += [_linked(text[position:start]), Markup('<span class="mention">{}</span>').format(text[start:end])]
        position = end
    return Markup("").join([*parts, _linked(text[position:])])


def _linked(text: str) -> Markup:
    parts: list[Markup] = []
    position = 0
    for found in _LINK.finditer(text):
        address = found.group()
        parts.append(escape(text[position : found.start()]))
        parts.append(Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>').format(address))
        position = found.end()
    parts.append(escape(text[position:]))
    return Markup("").join(parts)
