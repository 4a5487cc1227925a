"""The demo counts working time by look-ups; the rule counts it by days: both must say the same."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.demo.calendar import DAYS, HOUR, Season, WorkingTime
from inbox.models.base import from_milliseconds, to_milliseconds
from inbox.rules.business_hours import Hours, Interval, is_open, next_open, seconds_between
from tests.world import START

NOW = to_milliseconds(START)
# Berlin changes its clocks inside the ninety days before the end of November.
HOURS = {
    "day": Hours("Europe/Moscow", tuple(Interval(day, 540, 1200) for day in range(7))),
    "clocks": Hours("Europe/Berlin", tuple(Interval(day, 60, 1170) for day in range(7))),
    "night": Hours("Asia/Yekaterinburg", tuple(Interval(day, 1080, 1620) for day in range(5))),
    "split": Hours("Europe/Moscow", (Interval(0, 540, 720), Interval(0, 780, 1080), Interval(3, 0, 1440))),
}
moments = st.integers(NOW - DAYS * 24 * HOUR, NOW)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(HOURS)), moments, moments)
def test_working_seconds_are_those_of_the_rule(name: str, one: int, other: int) -> None:
    start, end = sorted((one, other))
    expected = seconds_between(HOURS[name], from_milliseconds(start), from_milliseconds(end))
    assert WorkingTime(HOURS[name], NOW).seconds(start, end) == expected


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(HOURS)), moments)
def test_the_next_opening_is_that_of_the_rule(name: str, moment: int) -> None:
    expected = next_open(HOURS[name], from_milliseconds(moment))
    assert expected is not None
    assert WorkingTime(HOURS[name], NOW).opening(moment) == to_milliseconds(expected)


def test_without_hours_every_second_counts() -> None:
    always = WorkingTime(None, NOW)
    assert always.seconds(NOW - 61_999, NOW) == 61
    assert always.opening(NOW) == NOW


def test_a_season_is_busy_by_day_and_quiet_at_night() -> None:
    season = Season(NOW, "Europe/Moscow", Random(3))
    moments = [season.moment(number, 4000) for number in range(4000)]
    assert min(moments) >= NOW - DAYS * 24 * HOUR
    assert max(moments) <= NOW
    ups = sum(later >= earlier for earlier, later in pairwise(moments))
    assert ups > 3800
    open_now = sum(is_open(HOURS["day"], from_milliseconds(moment)) for moment in moments)
    assert open_now > 3000
    night = [moment for moment in moments if (from_milliseconds(moment) + timedelta(hours=3)).hour in (1, 2, 3, 4)]
    assert 0 < len(night) < 100
