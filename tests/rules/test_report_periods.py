"""Periods that move with the calendar, and what is kept of a report's address."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.permissions import Actor, Role
from inbox.rules.report_periods import PERIODS, moving_period, period_days
from inbox.rules.saved_reports import CHOICES, MOST_LETTERS, kept_choices, may_change_report, read_choices

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))
# A Wednesday.
TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("today", "2026-11-25", "2026-11-25"),
        ("yesterday", "2026-11-24", "2026-11-24"),
        ("7", "2026-11-19", "2026-11-25"),
        ("week", "2026-11-16", "2026-11-22"),
        ("30", "2026-10-27", "2026-11-25"),
        ("month", "2026-10-01", "2026-10-31"),
        ("90", "2026-08-28", "2026-11-25"),
    ],
)
def test_the_days_of_a_period(period: str, start: str, end: str) -> None:
    assert period_days(period, TODAY) == (date.fromisoformat(start), date.fromisoformat(end))


@given(DAYS, st.sampled_from(PERIODS))
def test_a_period_is_whole_over_or_ends_today_and_is_found_again(today: date, period: str) -> None:
    start, end = period_days(period, today)
    assert start <= end <= today
    if period == "week":
        assert (start.weekday(), end.weekday()) == (0, 6)
        assert today - timedelta(days=7) <= end < today
    if period == "month":
        assert start.day == 1
        assert (end + timedelta(days=1)).day == 1
        assert end + timedelta(days=1) == today.replace(day=1)
    # A month of exactly thirty days may be one of two periods: the days are the same.
    found = moving_period(start, end, today)
    assert found is not None
    assert period_days(found, today) == (start, end)


def test_days_of_nobody_are_no_period() -> None:
    assert moving_period(date(2026, 11, 1), date(2026, 11, 24), TODAY) is None


@given(st.dictionaries(st.sampled_from((*CHOICES, "csrf_token", "page", "next")), st.text(max_size=300)))
def test_what_is_kept_is_known_short_and_stays_when_it_is_kept_again(query: dict[str, str]) -> None:
    kept = kept_choices(query)
    found = read_choices(kept)
    assert set(found) <= set(CHOICES)
    assert all(0 < len(value) <= MOST_LETTERS for value in found.values())
    assert kept_choices(found) == kept
    assert not ("period" in found and ("from" in found or "to" in found))
    assert set(parse_qs(kept)) == set(found)


def test_a_moving_period_leaves_its_days_behind() -> None:
    days = {"from": "2026-11-19", "to": "2026-11-25"}
    assert read_choices(kept_choices({**days, "period": "7"})) == {"period": "7"}
    assert read_choices(kept_choices({**days, "period": "own"})) == days


def test_the_owner_changes_it_and_an_administrator_what_is_shared() -> None:
    owner, admin = Actor.agent(1, Role.MANAGER), Actor.agent(2, Role.ADMIN)
    assert may_change_report(owner, 1, shared=False)
    assert may_change_report(admin, 1, shared=True)
    assert not may_change_report(admin, 1, shared=False)
    assert not may_change_report(Actor.agent(3, Role.MANAGER), 1, shared=True)
