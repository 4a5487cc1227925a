"""One form of text for finding things: case, ё/е, keyboard layout and phone punctuation must not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_WORD = re.compile(r"[^\W_]+")
# ASCII only: int() and \d also take Arabic and other digits, which no phone column of ours holds.
_NOT_DIGIT = re.compile(r"[^0-9]")

# Letters: read for words that fit; shown at most; shown before the first one.
_READ, _SHOWN, _BEFORE = 4000, 200, 32

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./"
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю."
_LATIN_SHIFT = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?'
_CYRILLIC_SHIFT = "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,"
_TO_CYRILLIC = str.maketrans(_LATIN + _LATIN_SHIFT, _CYRILLIC + _CYRILLIC_SHIFT)
_TO_LATIN = str.maketrans(_CYRILLIC + _CYRILLIC_SHIFT, _LATIN + _LATIN_SHIFT)
_HAS_CYRILLIC = re.compile("[а-яёА-ЯЁ]")
_HAS_LATIN = re.compile("[a-zA-Z]")


def normalise(text: str) -> str:
    """Case-folded NFC text with ё written as е. Applying it twice changes nothing more."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", folded.replace("ё", "е"))


def words(text: str) -> tuple[str, ...]:
    """The normalised words of a text in order: runs of letters and digits."""
    return tuple(_WORD.findall(normalise(text)))


def excerpt(text: str, fits: Callable[[str], bool]) -> tuple[tuple[str, bool], ...]:
    """The part of a text around the first word that fits, as (piece, whether it fits), to be shown in one line.

    `fits` gets normalised words.
    """
    hits = [found.span() for found in _WORD.finditer(text[:_READ]) if fits(normalise(found.group()))]
    start = max(0, hits[0][0] - _BEFORE) if hits else 0
    if start:
        start = text.find(" ", start, hits[0][0]) + 1 or hits[0][0]
    end = start + _SHOWN
    pieces = [("…", False)] if start else []
    for begin, stop in (hit for hit in hits if hit[1] <= end):
        pieces += [(text[start:begin], False), (text[begin:stop], True)]
        start = stop
    return tuple(piece for piece in [*pieces, (text[start:end], False)] if piece[0])


def other_layout(text: str) -> str:
    """What was meant when the keyboard stood in the other language: "ghbdtn" is "привет" and back.

    A text with letters of both alphabets was typed on purpose and is returned unchanged, like one with neither.
    """
    cyrillic, latin = _HAS_CYRILLIC.search(text), _HAS_LATIN.search(text)
    if latin and not cyrillic:
        return text.translate(_TO_CYRILLIC)
    if cyrillic and not latin:
        return text.translate(_TO_LATIN)
    return text


def digits(text: str) -> str:
    """The ASCII digits of a text, for finding a phone in any spelling."""
    return _NOT_DIGIT.sub("", text)
