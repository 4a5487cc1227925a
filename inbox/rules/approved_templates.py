"""Filling the gaps of a template that a platform has approved. Its words are the platform's; only the gaps are ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_VALUE = 600
_GAP = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,64})\s*\}\}")

# A gap: where it stands (header or body) and its name or number.
Gap = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """What the client will read, the values as they go out, and the gaps that nothing was written for."""

    text: str
    values: tuple[tuple[str, str, str], ...]
    missing: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a template: its words, or a gap by its place and name."""

    text: str
    gap: Gap | None = None


def fill(parts: Mapping[str, str], gaps: Sequence[Gap], written: Mapping[Gap, str]) -> Filled:
    """Fill the gaps of the `parts` (header, body, footer, in this order). A value is one line of bounded length."""
    known = {gap: " ".join(written.get(gap, "").split())[:MAX_VALUE] for gap in gaps}
    shown = []
    for place, text in parts.items():
        filled = "".join(
            piece.text if piece.gap is None else known.get(piece.gap, "") or piece.text for piece in pieces(place, text)
        )
        if filled.strip():
            shown.append(filled.strip())
    values = tuple((place, name, known[place, name]) for place, name in gaps)
    return Filled("\n\n".join(shown), values, tuple(gap for gap in gaps if not known[gap]))


def pieces(place: str, text: str) -> tuple[Piece, ...]:
    """A part of a template in words and gaps."""
    found: list[Piece] = []
    position = 0
    for gap in _GAP.finditer(text):
        if gap.start() > position:
            found.append(Piece(text[position : gap.start()]))
        found.append(Piece(gap[0], (place, gap[1])))
        position = gap.end()
    if position < len(text):
        found.append(Piece(text[position:]))
    return tuple(found)
