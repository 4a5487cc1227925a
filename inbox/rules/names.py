"""People's names as they come from strangers, and as they are shown."""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 200

# Cc and Cf hold control characters and the invisible ones that reorder text (RLO and its kin); Cs are lone
# surrogates, which no database stores; Zl and Zp are line breaks. The joiners stay: emoji and Persian need them.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset({"\u200c", "\u200d"})
_TAG_SPACE = range(0xE0020, 0xE0080)
_SPACES = re.compile(r"\s+")
_LETTER = re.compile(r"[^\W_]")
# A sign with what belongs to it: a flag of two letters, a colour of skin, emoji that joiners make one.
_ONE = "[\U0001f1e6-\U0001f1ff]{2}|.[\ufe0f\U0001f3fb-\U0001f3ff]*"
_SIGN = re.compile(f"(?:{_ONE})(?:\u200d(?:{_ONE}))*")


def clean_name(name: str, limit: int = MAX_NAME) -> str:
    """A one-line name without control, invisible or direction-changing characters, at most `limit` characters.

    Never raises: names are written by strangers.
    """
    # The cut before the loop keeps a name of a megabyte cheap; the cut after it is the promise.
    spaced = _SPACES.sub(" ", name[: limit * 8])
    if spaced.isprintable():
        # Nothing of what is dropped below is printable, and most names hold nothing of it.
        return spaced.strip()[:limit].strip()
    kept = "".join(sign for sign in spaced if _stays(sign))
    return _SPACES.sub(" ", kept).strip()[:limit].strip()


def first_name(name: str) -> str:
    """The word to greet somebody with: the first one that holds a letter, or the whole name."""
    words = clean_name(name).split()
    return next((word.strip(",;") for word in words if _LETTER.search(word)), " ".join(words))


def initials(name: str) -> str:
    """One or two capitals for an avatar; a name without letters and digits gives its first sign ("🌸"), "" none."""
    shown = clean_name(name)
    letters = [found.group() for word in shown.split() if (found := _LETTER.search(word))]
    if letters:
        return "".join(letter.upper()[:1] for letter in letters[:2])
    sign = _SIGN.match(shown)
    return sign.group() if sign else ""


def _stays(sign: str) -> bool:
    return unicodedata.category(sign) not in _DROPPED or sign in _JOINERS or ord(sign) in _TAG_SPACE
