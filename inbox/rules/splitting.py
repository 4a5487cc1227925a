"""Cutting a long text into messages that a platform takes, at the kindest place.

The pieces joined together are the text again, to the last space: nothing a person wrote is lost or added.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# From kind to unkind: after an empty line, a line, a sentence, a word. Each match ends where a piece may end.
_BREAKS = (
    re.compile(r"\n[ \t]*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"[.!?…]+[»\"')\]]*\s+"),
    re.compile(r"\s+"),
)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)

# A paragraph that would leave less than this of the limit used is not worth it: a worse place further on is taken.
_LEAST_FILLED = 0.5

_ZWJ = "\u200d"
_KEYCAP = "\u20e3"
_FLAGS = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)


def utf16_units(text: str) -> int:
    """How long a text is for platforms that count UTF-16 code units."""
    return len(text) + sum(1 for sign in text if sign > "\uffff")


_MEASURES: dict[str, Callable[[str], int]] = {"codepoints": len, "utf16": utf16_units}


def text_length(text: str, unit: str = "codepoints") -> int:
    """How long a text is in the platform's unit."""
    return _MEASURES[unit](text)


def split_text(text: str, limit: int, unit: str = "codepoints") -> tuple[str, ...]:
    """The text in pieces of at most `limit` units ("codepoints" or "utf16"); () for an empty text.

    Prefers the end of a paragraph, then of a line, a sentence, a word. Never cuts a character, an emoji made of
    several, or an address, except for one that is longer than the limit itself. A piece can be blank when the text
    holds that many spaces: it is not to be sent.
    """
    if limit < 2:
        # One code point beyond the basic plane takes two units.
        raise ValueError("a limit of less than two units cannot hold every character")
    pieces = []
    start = 0
    while start < len(text):
        end = _reach(text, start, limit, unit)
        if end < len(text):
            end = _kindest(text, start, end)
        pieces.append(text[start:end])
        start = end
    return tuple(pieces)


def _reach(text: str, start: int, limit: int, unit: str) -> int:
    """The furthest end such that the piece still fits."""
    end = min(len(text), start + limit)
    over = _MEASURES[unit](text[start:end]) - limit
    while over > 0:
        end -= 1
        over -= _MEASURES[unit](text[end])
    return end


def _kindest(text: str, start: int, end: int) -> int:
    window = text[start:end]
    enough = len(window) * _LEAST_FILLED
    for pattern in _BREAKS:
        ends = [found.end() for found in pattern.finditer(window)]
        good = next((place for place in reversed(ends) if place >= enough or pattern is _BREAKS[-1]), 0)
        if window[:good].strip() and not _joined(text, start + good):
            return start + good
    return _between_characters(text, start, _before_url(text, start, end))


def _before_url(text: str, start: int, end: int) -> int:
    """The start of the address that the cut would fall into, unless the piece would then be empty."""
    for found in _URL.finditer(text, start):
        if found.start() >= end:
            break
        if found.end() > end and found.start() > start:
            return found.start()
    return end


def _between_characters(text: str, start: int, end: int) -> int:
    """The last place at or before `end` that does not cut a visible character, or `end` when all is one of them."""
    place = end
    while place > start and _joined(text, place):
        place -= 1
    return place if place > start else end


def _joined(text: str, place: int) -> bool:
    """Whether the characters on both sides of a place are drawn as one (a good part of Unicode's annex 29)."""
    if not 0 < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    if (before == "\r" and after == "\n") or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"):
        return True
    if before == _ZWJ or after in (_ZWJ, _KEYCAP) or unicodedata.combining(after):
        return True
    if unicodedata.category(after) in ("Mn", "Me", "Mc") or ord(after) in _SKIN_TONES or ord(after) in _TAGS:
        return True
    if ord(before) in _FLAGS and ord(after) in _FLAGS:
        flags = 0
        while flags < place and ord(text[place - 1 - flags]) in _FLAGS:
            flags += 1
        return flags % 2 == 1
    return False
