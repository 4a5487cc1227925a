"""Schedules as people write them: stretches of a day, holidays of a country, breaks in a shift."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.business_hours import Interval, is_open
from inbox.rules.errors import Invalid
from inbox.rules.holidays import PRESETS
from inbox.rules.hours_text import read_stretches, write_stretches
from inbox.rules.schedules import Schedule, SpecialDay, check_schedule, hours_of, in_break


@pytest.mark.parametrize(
    "text, stretches",
    [
        ("", ()),
        ("9-18", ((540, 1080),)),
        ("9:00–13:00, 14:00 - 18:30", ((540, 780), (840, 1110))),
        ("14-18; 9.30-13", ((570, 780), (840, 1080))),
        ("22:00-6:00", ((1320, 1800),)),
        ("0-24", ((0, 1440),)),
        ("0:00-0:00", ((0, 1440),)),
        ("24-8", ((0, 480),)),
    ],
)
def test_stretches_are_read(text: str, stretches: tuple[tuple[int, int], ...]) -> None:
    assert read_stretches(text) == stretches


@pytest.mark.parametrize("text", ["9", "9-", "nine-ten", "25-26", "9:60-10", "9-13, 12-18", "-9-10", "9-10," * 20])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_stretches(text)


_EDGES = st.lists(st.integers(0, 1440), min_size=0, max_size=10, unique=True)


@given(_EDGES)
def test_what_is_written_is_read_again(edges: list[int]) -> None:
    ordered = sorted(edges[: len(edges) // 2 * 2])
    stretches = tuple(zip(ordered[::2], ordered[1::2], strict=True))
    assert read_stretches(write_stretches(stretches)) == stretches


def test_the_holidays_of_russia_are_those_of_the_decree() -> None:
    # The days off of 2026 on weekdays, as the government's decree of 24 September 2025 adds up with the Labour Code.
    weekdays = sorted(day for day in PRESETS["ru"] if day.year == 2026 and day.weekday() < 5)
    expected = [(1, 1), (1, 2), (1, 5), (1, 6), (1, 7), (1, 8), (1, 9), (2, 23), (3, 9), (5, 1), (5, 11), (6, 12)]
    assert weekdays == [date(2026, month, day) for month, day in [*expected, (11, 4), (12, 31)]]
    # Of 2027 the Labour Code alone is known: 1 May, 9 May and 12 June move to Mondays.
    assert {date(2027, 5, 3), date(2027, 5, 10), date(2027, 6, 14), date(2027, 11, 4)} <= PRESETS["ru"]
    assert date(2027, 12, 31) not in PRESETS["ru"]
    assert PRESETS[""] == frozenset()


def test_a_day_written_by_hand_wins_over_a_holiday() -> None:
    week = tuple(Interval(weekday, 540, 1080) for weekday in range(7))
    duty = SpecialDay(date(2026, 1, 7), ((600, 720),), "Дежурство")
    hours = hours_of(Schedule("UTC", week, "ru", (duty, SpecialDay(date(2026, 1, 12)))))
    noon = datetime(2026, 1, 6, 11, tzinfo=UTC)
    assert [is_open(hours, noon + timedelta(days=number)) for number in (0, 1, 6, 7)] == [False, True, False, True]


@pytest.mark.parametrize(
    "schedule, field",
    [
        (Schedule("Mars/Olympus", (Interval(0, 1, 2),)), "time_zone"),
        (Schedule("UTC", (Interval(0, 5, 4),)), "hours"),
        (Schedule("UTC"), "hours"),
        (Schedule("UTC", (Interval(0, 1, 2),), "mars"), "holidays"),
        (Schedule("UTC", (Interval(0, 1, 2),), "", (SpecialDay(date(2026, 1, 1)),) * 2), "days"),
        (Schedule("UTC", (Interval(0, 1, 2),), "", tuple(SpecialDay(date(2026, 1, 1)) for _ in range(201))), "days"),
    ],
)
def test_a_schedule_that_cannot_be_kept(schedule: Schedule, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_schedule(schedule)
    assert list(refused.value.fields) == [field]


def test_a_break_lies_between_two_stretches_of_one_day() -> None:
    hours = hours_of(Schedule("Europe/Moscow", (Interval(0, 540, 780), Interval(0, 840, 1080), Interval(1, 540, 780))))
    monday = datetime(2026, 11, 22, 21, tzinfo=UTC)
    found = [in_break(hours, monday + timedelta(minutes=minute)) for minute in (500, 780, 839, 1080, 1440 + 800)]
    assert found == [False, True, True, False, False]
