"""How often a console may be written to, and what is joined into one post while it may not.

A group of agents takes so many posts a minute, all its threads together. A few may go at once, the others wait their
turn; what gathers in a thread meanwhile goes out as one post. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inbox.rules.splitting import text_length

BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Budget:
    """Posts that may go out now. `level` counts them as of `at` (seconds of any steady clock)."""

    per_minute: int
    level: float
    at: float

    @classmethod
    def full(cls, per_minute: int, at: float) -> Budget:
        """A fresh one: a quarter of a minute's posts may go at once."""
        return cls(per_minute, _burst(per_minute), at)

    def later(self, now: float) -> Budget:
        """The same, as of now. A burst and a minute's refill together never pass `per_minute`."""
        burst = _burst(self.per_minute)
        gained = max(0.0, now - self.at) * (self.per_minute - burst) / 60.0
        return Budget(self.per_minute, min(burst, self.level + gained), max(now, self.at))

    def spent(self, now: float) -> Budget:
        """One post went out."""
        there = self.later(now)
        return Budget(self.per_minute, there.level - 1.0, there.at)

    def wait(self, now: float) -> float:
        """Seconds until one more may go."""
        missing = 1.0 - self.later(now).level
        return max(0.0, missing * 60.0 / (self.per_minute - _burst(self.per_minute)))


def join_count(texts: Sequence[str], limit: int, unit: str) -> int:
    """How many of the texts, from the first on, fit into one post; at least one when there is any."""
    length = count = 0
    for text in texts:
        length += text_length(text, unit) + (len(BETWEEN) if count else 0)
        if count and length > limit:
            break
        count += 1
    return count


def _burst(per_minute: int) -> float:
    return float(max(1, per_minute // 4))
