"""The columns that the facts of the reports are kept in: a number per fact, in the order in which the facts began.

Facts are first and next waits that are over and count (dismissed and merged ones needed no answer), and what happens
to dialogs. A column is kept as unsigned little-endian integers, so that a whole period is counted without a loop.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import product

from inbox.rules.lifecycle import MomentKind
from inbox.rules.verdicts import Verdict
from inbox.rules.wait_lengths import By, Definition, Since, Whose

# By what facts are told apart in a count: () is everything, ("agent",) a line per agent.
Axes = tuple[str, ...]
# The numbers of one line, in the order of the axes.
Key = tuple[int, ...]

WAITS = ("first", "next")
HAPPENINGS = tuple(MomentKind)
FACTS = (*WAITS, *HAPPENINGS)

# The numbers of the column "verdict" are the places in this list; those of "ending" in the next one.
VERDICTS = (None, Verdict.TARGET.value, Verdict.OTHER.value)
# How a dialog ended: not yet, answered and resolved, with an unanswered wait.
ENDINGS = ("open", "answered", "lost")
# The length of a wait of an older version that was never measured so: it is in no figure.
UNMEASURED = 0xFFFF

# A fact may have several tags: "tags" is how many lines it has in "tag", one of them 0 when it has none.
TAG_COLUMNS = ("tags", "tag")
_COPIED = ("agent", "channel", "source", "team", "hour")
_CODES = {8: "Q", 4: "I", 2: "H"}
_IDS = frozenset(("agent", "channel", "source", "team", "tag", "day"))


class End(IntEnum):
    """How a wait ended, in the column "outcome". UNDECIDED still waits within its target, and so is never kept."""

    ANSWERED = 0
    NEVER = 1
    UNDECIDED = 2


@dataclass(frozen=True, slots=True)
class Part:
    """Some facts: their packed columns; `day` is the ordinal of the day when all began on one."""

    columns: Mapping[str, bytes]
    day: int | None = None


def length_name(definition: Definition) -> str:
    """The column of lengths by a definition: buckets of rules/percentiles.py."""
    return f"{definition.whose.value}_{definition.column}"


# Dialogs that we began are told apart by a column of their own, "ours".
LENGTHS: Mapping[str, Definition] = {
    length_name(found): found for found in (Definition(*chosen) for chosen in product(Whose, Since, By))
}
_OF_WAITS = ("id", *_COPIED, *TAG_COLUMNS, "outcome", "ours", "verdict", *LENGTHS)
_OF_FACT: Mapping[str, tuple[str, ...]] = {
    "first": (*_OF_WAITS, "ending"),
    "next": _OF_WAITS,
    **dict.fromkeys(HAPPENINGS, (*_COPIED, *TAG_COLUMNS)),
}


def columns_of(fact: str) -> tuple[str, ...]:
    """The columns that are kept of a fact."""
    return _OF_FACT[fact]


def item_bytes(name: str) -> int:
    """How many bytes a number of a column has."""
    return 8 if name == "id" else 4 if name in _IDS else 2


def pack(name: str, numbers: Sequence[int]) -> bytes:
    """A column as it is kept. Raises struct.error for a number that does not fit."""
    return struct.pack(f"<{len(numbers)}{_CODES[item_bytes(name)]}", *numbers)
