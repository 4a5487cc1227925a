"""How to connect a channel: docs/channels, the same page for who reads the repository and for who fills in the form."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from aiohttp import web
from markupsafe import Markup

import connectors
from inbox.rules.errors import NotFound
from inbox.web.settings_pages import frame_values
from inbox.web.visit import visit

GUIDES = Path(__file__).parent.parent.parent / "docs" / "channels"

# Guides lead to each other by their files, pages by their addresses.
_FILE_LINK = re.compile(r"\]\((\w+)\.md\)")


def guide_file(kind: str, language_code: str) -> Path | None:
    """The guide in a language, else in English; None for a connector of another package, which has none here."""
    return next((file for place in (GUIDES / language_code, GUIDES) if (file := place / f"{kind}.md").exists()), None)


async def show_guide(request: web.Request) -> web.StreamResponse:
    """From nothing to the first answered message."""
    here = visit(request)
    kind = request.match_info["kind"]
    file = guide_file(kind, here.language.code) if kind in connectors.kinds() else None
    if file is None:
        raise NotFound
    return here.page(
        "settings/guide.html",
        **await frame_values(here, "channels", "channels"),
        declared=connectors.find(kind),
        guide=_drawn(file),
        language="en" if file.parent == GUIDES else here.language.code,
    )


@cache
def _drawn(file: Path) -> Markup:
    """A guide as markup, below the heading of its page."""
    # Only who opens a guide pays for the memory.
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(_FILE_LINK.sub(r"](\1)", file.read_text("utf-8")))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"
    # Our own text, in which no HTML is taken over.
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704
