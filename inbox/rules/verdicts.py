"""What a dialog turned out to be for the business, and what slow answers cost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """A target lead is somebody who could buy; anything else is a question, spam, an applicant."""

    TARGET = "target"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Yield:
    """Dialogs answered within one stretch of time: how many, how many have a verdict, how many were target leads."""

    total: int
    judged: int
    target: int

    @property
    def share(self) -> float | None:
        """Target leads among the judged ones (0..1); None while nothing is judged."""
        return self.target / self.judged if self.judged else None

    def __add__(self, other: Yield) -> Yield:
        """Both together."""
        return Yield(self.total + other.total, self.judged + other.judged, self.target + other.target)


NOTHING = Yield(0, 0, 0)


def lost_leads(fast: Yield, slow: Yield) -> int | None:
    """How many more target leads there were, had the slow ones come to as many as the fast ones; None when unknown.

    An estimate: clients who were answered late may differ in other ways too. Never below zero.
    """
    if fast.share is None or slow.share is None:
        return None
    return max(0, round((fast.share - slow.share) * slow.judged))
