"""Reading a client's rating: one digit, perhaps with words after it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

MOST_COMMENT = 1000
# A number of this size is praise.
GOOD = 4
# A digit that comes later is about something else.
ANSWER_WITHIN = timedelta(days=2)
# The digit as a button sends it back or a person types it: "5", "5!", "5 - thank you".
_RATING = re.compile(r"\s*([1-5])\s*(?:[.,!:;\u2013\u2014*+-]+\s*|\s+|$)(.*)", re.DOTALL)


def read_rating(text: str) -> tuple[int, str] | None:
    """(1..5, comment) when a message begins with a rating, else None."""
    found = _RATING.fullmatch(text)
    return (int(found[1]), found[2].strip()[:MOST_COMMENT]) if found else None


def is_contented(rating: int, comment: str) -> bool:
    """Whether a rating needs no answer: thanks for good work, or a number alone. Who complains or asks is heard."""
    return not comment or (rating >= GOOD and "?" not in comment)


def still_asks(rating: int | None, asked_at: datetime | None, now: datetime) -> bool:
    """Whether a dialog that is resolved waits for its rating."""
    return rating is None and asked_at is not None and now - asked_at <= ANSWER_WITHIN
