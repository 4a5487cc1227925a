"""The periods of reports that move with the calendar: "7" is the last seven days, today among them."""

from __future__ import annotations

from datetime import date, timedelta

# Days back from today; the others are whole days, weeks (from Monday) and months that are over.
_BACK = {"today": 0, "7": 6, "30": 29, "90": 89}
PERIODS = ("today", "yesterday", "7", "week", "30", "month", "90")
DEFAULT_PERIOD = "30"


def period_days(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of one of PERIODS; raises KeyError for another."""
    if period == "yesterday":
        return (day := today - timedelta(days=1)), day
    if period == "week":
        start = today - timedelta(days=today.weekday() + 7)
        return start, start + timedelta(days=6)
    if period == "month":
        end = today.replace(day=1) - timedelta(days=1)
        return end.replace(day=1), end
    return today - timedelta(days=_BACK[period]), today


def moving_period(start: date, end: date, today: date) -> str | None:
    """Which of PERIODS means these days now; None for days that only a calendar names."""
    return next((period for period in PERIODS if period_days(period, today) == (start, end)), None)
