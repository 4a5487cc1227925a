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

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Two to this power buckets for every doubling of the length.
_PRECISION = 7
_EXACT = 2 << _PRECISION
# Bits per bucket of a histogram that is one number: four thousand million waits of one length fit.
_LANE = 32
# A histogram of at most so many buckets is stored bucket by bucket: zlib would take longer and more room.
_FEW = 16
_PAIR = struct.Struct("<HI")
# No zlib stream begins with it.
_SPARSE = b"\0"


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

    def __add__(self, other: Tally) -> Tally:
        """Both together, in any order and grouping."""
        counts = Counter(self.counts)
        counts.update(other.counts)
        return Tally(dict(counts), self.never + other.never, self.undecided + other.undecided)


@dataclass(slots=True)
class Sum:
    """A tally while it is summed up. `lanes` is the histogram as one number, so that adding is one addition."""

    lanes: int = 0
    never: int = 0
    undecided: int = 0

    def add(self, lanes: int, never: int = 0, undecided: int = 0) -> None:
        """Add a histogram and those without a length."""
        self.lanes += lanes
        self.never += never
        self.undecided += undecided

    def tally(self) -> Tally:
        """What it has come to."""
        return Tally(counts_of(self.lanes), self.never, self.undecided)


def lanes_of(counts: Mapping[int, int]) -> int:
    """A histogram as one number, whose 32-bit digits from the lowest on are the counts of bucket 0, 1, 2 ..."""
    dense = [0] * (max(counts, default=-1) + 1)
    for bucket, number in counts.items():
        dense[bucket] = number
    return int.from_bytes(struct.pack(f"<{len(dense)}I", *dense), "little")


def counts_of(lanes: int) -> dict[int, int]:
    """The histogram of such a number."""
    size = -(-lanes.bit_length() // _LANE)
    dense = struct.unpack(f"<{size}I", lanes.to_bytes(size * _LANE // 8, "little"))
    return {bucket: number for bucket, number in enumerate(dense) if number}


def pack(counts: Mapping[int, int]) -> bytes:
    """A histogram as it is stored: a few buckets one after the other, many as the bytes of their number by zlib."""
    if len(counts) <= _FEW:
        return b"".join((_SPARSE, *(_PAIR.pack(bucket, number) for bucket, number in sorted(counts.items()))))
    lanes = lanes_of(counts)
    return zlib.compress(lanes.to_bytes((lanes.bit_length() + 7) // 8, "little"))


def unpack(stored: bytes) -> int:
    """The number of a stored histogram."""
    if stored[:1] == _SPARSE:
        return sum([number << (_LANE * bucket) for bucket, number in _PAIR.iter_unpack(stored[1:])])
    return int.from_bytes(zlib.decompress(stored), "little")


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


def percentile(counts: Mapping[int, int], infinite: int, share: float) -> int | None:
    """The wait in seconds that `share` (0..1) of all waits do not exceed; None means never (or no waits at all)."""
    total = sum(counts.values()) + infinite
    # In thousandths: 0.07 * 100 is a little more than 7 in binary and would give the eighth wait.
    rank = max(1, -(-round(share * 1000) * total // 1000))
    for bucket in sorted(counts):
        rank -= counts[bucket]
        if rank <= 0:
            return bucket_upper(bucket)
    return None


def share_within(counts: Mapping[int, int], infinite: int, target_seconds: int) -> float | None:
    """The share (0..1) of waits shorter than the target; None without any waits.

    A bucket that lies across the target counts as late: the figure never flatters.
    """
    total = sum(counts.values()) + infinite
    return count_within(counts, target_seconds) / total if total else None


def count_within(counts: Mapping[int, int], target_seconds: int) -> int:
    """How many waits are shorter than the target."""
    # The target's own bucket reaches up to it at least, and every one below ends before it.
    limit = bucket_of(target_seconds)
    return sum([number for bucket, number in counts.items() if bucket < limit])


def _edge(bucket: int, step: int) -> int:
    if bucket < _EXACT:
        return bucket + step
    shift = (bucket >> _PRECISION) - 1
    return (bucket - (shift << _PRECISION) + step) << shift
