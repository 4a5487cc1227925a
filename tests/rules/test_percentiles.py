"""Percentiles of waits: buckets, ranks, and that parts added up say the same as the whole."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.percentiles import (
    Ranking,
    Sort,
    Tally,
    bucket_lower,
    bucket_of,
    bucket_upper,
    sort_of,
    tally,
)
from inbox.rules.response_times import Outcome

MONTH = 30 * 86400
SECONDS = st.integers(0, MONTH)


def counted(seconds: list[int]) -> dict[int, int]:
    """A histogram of answered waits."""
    return dict(tally([(Sort.ANSWERED, wait) for wait in seconds], 300).counts)


def test_short_waits_are_exact_and_negative_ones_are_none() -> None:
    assert [bucket_upper(bucket_of(wait)) for wait in range(256)] == list(range(256))
    assert bucket_of(-5) == 0


@given(SECONDS)
def test_a_bucket_holds_its_wait_and_is_narrow(wait: int) -> None:
    bucket = bucket_of(wait)
    lower, upper = bucket_lower(bucket), bucket_upper(bucket)
    assert lower <= wait <= upper
    assert (upper - lower) <= wait / 128
    assert bucket_of(lower) == bucket_of(upper) == bucket
    assert bucket_lower(bucket + 1) == upper + 1


def test_stored_histograms_stay_readable() -> None:
    """Rolled columns keep these numbers: changing them means counting every stored day again."""
    assert [bucket_of(wait) for wait in (0, 255, 256, 257, 300, 3600, MONTH)] == [0, 255, 256, 256, 278, 737, 1950]


def test_a_month_fits_into_two_bytes() -> None:
    assert bucket_of(MONTH) < 2**16


@pytest.mark.parametrize("limit", [30, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 28800])
def test_the_usual_targets_are_edges(limit: int) -> None:
    assert bucket_lower(bucket_of(limit)) == limit
    assert Ranking(counted([limit - 1, limit]), 0).share_within(limit) == 0.5


PERCENTILES = {
    "one": ([7], 0, 0.5, 7),
    "the median of four is the second": ([1, 2, 3, 4], 0, 0.5, 2),
    "the ninth of ten": (list(range(1, 11)), 0, 0.9, 9),
    "the nineteenth of twenty": (list(range(1, 21)), 0, 0.95, 19),
    "the seventh of a hundred": (list(range(1, 101)), 0, 0.07, 7),
    "all": ([1, 2, 3], 0, 1.0, 3),
    "the least": ([5, 6], 0, 0.0, 5),
    "half never": ([1, 1], 2, 0.5, 1),
    "more than half never": ([1, 1], 3, 0.5, None),
    "the slow tail is never": ([1] * 19, 1, 0.95, 1),
    "the slower tail is never": ([1] * 18, 2, 0.95, None),
    "nobody at all": ([], 0, 0.5, None),
}


@pytest.mark.parametrize(("waits", "never", "share", "expected"), PERCENTILES.values(), ids=PERCENTILES.keys())
def test_percentile(waits: list[int], never: int, share: float, expected: int | None) -> None:
    assert Ranking(counted(waits), never).percentile(share) == expected


@given(st.lists(SECONDS, min_size=1), st.integers(0, 20), st.sampled_from([0.5, 0.9, 0.95]))
def test_a_percentile_is_never_shorter_than_the_truth_and_little_longer(
    waits: list[int], never: int, share: float
) -> None:
    rank = math.ceil(round(share * 100) * (len(waits) + never) / 100)
    found = Ranking(counted(waits), never).percentile(share)
    if rank > len(waits):
        assert found is None
    else:
        truth = sorted(waits)[rank - 1]
        assert found is not None
        assert truth <= found <= truth * (1 + 1 / 128)


def test_share_within() -> None:
    assert Ranking(counted([10, 299, 300, 5000]), 0).share_within(300) == 0.5
    assert Ranking(counted([10]), 3).share_within(300) == 0.25
    assert Ranking({}, 0).share_within(300) is None
    # A bucket across an odd target counts as late.
    assert bucket_lower(bucket_of(1000)) < 1001 <= bucket_upper(bucket_of(1000))
    assert Ranking(counted([1000]), 0).within(1001) == 0


def test_open_waits_count_as_soon_as_they_are_late() -> None:
    waits = [(Sort.WAITING, 299), (Sort.WAITING, 300), (Sort.NEVER, 5), (Sort.LEFT_OUT, 5), (Sort.ANSWERED, 5)]
    assert tally(waits, 300) == Tally({bucket_of(300): 1, 5: 1}, never=1, undecided=1)
    assert tally(waits, 300).total == 3


def test_every_outcome_has_its_sort() -> None:
    assert {outcome: sort_of(outcome) for outcome in Outcome} == {
        Outcome.ANSWERED: Sort.ANSWERED,
        Outcome.UNANSWERED: Sort.NEVER,
        Outcome.DISMISSED: Sort.LEFT_OUT,
        Outcome.MERGED: Sort.LEFT_OUT,
    }
    assert sort_of(None) is Sort.WAITING
    assert sort_of("answered") is Sort.ANSWERED


WAITS = st.lists(st.tuples(st.sampled_from(list(Sort)), SECONDS), max_size=40)


@given(WAITS, WAITS)
def test_days_added_up_are_the_period(one: list[tuple[Sort, int]], other: list[tuple[Sort, int]]) -> None:
    assert tally(one, 300) + tally(other, 300) == tally(one + other, 300)


HISTOGRAMS = st.dictionaries(st.integers(0, 2500), st.integers(1, 10**8), max_size=40)


@given(HISTOGRAMS, SECONDS)
def test_within_counts_the_buckets_that_end_before_the_target(counts: dict[int, int], target: int) -> None:
    expected = sum(number for bucket, number in counts.items() if bucket_upper(bucket) < target)
    assert Ranking(counts, 0).within(target) == expected
