"""Targets: which policy fits, and clocks that stand and run on, by example and by property."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.business_hours import Hours, Interval, seconds_between
from inbox.rules.sla import (
    Clock,
    Conditions,
    Dialog,
    DialogFacts,
    Kind,
    Policy,
    choose_policy,
    next_at,
    passed,
    pause,
    reached_at,
    resume,
    spent,
    wanted_kinds,
)

# A Tuesday, 9:00 in Moscow.
NOON = datetime(2026, 11, 24, 6, tzinfo=UTC)
WEEK = Hours("Europe/Moscow", tuple(Interval(day, 540, 1080) for day in range(5)))
DIALOG = Dialog(1, 7, "ad", "high", frozenset({3, 4}))


def policy(number: int, **conditions: object) -> Policy:
    return Policy(number, 600, None, 3600, False, True, Conditions(**conditions))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "conditions, fits",
    [
        ({}, True),
        ({"channel_id": 1, "team_id": 7, "source_kind": "ad", "tag_id": 4, "priority": "high"}, True),
        ({"channel_id": 2}, False),
        ({"team_id": 8}, False),
        ({"source_kind": "search"}, False),
        ({"tag_id": 5}, False),
        ({"priority": "urgent"}, False),
        ({"channel_id": 1, "tag_id": 5}, False),
    ],
)
def test_every_condition_must_hold(conditions: dict[str, object], fits: bool) -> None:
    found = choose_policy([policy(1, **conditions), policy(2)], DIALOG)
    assert found is not None
    assert found.id == (1 if fits else 2)
    assert choose_policy([policy(1, channel_id=9)], DIALOG) is None


def test_which_clocks_a_dialog_is_due() -> None:
    facts = DialogFacts(DIALOG, "open", NOON, 1, NOON - timedelta(minutes=1))
    begun = facts.begun_at
    assert list(wanted_kinds(facts)) == [(Kind.FIRST_RESPONSE, NOON), (Kind.RESOLUTION, begun)]
    assert next(iter(wanted_kinds(replace(facts, turn_count=2)))) == (Kind.NEXT_RESPONSE, NOON)
    assert list(wanted_kinds(replace(facts, waiting_since=None))) == [(Kind.RESOLUTION, begun)]
    assert list(wanted_kinds(replace(facts, waiting_since=None, status="resolved"))) == []


def test_thresholds_by_hand() -> None:
    clock = Clock(600, running_since=NOON)
    moments = [NOON + timedelta(seconds=seconds) for seconds in (299, 300, 479, 480, 599, 600)]
    assert [passed(clock, None, moment) for moment in moments] == [0, 50, 50, 80, 80, 100]
    assert next_at(clock, None) == NOON + timedelta(minutes=5)
    assert next_at(replace(clock, warned_percent=50), None) == NOON + timedelta(minutes=8)
    assert next_at(replace(clock, warned_percent=100), None) is None
    assert passed(replace(clock, warned_percent=80), None, moments[4]) == 0


def test_a_standing_clock_reaches_nothing() -> None:
    clock = pause(Clock(600, running_since=NOON), None, NOON + timedelta(seconds=100))
    assert (clock.spent_seconds, reached_at(clock, None, 100), next_at(clock, None)) == (100, None, None)
    later = resume(clock, NOON + timedelta(days=1))
    assert reached_at(later, None, 100) == NOON + timedelta(days=1, seconds=500)
    assert resume(later, NOON + timedelta(days=2)) == later


_PAUSES = st.lists(st.integers(0, 200_000), min_size=0, max_size=8)


@given(st.integers(10, 200_000), _PAUSES, st.sampled_from([None, WEEK]))
def test_only_running_time_is_spent_and_the_deadline_is_when_the_target_is(
    target: int, steps: list[int], hours: Hours | None
) -> None:
    clock, moment, ran = Clock(target, running_since=NOON), NOON, 0
    for number, seconds in enumerate(steps):
        begun, moment = moment, moment + timedelta(seconds=seconds)
        if number % 2:
            clock = resume(clock, moment)
            continue
        ran += seconds if hours is None else seconds_between(hours, begun, moment)
        clock = pause(clock, hours, moment)
    assert spent(clock, hours, moment) == ran
    clock = resume(clock, moment)
    due = reached_at(clock, hours, 100)
    assert due is not None
    if ran <= target:
        assert spent(clock, hours, due) == target
        if due > moment:
            assert spent(clock, hours, due - timedelta(seconds=1)) < target
    else:
        assert due == moment
    thresholds = [reached_at(clock, hours, percent) for percent in (50, 80, 100)]
    assert thresholds == sorted(thresholds)  # type: ignore[type-var]
