"""Open stretches of a day as people write them: "9:00-13:00, 14:00-18:00"; "22:00-6:00" ends on the next day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from inbox.rules.business_hours import DAY_MINUTES, Ranges
from inbox.rules.errors import Invalid
from inbox.rules.texts import N_

# Nobody opens more often in a day.
MOST_STRETCHES = 12

_STRETCH = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)


def read_stretches(text: str) -> Ranges:
    """The stretches of a line as (opens, closes) minutes in order; nothing when it is empty. Raises Invalid.

    A close that is not after its opening is the next day's, so "0:00-0:00" is the whole day, as "0-24" is.
    """
    found: list[tuple[int, int]] = []
    for piece in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        match = _STRETCH.fullmatch(piece)
        if match is None or len(found) >= MOST_STRETCHES:
            raise Invalid({"hours": N_("Write the time as 9:00-18:00; with a break as 9:00-13:00, 14:00-18:00.")})
        opens, closes = _minutes(match[1], match[2]) % DAY_MINUTES, _minutes(match[3], match[4])
        found.append((opens, closes if closes > opens else closes + DAY_MINUTES))
    found.sort()
    if any(after[0] < before[1] for before, after in pairwise(found)):
        raise Invalid({"hours": N_("These hours overlap: {text}")}, {"text": text.strip()})
    return tuple(found)


def write_stretches(stretches: Sequence[tuple[int, int]]) -> str:
    """The line that reads as these stretches."""
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in stretches)


def _minutes(hours: str, minutes: str | None) -> int:
    moment = int(hours) * 60 + int(minutes or 0)
    if moment > DAY_MINUTES or int(minutes or 0) > 59:
        raise Invalid({"hours": N_("There is no such time in a day: {time}")}, {"time": f"{hours}:{minutes or '00'}"})
    return moment


def _clock(minute: int) -> str:
    if minute == DAY_MINUTES:
        return "24:00"
    return f"{minute // 60 % 24}:{minute % 60:02d}"
