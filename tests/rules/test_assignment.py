"""Who answers: each mode by example, each refusal by name, and fairness over many choices."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.assignment import WORDS, Candidate, Mode, choose, explain

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANNA = Candidate(
    1, "Анна", "available", present=True, open_count=3, capacity=5, last_assigned_at=NOW - timedelta(minutes=14)
)
OLEG = Candidate(
    2, "Олег", "available", present=True, open_count=1, capacity=5, last_assigned_at=NOW - timedelta(minutes=2)
)
IRA = Candidate(
    3, "Ира", "available", present=True, open_count=1, capacity=2, last_assigned_at=NOW - timedelta(minutes=5)
)
CHOOSING = [Mode.IN_TURN, Mode.LEAST_LOADED, Mode.WEIGHTED]


def chosen(mode: Mode, *candidates: Candidate, previous: int | None = None) -> int | None:
    """Whom the rule takes."""
    return choose(mode, candidates, previous, NOW).agent_id


CHOICES = {
    "in turn: longest without a new dialog": (Mode.IN_TURN, (ANNA, OLEG, IRA), 1),
    "in turn: a newcomer is first": (Mode.IN_TURN, (ANNA, replace(OLEG, last_assigned_at=None), IRA), 2),
    "in turn: of two newcomers the lower id": (
        Mode.IN_TURN,
        (replace(IRA, last_assigned_at=None), replace(OLEG, last_assigned_at=None)),
        2,
    ),
    "least loaded: the tie goes to the longest without a new one": (Mode.LEAST_LOADED, (ANNA, OLEG, IRA), 3),
    "least loaded: the fewest": (Mode.LEAST_LOADED, (ANNA, replace(OLEG, open_count=0), IRA), 2),
    "weighted: three to one": (Mode.WEIGHTED, (replace(ANNA, weight=3), replace(OLEG, open_count=2, weight=1)), 1),
    "weighted: the share is full": (Mode.WEIGHTED, (replace(ANNA, weight=1), replace(OLEG, weight=1)), 2),
    "by hand": (Mode.BY_HAND, (ANNA, OLEG), None),
    "first to answer": (Mode.FIRST_TO_ANSWER, (ANNA, OLEG), None),
    "nobody there": (Mode.IN_TURN, (), None),
}


@pytest.mark.parametrize(("mode", "candidates", "expected"), CHOICES.values(), ids=CHOICES.keys())
def test_choose(mode: Mode, candidates: tuple[Candidate, ...], expected: int | None) -> None:
    assert chosen(mode, *candidates) == expected


REFUSALS: dict[str, dict[str, Any]] = {
    "not_member": {"member": False},
    "offline": {"present": False},
    "busy": {"status": "busy"},
    "away": {"status": "away"},
    "returned": {"returned": True},
    "off_hours": {"within_hours": False},
    "shift_break": {"within_hours": False, "on_break": True},
    "full": {"open_count": 5},
    "no_share": {"weight": 0},
}


@pytest.mark.parametrize(("code", "change"), REFUSALS.items(), ids=REFUSALS.keys())
def test_each_obstacle_is_named_and_keeps_the_dialog_in_the_queue(code: str, change: dict[str, Any]) -> None:
    choice = choose(Mode.WEIGHTED, [replace(ANNA, **change)], 1, NOW)
    assert choice.agent_id is None
    assert [reason.code for reason in choice.reasons] == [code]


def test_no_capacity_means_no_dialogs() -> None:
    assert chosen(Mode.IN_TURN, replace(ANNA, capacity=0, open_count=0)) is None


def test_an_unknown_status_is_never_given_anything() -> None:
    assert chosen(Mode.IN_TURN, replace(ANNA, status="on holiday")) is None


@pytest.mark.parametrize("mode", CHOOSING)
def test_who_talked_with_the_client_before_comes_first_when_able(mode: Mode) -> None:
    worst = replace(OLEG, open_count=4, last_assigned_at=NOW)
    assert chosen(mode, ANNA, worst, IRA, previous=2) == 2
    assert chosen(mode, ANNA, replace(worst, present=False), IRA, previous=2) != 2
    assert chosen(mode, ANNA, IRA, previous=99) in (1, 3)


def test_the_explanation_names_everybody_the_chosen_one_first() -> None:
    away = replace(IRA, status="away")
    choice = choose(Mode.IN_TURN, [replace(OLEG, open_count=5), away, ANNA], None, NOW)
    said = [key.format(**params) for key, params in explain(choice)]
    assert said == [
        "Анна: longest without a new dialog, for 14 min; 3 of 5 dialogs",
        "Олег: skipped, has 5 of 5 dialogs",
        "Ира: skipped, is on a break",
    ]


EXPLANATIONS = {
    "previous": (Mode.IN_TURN, ANNA, 1),
    "in_turn": (Mode.IN_TURN, ANNA, None),
    "in_turn_first": (Mode.IN_TURN, replace(ANNA, last_assigned_at=None), None),
    "least_loaded": (Mode.LEAST_LOADED, ANNA, None),
    "weighted": (Mode.WEIGHTED, replace(ANNA, weight=3), None),
}


@pytest.mark.parametrize(("code", "case"), EXPLANATIONS.items(), ids=EXPLANATIONS.keys())
def test_every_praise_can_be_said(code: str, case: tuple[Mode, Candidate, int | None]) -> None:
    mode, candidate, previous = case
    choice = choose(mode, [candidate], previous, NOW)
    assert [reason.code for reason in choice.reasons] == [code]
    assert "{" not in WORDS[code].format(**explain(choice)[0][1])


def test_a_clock_that_stepped_back_is_no_negative_wait() -> None:
    choice = choose(Mode.IN_TURN, [replace(ANNA, last_assigned_at=NOW + timedelta(minutes=5))], None, NOW)
    assert choice.reasons[0].params["minutes"] == 0


def test_others_who_could_answer_are_said_too() -> None:
    codes = {reason.agent_id: reason.code for reason in choose(Mode.IN_TURN, [ANNA, OLEG], None, NOW).reasons}
    assert codes == {1: "in_turn", 2: "later"}


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        agent_id=st.integers(1, 8),
        name=st.just("А"),
        status=st.sampled_from(["available", "busy", "away"]),
        present=st.booleans(),
        open_count=st.integers(0, 6),
        capacity=st.integers(0, 6),
        last_assigned_at=st.none() | st.integers(0, 500).map(lambda m: NOW - timedelta(minutes=m)),
        within_hours=st.booleans(),
        weight=st.integers(0, 3),
    ),
    max_size=8,
    unique_by=lambda candidate: candidate.agent_id,
)


@given(st.sampled_from(list(Mode)), CANDIDATES, st.none() | st.integers(1, 8), st.randoms(use_true_random=False))
def test_the_choice_is_able_explained_and_does_not_depend_on_the_order(
    mode: Mode, candidates: list[Candidate], previous: int | None, random: Random
) -> None:
    choice = choose(mode, candidates, previous, NOW)
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert choose(mode, shuffled, previous, NOW) == choice
    if choice.agent_id is not None:
        taken = next(candidate for candidate in candidates if candidate.agent_id == choice.agent_id)
        assert taken.present
        assert taken.within_hours
        assert taken.status == "available"
        assert taken.open_count < taken.capacity
    if mode in CHOOSING:
        assert sorted(reason.agent_id for reason in choice.reasons) == sorted(item.agent_id for item in candidates)
    assert all("{" not in key.format(**params) for key, params in explain(choice))


def given_out(mode: Mode, candidates: list[Candidate], times: int) -> Counter[int]:
    """Give out dialogs one by one, as the queue does."""
    now = NOW
    for _ in range(times):
        now += timedelta(seconds=1)
        agent_id = choose(mode, candidates, None, now).agent_id
        candidates = [
            replace(item, open_count=item.open_count + 1, last_assigned_at=now) if item.agent_id == agent_id else item
            for item in candidates
        ]
    return Counter({item.agent_id: item.open_count for item in candidates})


@pytest.mark.parametrize("mode", [Mode.IN_TURN, Mode.LEAST_LOADED])
def test_equal_shares_differ_by_one_at_most(mode: Mode) -> None:
    fresh = [replace(item, open_count=0, capacity=100) for item in (ANNA, OLEG, IRA)]
    shares = given_out(mode, fresh, 50)
    assert max(shares.values()) - min(shares.values()) <= 1


def test_weights_are_kept() -> None:
    fresh = [replace(item, open_count=0, capacity=100, weight=item.agent_id) for item in (ANNA, OLEG, IRA)]
    assert given_out(Mode.WEIGHTED, fresh, 60) == {1: 10, 2: 20, 3: 30}
