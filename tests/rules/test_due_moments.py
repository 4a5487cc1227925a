"""What repeats by the calendar: once on each of its days, at its hour, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.due_moments import Every, Recurrence, due_on, next_due

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")]
)
RULES = st.builds(
    Recurrence,
    every=st.sampled_from(Every),
    minute=st.integers(0, 1439),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
)
MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
BERLIN = ZoneInfo("Europe/Berlin")


@given(RULES, MOMENTS, ZONES)
def test_the_next_one_is_the_first_later_one(rule: Recurrence, after: datetime, zone: ZoneInfo) -> None:
    found = next_due(rule, after, zone)
    assert found > after
    # Asked anywhere before it, it is the same: a server that was down finds the same moments.
    assert next_due(rule, found - timedelta(microseconds=1), zone) == found
    assert next_due(rule, after + (found - after) / 2, zone) == found
    local = found.astimezone(zone)
    assert rule.falls_on(local.date())
    days = [after.astimezone(zone).date() + timedelta(days=number) for number in range(-1, 33)]
    moments = [due_on(rule, day, zone) for day in days if rule.falls_on(day)]
    assert min(moment for moment in moments if moment > after) == found


@given(RULES, MOMENTS, ZONES)
def test_each_day_of_it_has_it_once_at_its_hour(rule: Recurrence, after: datetime, zone: ZoneInfo) -> None:
    moments = []
    for _ in range(40):
        after = next_due(rule, after, zone)
        moments.append(after)
    locals_ = [moment.astimezone(zone) for moment in moments]
    days = [local.date() for local in locals_]
    assert len(set(days)) == len(days)
    for earlier, later in pairwise(days):
        between = [earlier + timedelta(days=number) for number in range(1, (later - earlier).days)]
        assert not any(rule.falls_on(day) for day in between)
    for local in locals_:
        late = local.hour * 60 + local.minute - rule.minute
        # Only where the clocks leave the time out, and by what they leave out.
        assert late == 0 or (0 < late <= 60 and local.utcoffset() != (local - timedelta(hours=3)).utcoffset()), local
    widths = {Every.DAY: (0.9, 1.1), Every.WEEK: (6.9, 7.1), Every.MONTH: (27.9, 31.1)}[rule.every]
    for earlier_at, later_at in pairwise(moments):
        assert widths[0] <= (later_at - earlier_at) / timedelta(days=1) <= widths[1]


@pytest.mark.parametrize(
    ("rule", "after", "due"),
    [
        # The clocks of Berlin leave out 2:00 to 3:00 on 29 March and show it twice on 25 October 2026.
        (Recurrence(Every.DAY, 150), "2026-03-28T12:00+01:00", "2026-03-29T03:30+02:00"),
        (Recurrence(Every.DAY, 150), "2026-03-29T12:00+02:00", "2026-03-30T02:30+02:00"),
        (Recurrence(Every.DAY, 150), "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),
        (Recurrence(Every.DAY, 150), "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
        (Recurrence(Every.WEEK, 540, weekday=0), "2026-11-25T00:00+01:00", "2026-11-30T09:00+01:00"),
        (Recurrence(Every.WEEK, 540, weekday=0), "2026-11-30T09:00+01:00", "2026-12-07T09:00+01:00"),
        (Recurrence(Every.MONTH, 540, day=31), "2027-01-31T09:00+01:00", "2027-02-28T09:00+01:00"),
        (Recurrence(Every.MONTH, 540, day=31), "2027-02-28T09:00+01:00", "2027-03-31T09:00+02:00"),
        (Recurrence(Every.MONTH, 0, day=29), "2028-02-01T00:00+01:00", "2028-02-29T00:00+01:00"),
    ],
)
def test_the_days_that_go_wrong(rule: Recurrence, after: str, due: str) -> None:
    assert next_due(rule, datetime.fromisoformat(after), BERLIN) == datetime.fromisoformat(due)
