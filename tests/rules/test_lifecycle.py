"""States and what may follow what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.lifecycle import DeliveryState, Status, advances, may_become, reopens

NOW = datetime(2026, 11, 24, tzinfo=UTC)
Q, G, U, S, D, R, F = (
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
    DeliveryState.FAILED,
)
# Every pair that moves on; all others do not.
FORWARD = {
    Q: {G, S, D, R, F, U},
    G: {S, D, R, F, U},
    U: {S, D, R, F},
    S: {D, R, F},
    D: {R},
    R: set(),
    F: {D, R},
}


@pytest.mark.parametrize("old", list(DeliveryState))
def test_news_about_a_delivery_only_moves_it_on(old: DeliveryState) -> None:
    assert {new for new in DeliveryState if advances(old, new)} == FORWARD[old]


def test_stored_words_are_states_too() -> None:
    assert advances("sent", "read")
    with pytest.raises(ValueError, match="nonsense"):
        advances("sent", "nonsense")


@given(st.lists(st.sampled_from(list(DeliveryState))), st.randoms(use_true_random=False))
def test_a_read_message_is_read_in_whatever_order_the_news_came(news: list[DeliveryState], random: Random) -> None:
    seen = [*news, DeliveryState.READ]
    random.shuffle(seen)
    state = DeliveryState.QUEUED
    for new in seen:
        state = new if advances(state, new) else state
    assert state is DeliveryState.READ


def test_statuses() -> None:
    allowed = {(old, new) for old in Status for new in Status if may_become(old, new)}
    assert allowed == {
        (Status.PENDING, Status.OPEN),
        (Status.PENDING, Status.SNOOZED),
        (Status.PENDING, Status.RESOLVED),
        (Status.OPEN, Status.SNOOZED),
        (Status.OPEN, Status.RESOLVED),
        (Status.OPEN, Status.PENDING),
        (Status.SNOOZED, Status.OPEN),
        (Status.SNOOZED, Status.RESOLVED),
        (Status.SNOOZED, Status.SNOOZED),
        (Status.RESOLVED, Status.OPEN),
    }


REOPENS = {
    "inside the window": (59, 60, True),
    "at its end": (60, 60, False),
    "at once": (0, 60, True),
    "switched off": (0, 0, False),
    "the clock stepped back": (-5, 60, True),
}


@pytest.mark.parametrize(("ago", "window", "expected"), REOPENS.values(), ids=REOPENS.keys())
def test_reopens(ago: int, window: int, expected: bool) -> None:
    assert reopens(NOW - timedelta(seconds=ago), NOW, window) is expected


def test_what_was_never_resolved_is_not_reopened() -> None:
    assert not reopens(None, NOW, 60)
