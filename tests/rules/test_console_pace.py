"""How often a console may be written to, and what is joined meanwhile."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.console_pace import Budget, join_count


@given(st.lists(st.floats(min_value=0, max_value=10), max_size=200))
def test_no_minute_sees_more_than_the_limit(pauses: list[float]) -> None:
    now, budget, sent = 0.0, Budget.full(20, 0.0), []
    for pause in pauses:
        now += max(pause, budget.wait(now + pause))
        budget = budget.spent(now)
        sent.append(now)
    for moment in sent:
        assert sum(1 for other in sent if moment <= other < moment + 60 - 1e-6) <= 20


def test_a_few_may_go_at_once() -> None:
    budget = Budget.full(20, 0.0)
    for _ in range(5):
        assert budget.wait(0.0) == 0.0
        budget = budget.spent(0.0)
    assert budget.wait(0.0) == 4.0
    assert budget.wait(4.0) == 0.0
    # A clock that goes back gives nothing away.
    assert budget.wait(-100.0) == 4.0


def test_texts_are_joined_while_they_fit() -> None:
    assert join_count(["а" * 4, "б" * 4, "в"], 10, "utf16") == 2
    assert join_count(["а" * 20, "б"], 10, "utf16") == 1
    assert join_count(["👋👋", "👋👋"], 10, "utf16") == 2
    assert join_count(["👋👋", "👋👋👋"], 10, "utf16") == 1
    assert join_count([], 10, "utf16") == 0
