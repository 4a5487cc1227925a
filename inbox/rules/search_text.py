"""One form of text for finding things: case, ё/е, keyboard layout and phone punctuation must not matter."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
# ASCII only: int() and \d also take Arabic and other digits, which no phone column of ours holds.
_NOT_DIGIT = re.compile(r"[^0-9]")

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
