"""Words to stems, Russian and English, so that "столы" finds "стола"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_CYRILLIC = re.compile("[а-я]")
_STEMMERS: dict[str, Any] = {}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a normalised word (Snowball); digits and other alphabets are left as they are."""
    import snowballstemmer

    language = "russian" if _CYRILLIC.search(word) else "english"
    if language not in _STEMMERS:
        _STEMMERS[language] = snowballstemmer.stemmer(language)
    stemmed: str = _STEMMERS[language].stemWord(word)
    return stemmed
