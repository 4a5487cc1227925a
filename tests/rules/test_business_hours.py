"""Working time: examples around midnight, exceptions and clock changes, then properties against a slow count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.rules.business_hours import (
    Hours,
    Interval,
    deadline,
    is_open,
    next_open,
    problems,
    seconds_between,
    stretches,
    time_between,
)

OFFICE = Hours("Europe/Moscow", tuple(Interval(day, 540, 1080) for day in range(5)))
ALWAYS = Hours("Europe/Berlin", tuple(Interval(day, 0, 1440) for day in range(7)))
NEVER = Hours("Europe/Moscow")
# A bar: every evening from 18:00 to 02:00.
BAR = Hours("Europe/Berlin", tuple(Interval(day, 1080, 1560) for day in range(7)))
HOUR = 3600


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    """A local time as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


BETWEEN = {
    "inside a day": (OFFICE, "2026-11-24 10:00", "2026-11-24 10:30", 1800),
    "before the opening": (OFFICE, "2026-11-24 08:00", "2026-11-24 09:30", 1800),
    "overnight": (OFFICE, "2026-11-24 17:30", "2026-11-25 09:30", 2 * 1800),
    "over a weekend": (OFFICE, "2026-11-27 17:00", "2026-11-30 10:00", 2 * HOUR),
    "all night": (OFFICE, "2026-11-24 18:00", "2026-11-25 09:00", 0),
    "backwards": (OFFICE, "2026-11-25 09:30", "2026-11-24 17:30", 0),
    "four weeks": (OFFICE, "2026-11-02 00:00", "2026-11-30 00:00", 20 * 9 * HOUR),
    "never open": (NEVER, "2026-01-01 00:00", "2026-12-31 00:00", 0),
    "a break at noon": (
        Hours("Europe/Moscow", (Interval(1, 540, 780), Interval(1, 840, 1080))),
        "2026-11-24 12:30", "2026-11-24 14:30", HOUR,
    ),
    "overlapping stretches count once": (
        Hours("Europe/Moscow", (Interval(1, 540, 780), Interval(1, 720, 1080), Interval(1, 600, 660))),
        "2026-11-24 00:00", "2026-11-25 00:00", 9 * HOUR,
    ),
    "a day off": (
        Hours("Europe/Moscow", OFFICE.weekly, days_off=frozenset({date(2026, 11, 24)})),
        "2026-11-23 17:00", "2026-11-25 10:00", 2 * HOUR,
    ),
    "a short day": (
        Hours("Europe/Moscow", OFFICE.weekly, special_days={date(2026, 11, 24): ((540, 600),)}),
        "2026-11-23 17:00", "2026-11-25 10:00", 3 * HOUR,
    ),
    "a working saturday": (
        Hours("Europe/Moscow", OFFICE.weekly, special_days={date(2026, 11, 28): ((600, 720),)}),
        "2026-11-27 18:00", "2026-11-30 09:00", 2 * HOUR,
    ),
    "a special day wins over a day off": (
        Hours("Europe/Moscow", (), frozenset({date(2026, 11, 28)}), {date(2026, 11, 28): ((600, 660),)}),
        "2026-11-01 18:00", "2026-12-30 09:00", HOUR,
    ),
    "exceptions inside weeks that are counted at once": (
        Hours("Europe/Moscow", OFFICE.weekly, days_off=frozenset({date(2026, 11, 11)})),
        "2026-10-05 00:00", "2026-11-30 00:00", (8 * 5 - 1) * 9 * HOUR,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("hours", "start", "end", "expected"), BETWEEN.values(), ids=BETWEEN.keys())
def test_seconds_between(hours: Hours, start: str, end: str, expected: int) -> None:
    assert seconds_between(hours, at(start), at(end)) == expected


BERLIN = {
    # The clocks went from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25.
    "a day of 23 hours": (ALWAYS, "2026-03-29 00:00", "2026-03-30 00:00", 23 * HOUR),
    "a day of 25 hours": (ALWAYS, "2026-10-25 00:00", "2026-10-26 00:00", 25 * HOUR),
    "a bar in the shorter night": (BAR, "2026-03-28 18:00", "2026-03-29 18:00", 8 * HOUR),
    "a bar in the longer night closes at the first 02:00": (BAR, "2026-10-24 18:00", "2026-10-25 18:00", 8 * HOUR),
    "a shift inside the skipped hour does not exist": (
        Hours("Europe/Berlin", (Interval(6, 125, 175),)), "2026-03-29 00:00", "2026-03-30 00:00", 0,
    ),
    "a shift that begins in the skipped hour begins after it": (
        Hours("Europe/Berlin", (Interval(6, 150, 240),)), "2026-03-29 00:00", "2026-03-30 00:00", HOUR,
    ),
    "a shift over the repeated hour is an hour longer": (
        Hours("Europe/Berlin", (Interval(6, 60, 240),)), "2026-10-25 00:00", "2026-10-26 00:00", 4 * HOUR,
    ),
    "a whole year": (ALWAYS, "2026-01-01 00:00", "2027-01-01 00:00", 365 * 24 * HOUR),
    "half a year with one change": (ALWAYS, "2026-06-01 00:00", "2026-12-01 00:00", (183 * 24 + 1) * HOUR),
    "the other half": (ALWAYS, "2026-01-01 00:00", "2026-06-01 00:00", (151 * 24 - 1) * HOUR),
    "bar nights over weeks": (BAR, "2026-06-01 12:00", "2026-06-29 12:00", 28 * 8 * HOUR),
}  # fmt: skip


@pytest.mark.parametrize(("hours", "start", "end", "expected"), BERLIN.values(), ids=BERLIN.keys())
def test_clock_changes(hours: Hours, start: str, end: str, expected: int) -> None:
    assert seconds_between(hours, at(start, "Europe/Berlin"), at(end, "Europe/Berlin")) == expected


def test_a_date_that_the_calendar_skipped_has_no_length() -> None:
    """Samoa crossed the date line: 30 December 2011 did not happen there."""
    hours = Hours("Pacific/Apia", tuple(Interval(day, 0, 1440) for day in range(7)))
    start, end = at("2011-12-29 00:00", "Pacific/Apia"), at("2012-01-01 00:00", "Pacific/Apia")
    assert time_between(hours, start, end) == end - start == timedelta(days=2)


def test_a_day_off_closes_also_the_hours_after_its_midnight_but_not_those_of_the_evening_before() -> None:
    hours = Hours("Europe/Berlin", BAR.weekly, days_off=frozenset({date(2026, 6, 10)}))
    assert is_open(hours, at("2026-06-10 01:00", "Europe/Berlin"))
    assert not is_open(hours, at("2026-06-10 19:00", "Europe/Berlin"))
    assert not is_open(hours, at("2026-06-11 01:00", "Europe/Berlin"))


OPEN = {
    "the opening minute": ("2026-11-24 09:00", True),
    "the closing minute": ("2026-11-24 18:00", False),
    "noon": ("2026-11-24 12:00", True),
    "night": ("2026-11-24 03:00", False),
    "sunday": ("2026-11-29 12:00", False),
}


@pytest.mark.parametrize(("moment", "expected"), OPEN.values(), ids=OPEN.keys())
def test_is_open(moment: str, expected: bool) -> None:
    assert is_open(OFFICE, at(moment)) is expected


def test_next_open_is_now_while_open_and_else_the_next_opening() -> None:
    assert next_open(OFFICE, at("2026-11-24 12:34")) == at("2026-11-24 12:34")
    assert next_open(OFFICE, at("2026-11-24 18:00")) == at("2026-11-25 09:00")
    assert next_open(OFFICE, at("2026-11-27 18:00")) == at("2026-11-30 09:00")
    assert next_open(NEVER, at("2026-11-27 18:00")) is None


def test_next_open_finds_a_lonely_special_day_and_nothing_after_it() -> None:
    hours = Hours("Europe/Moscow", special_days={date(2029, 5, 5): ((600, 720),)})
    assert next_open(hours, at("2026-11-24 12:00")) == at("2029-05-05 10:00")
    assert next_open(hours, at("2029-05-05 12:00")) is None


DEADLINES = {
    "the same day": (OFFICE, "2026-11-24 10:00", 600, "2026-11-24 10:10"),
    "before the opening": (OFFICE, "2026-11-24 07:00", 600, "2026-11-24 09:10"),
    "the next morning": (OFFICE, "2026-11-24 17:55", 600, "2026-11-25 09:05"),
    "exactly at the close": (OFFICE, "2026-11-24 17:50", 600, "2026-11-24 18:00"),
    "weeks ahead": (OFFICE, "2026-11-02 09:00", 20 * 9 * HOUR, "2026-11-27 18:00"),
    "at once": (OFFICE, "2026-11-24 03:00", 0, "2026-11-24 03:00"),
}


@pytest.mark.parametrize(("hours", "start", "seconds", "expected"), DEADLINES.values(), ids=DEADLINES.keys())
def test_deadline(hours: Hours, start: str, seconds: int, expected: str) -> None:
    assert deadline(hours, at(start), seconds) == at(expected)


def test_no_deadline_when_nobody_ever_works() -> None:
    assert deadline(NEVER, at("2026-11-24 10:00"), 1) is None
    once = Hours("Europe/Moscow", special_days={date(2026, 11, 24): ((600, 660),)})
    assert deadline(once, at("2026-11-24 00:00"), HOUR) == at("2026-11-24 11:00")
    assert deadline(once, at("2026-11-24 00:00"), HOUR + 1) is None


PROBLEMS = {
    "good": (OFFICE, ()),
    "over midnight is good": (BAR, ()),
    "an unknown zone": (Hours("Mars/Olympus"), ("time_zone",)),
    "a zone that is a path": (Hours("../../etc/passwd"), ("time_zone",)),
    "a zone that is a folder": (Hours("Europe"), ("time_zone",)),
    "no zone": (Hours(""), ("time_zone",)),
    "an eighth day": (Hours("UTC", (Interval(7, 0, 60),)), ("weekday",)),
    "closes before it opens": (Hours("UTC", (Interval(0, 60, 60),)), ("order",)),
    "opens tomorrow": (Hours("UTC", (Interval(0, 1440, 1500),)), ("order",)),
    "closes the day after tomorrow": (Hours("UTC", (Interval(0, 60, 2881),)), ("order",)),
    "a bad special day": (Hours("UTC", special_days={date(2026, 1, 1): ((-1, 5),)}), ("order",)),
}


@pytest.mark.parametrize(("hours", "expected"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_problems(hours: Hours, expected: tuple[str, ...]) -> None:
    assert problems(hours) == expected


def test_years_are_cheap() -> None:
    """A report over years may not walk every day; the bound is far above what a slow machine needs."""
    started = perf_counter()
    for _ in range(20):
        seconds_between(OFFICE, at("2006-01-01 00:00"), at("2026-01-01 00:00"))
    assert perf_counter() - started < 2


# Properties -------------------------------------------------------------------------------------------------------

MINUTE = st.integers(0, 1439)
INTERVALS = st.builds(
    lambda day, opens, length: Interval(day, opens, min(opens + length, 2880)),
    st.integers(0, 6), MINUTE, st.integers(1, 1500),
)  # fmt: skip
DATES = st.dates(date(2026, 3, 20), date(2026, 4, 5))
RANGES = st.lists(
    st.tuples(MINUTE, st.integers(1, 900)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=2
).map(tuple)
SCHEDULES = st.builds(
    Hours,
    st.sampled_from(["Europe/Berlin", "Europe/Moscow", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.lists(INTERVALS, max_size=6).map(tuple),
    st.frozensets(DATES, max_size=2),
    st.dictionaries(DATES, RANGES, max_size=2),
)
# Around the spring change of most zones here, in seconds.
MOMENTS = st.integers(0, 40 * 86400).map(lambda second: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=second))


@given(SCHEDULES, MOMENTS, MOMENTS, MOMENTS)
@settings(deadline=None)
def test_time_adds_up(hours: Hours, one: datetime, two: datetime, three: datetime) -> None:
    a, b, c = sorted((one, two, three))
    assert time_between(hours, a, b) + time_between(hours, b, c) == time_between(hours, a, c) <= c - a


@given(SCHEDULES, MOMENTS, st.integers(1, 30 * 86400))
@settings(deadline=None)
def test_a_deadline_is_the_inverse_of_counting(hours: Hours, start: datetime, seconds: int) -> None:
    until = deadline(hours, start, seconds)
    if until is None:
        assert not hours.weekly
        return
    assert time_between(hours, start, until) == timedelta(seconds=seconds)
    # It is the first such moment: a second earlier it was not over.
    assert time_between(hours, start, until - timedelta(seconds=1)) == timedelta(seconds=seconds - 1)


@given(SCHEDULES, MOMENTS)
@settings(deadline=None)
def test_we_are_open_when_the_next_second_counts(hours: Hours, moment: datetime) -> None:
    opens = next_open(hours, moment)
    assert is_open(hours, moment) is (opens == moment)
    assert is_open(hours, moment) is (time_between(hours, moment, moment + timedelta(seconds=1)) > timedelta())
    if opens is not None:
        assert time_between(hours, moment, opens) == timedelta()
        assert is_open(hours, opens)


def test_every_minute_of_a_month_is_counted_as_the_wall_clock_says() -> None:
    """A slow second opinion without any of the rule's arithmetic: read the wall clock each minute."""
    hours = Hours("Europe/Moscow", (Interval(0, 1200, 1560), Interval(1, 30, 600), Interval(4, 600, 1440)))
    zone = ZoneInfo("Europe/Moscow")
    moment, end, counted = at("2026-11-01 00:00"), at("2026-12-01 00:00"), 0
    while moment < end:
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        counted += any(
            item.opens_minute <= minute + shift < item.closes_minute
            for item in hours.weekly
            for shift in ((0,) if item.weekday == local.weekday() else ())
            + ((1440,) if (item.weekday + 1) % 7 == local.weekday() else ())
        )
        moment += timedelta(minutes=1)
    assert seconds_between(hours, at("2026-11-01 00:00"), end) == counted * 60


def test_stretches_are_those_between_two_moments() -> None:
    found = list(stretches(OFFICE, at("2026-11-27 12:00"), at("2026-11-30 10:00")))
    assert found == [
        (at("2026-11-27 09:00"), at("2026-11-27 18:00")),
        (at("2026-11-30 09:00"), at("2026-11-30 18:00")),
    ]
    assert list(stretches(OFFICE, at("2026-11-28 00:00"), at("2026-11-29 23:00"))) == []
    start, end = at("2026-10-20 00:00"), at("2026-11-03 00:00")
    # The clocks go back in Berlin on the 25th of October.
    assert sum((closes - opens for opens, closes in stretches(ALWAYS, start, end)), timedelta()) >= end - start
    total = sum((min(closes, end) - max(opens, start) for opens, closes in stretches(ALWAYS, start, end)), timedelta())
    assert total == time_between(ALWAYS, start, end)
