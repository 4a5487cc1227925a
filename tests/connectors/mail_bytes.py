"""From the tree of a payload file to a letter as the poller journals it; trees with a wrong node become letters too."""

from __future__ import annotations

from typing import Any

import orjson


def mail_bytes(tree: Any) -> bytes:
    """The body of the journal: its opening line, the headers, an empty line, the body in the letter's charset."""
    if not isinstance(tree, dict) or "headers" not in tree:
        return orjson.dumps(tree)
    opening = " ".join(_text(tree.get(name)) for name in ("role", "validity", "uid", "whole", "folder"))
    headers = tree["headers"] if isinstance(tree["headers"], dict) else {"X-Wrong": tree["headers"]}
    lines = [f"{name}: {_text(value)}" for name, value in headers.items()]
    letter = "\r\n".join([*lines, "", _text(tree.get("body"))])
    return f"inbox-letter {opening}\n".encode("utf-8", "replace") + _encoded(letter, tree.get("charset"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _encoded(letter: str, charset: Any) -> bytes:
    try:
        return letter.encode(charset if isinstance(charset, str) else "utf-8", "replace")
    except (LookupError, ValueError):
        return letter.encode("utf-8", "replace")
