"""What is said of a message that cannot be shown: the platform's word for its kind.

Words that platforms are known to use are translated when they are shown; one of tomorrow stays as it is.
"""

from __future__ import annotations

import re

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def kind_name(word: str) -> str:
    """A platform's word for a kind, or one of ours where it has none, as it is kept: "appCall" is "app call"."""
    return " ".join(_HUMP.sub(" ", word).replace("_", " ").lower().split())[:60]


def known(*words: str) -> frozenset[str]:
    """Kinds as `kind_name` makes them."""
    return frozenset(words)


KNOWN = known(
    "app call", "article", "call", "checklist", "dice", "file", "game", "gift", "giveaway", "invoice",
    "message type unknown", "missed call", "money request", "money transfer", "order", "podcast", "poll", "present",
    "product", "rich media", "sticker", "story mention", "unique gift", "unsupported", "video",
)  # fmt: skip
