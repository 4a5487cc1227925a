"""Slugs and tokens of links into a channel."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAX_SLUG = 40
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")

_LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        (
            *("a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t"),
            *("u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya"),
        ),
        strict=True,
    )
)


def is_slug(text: str) -> bool:
    """Whether a text can be the end of a short link: small Latin letters, digits, hyphens."""
    return _SLUG.fullmatch(text) is not None


def slug_of(name: str) -> str:
    """A slug made from a name, Cyrillic letters written in Latin; "" when nothing of it is left."""
    latin = "".join(_LETTERS.get(sign, sign) for sign in name.lower())
    return re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:MAX_SLUG].strip("-")


def account_of(address: str) -> str:
    """What of a link names the account, whatever other parameters follow; "" for what is no link.

    That is host and first step; in a link that opens a program on the phone (a scheme of its own), also the first
    parameter: all accounts share the rest.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if not parts.netloc:
        return ""
    first = "" if parts.scheme in ("http", "https") else f"?{parts.query.partition('&')[0]}"
    return f"{parts.netloc}/{parts.path.strip('/').partition('/')[0]}{first}".lower()
