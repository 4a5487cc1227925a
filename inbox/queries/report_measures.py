"""What the roll-up counts and by which axes it keeps that.

The value of a loose axis may change long after the fact, so its counts are measures of their own, forgotten alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from inbox.rules.lifecycle import MomentKind
from inbox.rules.wait_lengths import By

Axes = tuple[str, ...]

HAPPENINGS = tuple(MomentKind)
LOOSE = ("ending", "tag")
# Every stored row belongs to a day: these need nothing of their own.
CALENDAR = ("day", "weekday")
_COPIED = ("agent", "channel", "source", "team")
_ORDER = (*_COPIED, "hour", "verdict", *LOOSE)


@dataclass(frozen=True, slots=True)
class Measure:
    """What the roll-up counts in one go: first or next waits by some hours, or a happening; one loose axis or none."""

    fact: str
    by: By | None = None
    loose: str = ""

    @property
    def name(self) -> str:
        """The name in the table."""
        return ".".join(part for part in (self.fact, self.by, self.loose) if part)

    @property
    def stored(self) -> tuple[Axes, ...]:
        """The counts that are kept, their axes in order."""
        if self.loose == "ending":
            return _by_outcome("ending")
        among = _COPIED if self.by is None else (*_COPIED, "hour")
        singles = tuple((axis,) for axis in among)
        if self.loose:
            return ((self.loose,), *((axis, self.loose) for axis in among))
        pairs = tuple(combinations(among, 2))
        if self.by is None:
            return ((), *singles, *pairs)
        return ((), *singles, *pairs, *combinations(_COPIED, 3), ("verdict",), *_by_outcome("verdict"))


def _by_outcome(axis: str) -> tuple[Axes, ...]:
    """What came of the waits by source, and by one more thing to narrow that to."""
    return (("source", axis), ("agent", "source", axis), ("channel", "source", axis), ("source", "team", axis))


_PLAIN = (
    *(Measure(number, by) for number in ("first", "next") for by in (By.CLOCK, By.BUSINESS)),
    *(Measure(kind) for kind in HAPPENINGS),
)
_ENDING = tuple(Measure("first", by, "ending") for by in (By.CLOCK, By.BUSINESS))
_TAGGED = tuple(Measure(plain.fact, plain.by, "tag") for plain in _PLAIN)
MEASURES = (*_PLAIN, *_ENDING, *_TAGGED)
# What has to be counted anew when something of it changes.
WAITS = tuple(measure.name for measure in MEASURES if measure.by is not None)
MOMENTS = tuple(measure.name for measure in MEASURES if measure.by is None)
ENDINGS = tuple(measure.name for measure in _ENDING)
TAGGED = tuple(measure.name for measure in _TAGGED)


def stored_name(axes: Axes) -> str:
    """The name under which the roll-up keeps a count."""
    return ".".join(axes) or "all"


def stored_axes(axes: Iterable[str], measure: Measure) -> Axes | None:
    """The stored count that has these axes; None when none is kept. Calendar axes are in all of them."""
    wanted = {axis for axis in axes if axis not in CALENDAR}
    found = tuple(axis for axis in _ORDER if axis in wanted)
    return found if found in measure.stored and len(found) == len(wanted) else None
