"""The mark of a link in the words that it prepares for the client to send: `Hello! [k3J-x_9a]`.

For messengers whose links can carry words and nothing else.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"\s*\[([A-Za-z0-9_-]{1,64})\]\s*$")


def with_mark(words: str, token: str) -> str:
    """The prepared words with the mark behind them."""
    return f"{words} [{token}]".strip()


def without_mark(text: str) -> tuple[str, str]:
    """What the client said without the mark, and the mark; "" when there is none."""
    mark = _MARK.search(text)
    return (text, "") if mark is None else (text[: mark.start()], mark[1])
