"""Picking a page of waits by columns: whatever the exact order is, the page is among what is picked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.fact_picks import Chosen, Place, Waits
from inbox.rules.report_columns import End, Part, pack

ALL = Chosen(frozenset(End))
NAMES = {"id", "day", "hour", "outcome", "length"}
# Lengths in a bucket and minutes in an hour are what the columns do not tell; `end` None still waits.
WAIT = st.fixed_dictionaries(
    {
        "day": st.integers(10, 12),
        "hour": st.integers(0, 3),
        "minute": st.integers(0, 3),
        "end": st.sampled_from((End.ANSWERED, End.ANSWERED, End.NEVER, None)),
        "bucket": st.integers(0, 3),
        "rest": st.integers(0, 3),
    }
)


def waits_of(found: list[dict[str, Any]], chosen: Chosen = ALL) -> Waits:
    """The waits as they are kept, those that go on in a part of their own at the end."""
    parts = []
    for going in (False, True):
        here = [wait for wait in found if (wait["end"] is None) is going]
        columns = {name: [wait[name] for wait in here] for name in ("id", "day", "hour")}
        columns["outcome"] = [End.UNDECIDED if going else wait["end"] for wait in here]
        columns["length"] = [wait["bucket"] for wait in here]
        parts.append(Part({name: pack(name, numbers) for name, numbers in columns.items()}))
    return Waits(parts, NAMES, "length", {}, chosen)


def moment(wait: dict[str, Any]) -> tuple[int, ...]:
    return (wait["day"], wait["hour"], wait["minute"], wait["id"])


def length(wait: dict[str, Any]) -> tuple[int, ...]:
    if wait["end"] is End.NEVER:
        return (2, wait["id"])
    if wait["end"] is None:
        return (1, -wait["day"], -wait["hour"], -wait["minute"], wait["id"])
    return (0, wait["bucket"], wait["rest"], wait["id"])


@pytest.mark.parametrize("order", [moment, length])
@given(st.lists(WAIT, min_size=1, max_size=25), st.integers(1, 5), st.data())
def test_a_page_is_among_what_is_picked(
    order: Callable[[dict[str, Any]], tuple[int, ...]], found: list[dict[str, Any]], limit: int, data: st.DataObject
) -> None:
    found = [{**wait, "id": number} for number, wait in enumerate(found, start=1)]
    ordered = sorted(found, key=order, reverse=True)
    start = data.draw(st.integers(0, len(found)))
    place = None
    if start:
        last = ordered[start - 1]
        bucket = None if last["end"] is None else last["bucket"]
        place = Place(last["id"], last["day"], last["hour"], last["end"] or End.ANSWERED, bucket)
    waits = waits_of(found)
    picked = waits.newest(limit, place) if order is moment else waits.longest(limit, place)
    assert {wait["id"] for wait in ordered[start : start + limit]} <= set(picked)
    assert len(picked) == len(set(picked))


def test_no_more_are_picked_than_a_page_needs() -> None:
    found = [
        {"id": number, "day": 10 + number // 24, "hour": number % 24, "end": End.ANSWERED, "bucket": number}
        for number in range(1000)
    ]
    waits = waits_of(found)
    assert waits.newest(5, None) == waits.longest(5, None) == [995, 996, 997, 998, 999]
    assert waits.longest(5, Place(500, 30, 20, End.ANSWERED, 500)) == [495, 496, 497, 498, 499, 500]
    never = waits_of([{**wait, "end": End.NEVER} for wait in found])
    assert sorted(never.longest(5, Place(500, 30, 20, End.NEVER, None))) == [495, 496, 497, 498, 499]


def test_only_the_chosen_are_counted_and_picked() -> None:
    found = [
        {"id": 1, "day": 10, "hour": 1, "end": End.ANSWERED, "bucket": 5},
        {"id": 2, "day": 10, "hour": 1, "end": End.ANSWERED, "bucket": 9},
        {"id": 3, "day": 10, "hour": 1, "end": End.NEVER, "bucket": 9},
        {"id": 4, "day": 10, "hour": 1, "end": None, "bucket": 9},
    ]
    chosen = {
        Chosen(frozenset(), (5, 9)): [1],
        Chosen(frozenset({End.NEVER}), (9, 99)): [2, 3],
        Chosen(frozenset({End.UNDECIDED})): [4],
    }
    for meant, ids in chosen.items():
        waits = waits_of(found, meant)
        assert (waits.total, sorted(waits.newest(9, None))) == (len(ids), ids)
