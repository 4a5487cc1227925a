"""Which sites may show a chat and speak for it. Pure: text in, decisions out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"https?://[\w.-]+(:\d{1,5})?", re.ASCII | re.IGNORECASE)


def rules_of(setting: str) -> tuple[str, ...]:
    """The sites of the setting, one per line or comma, lower-case and without a slash at the end."""
    return tuple(line.rstrip("/").lower() for line in setting.replace(",", "\n").split())


def is_allowed(origin: str, rules: Sequence[str], own: str) -> bool:
    """Whether pages of this origin may show the chat. Our own pages always may; without rules every site may.

    A rule without a scheme means both; one without a star means that host and its www form.
    """
    origin = origin.lower()
    if not _ORIGIN.fullmatch(origin):
        return False
    if origin == own.lower() or not rules:
        return True
    return any(_matches(origin, rule) for rule in rules)


def frame_ancestors(rules: Sequence[str], own: str) -> str:
    """The value of the policy `frame-ancestors` that says the same to the browser."""
    if not rules:
        return "*"
    sources = ["'self'", own]
    for rule in rules:
        scheme, mark, host = rule.rpartition("://")
        forms = (host,) if host.startswith(("*.", "www.")) else (host, f"www.{host}")
        schemes = (scheme,) if mark else ("https", "http")
        sources += [f"{one}://{form}" for form in forms for one in schemes]
    return " ".join(dict.fromkeys(sources))


def _matches(origin: str, rule: str) -> bool:
    scheme, mark, host = rule.rpartition("://")
    parts = urlsplit(origin)
    if mark and parts.scheme != scheme:
        return False
    if host.startswith("*."):
        return parts.netloc.endswith(host[1:])
    return parts.netloc in (host, f"www.{host}")
