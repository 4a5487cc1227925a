"""How often somebody may do something: token buckets in memory, bounded in number."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

MAX_BUCKETS = 50_000


class Limits:
    """Buckets by key. A bucket of `most` per minute lets `most` through at once and refills evenly."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic` gives seconds."""
        self._monotonic = monotonic
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, per_minute: int) -> int:
        """Take one; returns 0 when it was there, else the whole seconds until it will be."""
        now = self._monotonic()
        left, since = self._buckets.pop(key, (float(per_minute), now))
        left = min(float(per_minute), left + (now - since) * per_minute / 60)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > MAX_BUCKETS:
            # Whoever was not seen for the longest time has a full bucket again anyway.
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil(round((1 - left) * 60 / per_minute, 6)))
