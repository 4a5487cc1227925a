"""Counting columns of facts: whatever is asked equals a count fact by fact, and the stored form stays readable."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules import fact_counts
from inbox.rules.fact_counts import count_facts
from inbox.rules.percentiles import Sort, Tally, tally
from inbox.rules.report_columns import (
    FACTS,
    LENGTHS,
    UNMEASURED,
    Axes,
    End,
    Key,
    Part,
    columns_of,
    length_name,
    pack,
)
from inbox.rules.wait_lengths import By, Definition, Since, Whose

LENGTH = length_name(Definition())
NAMES = {"agent", "hour", "day", "tags", "tag", "outcome", LENGTH}
MONDAY = 739_000 - 739_000 % 7 + 1
# Lengths are short, so that a bucket is its length in seconds.
FACT = st.fixed_dictionaries(
    {
        "agent": st.sampled_from((0, 1, 70_000, 5_000_000)),
        "hour": st.integers(0, 23),
        "day": st.integers(MONDAY, MONDAY + 8),
        "tags": st.lists(st.integers(1, 4), unique=True, max_size=3),
        "outcome": st.sampled_from(list(End)),
        LENGTH: st.one_of(st.just(UNMEASURED), st.integers(0, 255)),
    }
)
FACT_LISTS = st.lists(FACT, max_size=20)
NARROW = st.fixed_dictionaries(
    {},
    optional={
        "agent": st.sampled_from(([0], [1, 70_000], [9], [])),
        "weekday": st.sampled_from(([0], [1, 6])),
        "tag": st.sampled_from(([0], [2])),
    },
)
COUNTS: list[Axes] = [(), ("agent",), ("weekday", "hour"), ("tag",), ("agent", "tag"), ("day", "agent", "hour")]
SORTS = {End.ANSWERED: Sort.ANSWERED, End.NEVER: Sort.NEVER, End.UNDECIDED: Sort.WAITING}


def part(facts: list[dict[str, Any]]) -> Part:
    """These facts as they are kept."""
    columns = {name: [fact[name] for fact in facts] for name in NAMES - {"tags", "tag"}}
    lists = [fact["tags"] or [0] for fact in facts]
    columns["tags"] = [len(tags) for tags in lists]
    columns["tag"] = [tag for tags in lists for tag in tags]
    return Part({name: pack(name, numbers) for name, numbers in columns.items()})


def plainly(facts: list[dict[str, Any]], narrow: Mapping[str, Collection[int]], axes: Axes) -> dict[Key, Tally]:
    """The same fact by fact."""
    lines: dict[Key, list[tuple[Sort, int]]] = {}
    for fact in facts:
        for tag in fact["tags"] or [0]:
            own = {**fact, "tag": tag, "weekday": (int(str(fact["day"])) - 1) % 7}
            fits = all(own[name] in numbers for name, numbers in narrow.items())
            if fits and fact[LENGTH] != UNMEASURED:
                key = tuple(own[axis] for axis in axes)
                lines.setdefault(key, []).append((SORTS[own["outcome"]], own[LENGTH]))
            if fits and "tag" not in axes:
                break
    # Whoever waits within a target that nothing reaches is undecided.
    return {key: tally(line, 1 << 40) for key, line in lines.items()}


@given(FACT_LISTS, FACT_LISTS, NARROW)
def test_counts_equal_a_count_fact_by_fact(
    one: list[dict[str, Any]], other: list[dict[str, Any]], narrow: dict[str, list[int]]
) -> None:
    found = count_facts([part(one), part(other)], NAMES, LENGTH, narrow, COUNTS)
    for axes in COUNTS:
        counted = {key: line for key, line in found[axes].items() if line.total or line.undecided}
        assert counted == plainly([*one, *other], narrow, axes), axes


def test_many_combinations_are_counted_by_sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [
        {"agent": agent, "hour": hour, "day": MONDAY, "tags": [], "outcome": End.ANSWERED, LENGTH: 5}
        for agent in range(9)
        for hour in range(9)
    ]
    dense = count_facts([part(facts)], NAMES, LENGTH, {}, COUNTS)
    monkeypatch.setattr(fact_counts, "_NEAR", 0)
    assert count_facts([part(facts)], NAMES, LENGTH, {}, COUNTS) == dense
    monkeypatch.setattr(fact_counts, "_DENSE", 3)
    assert count_facts([part(facts)], NAMES, LENGTH, {}, COUNTS) == dense


def test_a_day_of_its_own_and_happenings_without_a_length() -> None:
    columns = {"hour": pack("hour", [9, 9, 23]), "channel": pack("channel", [1, 2, 2])}
    found = count_facts([Part(columns, MONDAY)], {"hour", "channel", "day"}, None, {}, [("weekday", "channel")])
    assert found["weekday", "channel"] == {(0, 1): Tally({0: 1}), (0, 2): Tally({0: 2})}
    assert count_facts([], {"hour", "channel"}, None, {}, [("channel",)]) == {("channel",): {}}


def test_the_stored_form_does_not_change() -> None:
    """Another meaning of these bytes, or another set of columns, needs a migration that empties the table."""
    assert pack("agent", [1, 70_000]) == bytes.fromhex("01000000 70110100")
    assert pack("hour", [23]) == bytes.fromhex("1700")
    assert pack("id", [1 << 40]) == bytes.fromhex("0000000000010000")
    with pytest.raises(struct.error):
        pack("hour", [UNMEASURED + 1])
    assert {fact: len(columns_of(fact)) for fact in FACTS} == {
        "first": 24, "next": 23, "new": 7, "resolved": 7, "reopened": 7,
    }  # fmt: skip
    assert len(LENGTHS) == 12
    assert length_name(Definition(Whose.AGENT, Since.LAST, By.SHIFT)) == "agent_last_shift_seconds"
