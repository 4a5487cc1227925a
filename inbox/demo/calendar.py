"""When things happen in the demo: seasons of a day and a week, and the shop's working time as numbers.

All moments here are milliseconds since 1970.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from itertools import accumulate
from random import Random

from inbox.models.base import from_milliseconds, to_milliseconds
from inbox.rules.business_hours import Hours, stretches
from inbox.runtime.languages import zone

HOUR = 3_600_000
DAYS = 90

# How much clients write at each hour of the local day, and on each weekday from Monday.
_BY_HOUR = (2, 1, 1, 1, 1, 2, 5, 12, 25, 45, 60, 66, 62, 58, 60, 62, 58, 52, 48, 44, 38, 28, 15, 6)
_BY_WEEKDAY = (1.15, 1.1, 1.0, 1.0, 0.95, 0.7, 0.6)


class Season:
    """Moments at which clients begin a dialog, in order, more of them in busy hours."""

    def __init__(self, now: int, time_zone: str, rng: Random) -> None:
        """The 90 days before `now`."""
        self._start = now - DAYS * 24 * HOUR
        self._rng = rng
        local = zone(time_zone)
        weights = []
        for number in range(DAYS * 24):
            moment = from_milliseconds(self._start + number * HOUR).astimezone(local)
            # Business grows a little, and no two days are alike.
            trend = 0.8 + 0.4 * number / (DAYS * 24)
            luck = 0.85 + 0.3 * Random(moment.toordinal()).random()  # noqa: S311 - weather, no secret.
            weights.append(_BY_HOUR[moment.hour] * _BY_WEEKDAY[moment.weekday()] * trend * luck)
        self._sums = list(accumulate(weights, initial=0.0))

    def moment(self, index: int, total: int) -> int:
        """The moment of dialog `index` of `total`; it never decreases much with the index."""
        point = (index + self._rng.random()) / total * self._sums[-1]
        hour = min(bisect_right(self._sums, point) - 1, len(self._sums) - 2)
        part = (point - self._sums[hour]) / (self._sums[hour + 1] - self._sums[hour])
        return self._start + int((hour + part) * HOUR)


class WorkingTime:
    """The shop's hours as a list of stretches, so that a wait is measured by two look-ups."""

    def __init__(self, hours: Hours | None, now: int, hours_id: int | None = None) -> None:
        """The hours around the 90 days; None means always open. `hours_id` is their stored schedule."""
        self.hours_id = hours_id
        self._opens: list[int] = []
        self._closes: list[int] = []
        self._before: list[int] = []
        if hours is None:
            return
        start = from_milliseconds(now) - timedelta(days=DAYS + 2)
        worked = 0
        for opens, closes in stretches(hours, start, start + timedelta(days=DAYS + 14)):
            self._opens.append(to_milliseconds(opens))
            self._closes.append(to_milliseconds(closes))
            self._before.append(worked)
            worked += self._closes[-1] - self._opens[-1]

    def seconds(self, start: int, end: int) -> int:
        """Whole working seconds between two moments, as rules/business_hours.py counts them."""
        if not self._opens:
            return (end - start) // 1000
        return (self._until(end) - self._until(start)) // 1000

    def opening(self, moment: int) -> int:
        """The moment itself while open, else when the shop opens next."""
        index = bisect_right(self._opens, moment) - 1
        if not self._opens or (index >= 0 and moment < self._closes[index]):
            return moment
        return self._opens[index + 1] if index + 1 < len(self._opens) else moment

    def _until(self, moment: int) -> int:
        index = bisect_right(self._opens, moment) - 1
        if index < 0:
            return 0
        return self._before[index] + min(moment, self._closes[index]) - self._opens[index]
