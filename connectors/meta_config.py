"""Fields that every account on Meta's Graph API has."""

from __future__ import annotations

import re

VERSION = "v25.0"
_VERSION = re.compile(r"v\d{1,3}\.\d{1,2}")


def checked_number(value: str) -> str:
    """An id of Meta's: digits only."""
    text = value.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 32):
        raise ValueError("expected digits only")
    return text


def checked_version(value: str) -> str:
    """A version of the Graph API; the one that we know when the field is empty."""
    if value and not _VERSION.fullmatch(value.strip()):
        raise ValueError("expected a version like v25.0")
    return value.strip() or VERSION
