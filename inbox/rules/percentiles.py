"""Percentiles of waits over a histogram, so that a stored day and a live count give the same figure.

Definitions:

- Waits are whole seconds. A bucket holds one length up to 255 s and a stretch of at most 1/128 (0.8 %) of its length
  beyond; limits such as 5, 10, 15, 30 and 60 minutes fall on the edge of a bucket.
- A percentile is the nearest rank, told as the longest wait of its bucket: never shorter than the truth, at most 0.8 %
  longer. Unanswered waits have no end and rank last; when the rank falls on them the answer is None, "never".
- "Within target" means shorter than the target. A wait of exactly the target is late.
- Who still waits is counted as soon as it is certain that they are late: with the wait so far, which can only grow.
  Before that they are undecided: shown, but in no share. Dismissed and merged turns needed no answer and stay out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate

# Two to this power buckets for every doubling of the length.
_PRECISION = 7
_EXACT = 2 << _PRECISION


class Sort(StrEnum):
    """How a turn takes part in the figures."""

    ANSWERED = "answered"
    WAITING = "waiting"
    NEVER = "never"
    LEFT_OUT = "left_out"


_SORTS: Mapping[str | None, Sort] = {
    None: Sort.WAITING,
    "answered": Sort.ANSWERED,
    "unanswered": Sort.NEVER,
    "dismissed": Sort.LEFT_OUT,
    "merged": Sort.LEFT_OUT,
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Counted waits: per bucket, without an end, and those of whom nothing certain can be said yet."""

    counts: Mapping[int, int] = field(default_factory=dict)
    never: int = 0
    undecided: int = 0

    @property
    def total(self) -> int:
        """How many waits the shares and percentiles stand on."""
        return sum(self.counts.values()) + self.never

    @property
    def ranking(self) -> Ranking:
        """Its percentiles and shares."""
        return Ranking(self.counts, self.never)

    def __add__(self, other: Tally) -> Tally:
        """Both together, in any order and grouping."""
        counts = Counter(self.counts)
        counts.update(other.counts)
        return Tally(dict(counts), self.never + other.never, self.undecided + other.undecided)


def sort_of(outcome: str | None) -> Sort:
    """How a turn of this outcome (None: still open) takes part."""
    return _SORTS[outcome]


def tally(waits: Iterable[tuple[Sort, int]], target_seconds: int) -> Tally:
    """Count waits given as (sort, seconds); for a waiting one the seconds so far."""
    counts: Counter[int] = Counter()
    never = undecided = 0
    for sort, seconds in waits:
        if sort is Sort.NEVER:
            never += 1
        elif sort is Sort.WAITING and seconds < target_seconds:
            undecided += 1
        elif sort is not Sort.LEFT_OUT:
            counts[bucket_of(seconds)] += 1
    return Tally(dict(counts), never, undecided)


def bucket_of(seconds: int) -> int:
    """The bucket of a wait in whole seconds; waits below zero count as zero."""
    seconds = max(0, seconds)
    if seconds < _EXACT:
        return seconds
    shift = seconds.bit_length() - _PRECISION - 1
    return (shift << _PRECISION) + (seconds >> shift)


def bucket_lower(bucket: int) -> int:
    """The shortest wait of a bucket, in seconds."""
    return _edge(bucket, 0)


def bucket_upper(bucket: int) -> int:
    """The longest wait of a bucket, in seconds."""
    return _edge(bucket, 1) - 1


class Ranking:
    """A histogram in order, asked for several figures."""

    def __init__(self, counts: Mapping[int, int], never: int) -> None:
        """`never` is how many waits have no end."""
        self._buckets = sorted(counts)
        self._up_to = list(accumulate([counts[bucket] for bucket in self._buckets]))
        self._total = (self._up_to[-1] if self._up_to else 0) + never

    def percentile(self, share: float) -> int | None:
        """The wait in seconds that `share` (0..1) of all waits do not exceed; None means never (or no waits at all)."""
        # In thousandths: 0.07 * 100 is a little more than 7 in binary and would give the eighth wait.
        rank = max(1, -(-round(share * 1000) * self._total // 1000))
        place = bisect_left(self._up_to, rank)
        return bucket_upper(self._buckets[place]) if place < len(self._buckets) else None

    def within(self, target_seconds: int) -> int:
        """How many waits are shorter than the target.

        A bucket that lies across the target counts as late: the figure never flatters.
        """
        # The target's own bucket reaches up to it at least, and every one below ends before it.
        place = bisect_left(self._buckets, bucket_of(target_seconds))
        return self._up_to[place - 1] if place else 0

    def share_within(self, target_seconds: int) -> float | None:
        """The share (0..1) of waits shorter than the target; None without any waits."""
        return self.within(target_seconds) / self._total if self._total else None


def _edge(bucket: int, step: int) -> int:
    if bucket < _EXACT:
        return bucket + step
    shift = (bucket >> _PRECISION) - 1
    return (bucket - (shift << _PRECISION) + step) << shift
