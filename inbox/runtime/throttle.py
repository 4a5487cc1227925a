"""How often something may be tried: a bucket per key, in memory, bounded."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_KEYS = 50_000


class Throttle:
    """Allows `burst` tries at once per key and then one each `seconds_each` seconds."""

    def __init__(self, burst: int, seconds_each: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start with every bucket full."""
        self._burst = burst
        self._each = seconds_each
        self._monotonic = monotonic
        # The moment at which a key's bucket will be full again.
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str) -> int:
        """Seconds to wait before the next try, 0 when one is allowed now. Does not count as a try."""
        owed = self._full_at.get(key, 0.0) - self._monotonic()
        return max(0, math.ceil(owed - (self._burst - 1) * self._each))

    def count(self, key: str) -> None:
        """Note a try. Count before the slow check: tries that run at the same time must see each other."""
        now = self._monotonic()
        self._full_at[key] = max(now, self._full_at.pop(key, now)) + self._each
        while len(self._full_at) > MOST_KEYS:
            self._full_at.popitem(last=False)

    def give_back(self, key: str) -> None:
        """Take one counted try back: it was no guess."""
        if key in self._full_at:
            self._full_at[key] -= self._each

    def forget(self, key: str) -> None:
        """Fill a bucket again, after a success."""
        self._full_at.pop(key, None)
