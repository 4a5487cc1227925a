"""E-mail addresses as people type them."""

from __future__ import annotations

import re

# RFC 5321: 254 characters in all, 64 before the @. Quoted local parts and addresses of hosts by number are legal
# and nobody has one; a mistyped address is far likelier.
MAX_EMAIL = 254
_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\.]+(\.[^\s@<>\"(),:;\[\]\\.]+)+")


def looks_like_email(text: str) -> bool:
    """Whether a text can be an address of the internet: a name, one @ and a domain with a dot."""
    return len(text) <= MAX_EMAIL and _EMAIL.fullmatch(text) is not None
