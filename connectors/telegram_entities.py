"""Telegram's formatted texts as plain ones in which no link is lost. Offsets count UTF-16 code units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.telegram_wire import Entity

# Rich messages nest; nobody writes deeper than this.
_DEEPEST = 30
_BLOCKS = ("blocks", "items", "cells", "rows")


def readable(text: str, entities: Sequence[Entity]) -> str:
    """The text with the address of every hidden link in brackets after its words."""
    units = text.encode("utf-16-le", "surrogatepass")
    links = [entity for entity in entities if entity.type == "text_link" and entity.url]
    for entity in sorted(links, key=lambda link: link.offset + link.length, reverse=True):
        start, end = entity.offset * 2, (entity.offset + entity.length) * 2
        words = units[start:end].decode("utf-16-le", "replace")
        torn = 0xDC <= int.from_bytes(units[end + 1 : end + 2]) <= 0xDF
        if end <= len(units) and not torn and not _same(words, entity.url or ""):
            units = units[:end] + f" ({entity.url})".encode("utf-16-le", "surrogatepass") + units[end:]
    return units.decode("utf-16-le", "replace")


def is_command(text: str, name: str) -> bool:
    """Whether a text is a command to the bot, perhaps with words behind it."""
    return text == f"/{name}" or text.startswith((f"/{name} ", f"/{name}@"))


def rich_text(message: dict[str, Any]) -> str:
    """The words of a message that consists of blocks, a block on a line."""
    return "\n".join(line for line in _lines(message, _DEEPEST) if line.strip())


def _lines(node: Any, depth: int) -> list[str]:
    if depth == 0:
        return []
    if isinstance(node, list):
        return [line for item in node for line in _lines(item, depth - 1)]
    if not isinstance(node, dict):
        return []
    own = _words(node.get("text"), depth - 1)
    return [own, *(line for name in _BLOCKS for line in _lines(node.get(name), depth - 1))]


def _words(node: Any, depth: int) -> str:
    if depth == 0:
        return ""
    if isinstance(node, str):
        return node.replace("\0", "")
    if isinstance(node, list):
        return "".join(_words(item, depth - 1) for item in node)
    if not isinstance(node, dict):
        return ""
    words, url = _words(node.get("text"), depth - 1), node.get("url")
    return f"{words} ({url})" if isinstance(url, str) and "\0" not in url and not _same(words, url) else words


def _same(words: str, url: str) -> bool:
    """Whether the words are the address already, with or without its scheme."""
    bare = [text.strip().removeprefix("https://").removeprefix("http://").rstrip("/") for text in (words, url)]
    return bare[0] == bare[1]
