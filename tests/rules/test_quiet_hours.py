"""When a messenger stays silent, and when the morning begins."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from inbox.rules.quiet_hours import digest_day, is_quiet, read_minute


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute)


def test_the_night_goes_over_midnight() -> None:
    assert [is_quiet(at(hour), 22 * 60, 8 * 60) for hour in (21, 22, 23, 0, 7, 8)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]


def test_a_rest_within_a_day() -> None:
    assert [is_quiet(at(hour), 12 * 60, 13 * 60) for hour in (11, 12, 13)] == [False, True, False]


def test_without_both_ends_it_is_never_quiet() -> None:
    assert not is_quiet(at(3), None, 8 * 60)
    assert not is_quiet(at(3), 22 * 60, None)
    assert not is_quiet(at(3), 180, 180)


def test_the_digest_is_of_the_morning() -> None:
    assert digest_day(at(8, 59), 540) is None
    assert digest_day(at(9), 540) == date(2026, 11, 24)
    assert digest_day(at(11, 59), 540) == date(2026, 11, 24)
    assert digest_day(at(12), 540) is None


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("8:05", 485),
        ("23:59", 1439),
        ("24:00", None),
        ("8", None),
        ("8:5", None),
        ("", None),
        ("-1:00", None),
        ("8:60", None),
    ],
)
def test_a_time_of_day_is_read(text: str, minute: int | None) -> None:
    assert read_minute(text) == minute
