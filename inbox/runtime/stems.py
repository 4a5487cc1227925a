"""Words to stems, Russian and English, so that "столы" finds "стола"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from inbox.rules.search_text import words

_CYRILLIC = re.compile("[а-я]")
_LATIN = re.compile("[a-z]")
_STEMMERS: dict[str, Any] = {}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a normalised word (Snowball); digits and other alphabets are left as they are."""
    cyrillic = _CYRILLIC.search(word)
    if cyrillic is None and _LATIN.search(word) is None:
        # Numbers of orders and phones: each is new, and a stemmer would look at it for long and leave it as it is.
        return word
    import snowballstemmer

    language = "english" if cyrillic is None else "russian"
    if language not in _STEMMERS:
        _STEMMERS[language] = snowballstemmer.stemmer(language)
    stemmed: str = _STEMMERS[language].stemWord(word)
    return stemmed


@lru_cache(maxsize=20_000)
def stems(text: str) -> str:
    """The stems of a text, as the search index keeps them."""
    return " ".join(stem(word) for word in words(text))


def unstemmed(name: str, email: str | None) -> str:
    """The words of a name and an address, as the search index keeps them: names are not words of a language."""
    return " ".join(words(f"{name} {email or ''}"))
