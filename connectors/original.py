"""A message whose bubble shows a part of it, whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Original:
    """A message as it was sent, before quotes and layout were taken away.

    `fields` are its lines of address as (English title, value); `html` is untrusted and may be "" (then `text` is all
    there is); `pictures` are those that the HTML names as cid:<name>, as (mime, bytes).
    """

    fields: tuple[tuple[str, str], ...]
    text: str
    html: str = ""
    pictures: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
