"""Picking those of many waits that a page of a list shows, by their columns: no database walks a million rows.

Only who lists imports this module, as rules/fact_counts.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inbox.rules.fact_counts import Numbers, fitting, joined
from inbox.rules.report_columns import End, Part

# Places in a list by length: beyond every bucket, who still waits, and beyond them who never heard back.
_GOES_ON, _NEVER = 1 << 20, 1 << 21


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which waits are meant: those with one of these ends, and answered ones in buckets from `least` to below `most`.

    `within` None: answered ones are meant by `ends`.
    """

    ends: frozenset[End]
    within: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: the wait before it. `day` is an ordinal and `hour` local; `bucket` None: it still waits."""

    id: int
    day: int
    hour: int
    end: End
    bucket: int | None


class Waits:
    """Waits by their columns, of which "id", "day", "hour", "outcome" and the length are needed.

    The last part has those who still wait.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        names: Collection[str],
        length: str,
        narrow: Mapping[str, Collection[int]],
        chosen: Chosen,
    ) -> None:
        """`names` are the columns that every part has; `narrow` as in count_facts."""
        columns = joined(parts, names)
        ends, buckets = columns["outcome"], columns[length]
        meant = np.isin(ends, list(chosen.ends))
        if chosen.within is not None:
            least, most = chosen.within
            meant |= (ends == End.ANSWERED) & (buckets >= least) & (buckets < most)
        rows = np.flatnonzero(fitting(columns, narrow, length) & meant)
        over = len(ends) - len(joined(parts[-1:], {"hour"})["hour"])
        self.total = len(rows)
        self._ids = columns["id"][rows].astype(np.int64)
        self._moments = columns["day"][rows].astype(np.int64) * 24 + columns["hour"][rows]
        self._lengths = buckets[rows].astype(np.int64)
        self._lengths[ends[rows] == End.NEVER] = _NEVER
        self._lengths[rows >= over] = _GOES_ON

    def newest(self, limit: int, before: Place | None) -> list[int]:
        """The ids of at least the `limit` newest after a place, and of no more than what began in the same hours."""
        return self._greatest(self._moments, limit, None if before is None else before.day * 24 + before.hour)

    def longest(self, limit: int, before: Place | None) -> list[int]:
        """The ids of at least the `limit` longest after a place: who never heard back by id, then who still waits."""
        key = None if before is None else _length_key(before)
        never = self._ids[self._lengths == _NEVER]
        if before is not None and key is not None:
            never = never[never < before.id] if key == _NEVER else never[:0]
        if len(never) >= limit:
            return [int(found) for found in np.partition(never, -limit)[-limit:]]
        return self._greatest(self._lengths, limit, key)

    def _greatest(self, keys: Numbers, limit: int, key: int | None) -> list[int]:
        """Those of the greatest keys up to one. Where the limit falls among equals all of them are there."""
        ids = self._ids
        if key is not None:
            inside = keys <= key
            ids, keys = ids[inside], keys[inside]
            # The ones of the place's own key may all stand before it.
            limit += int(np.count_nonzero(keys == key))
        if len(keys) > limit:
            ids = ids[keys >= np.partition(keys, -limit)[-limit]]
        return [int(found) for found in ids]


def _length_key(place: Place) -> int:
    if place.end is End.NEVER:
        return _NEVER
    return _GOES_ON if place.bucket is None else place.bucket
