"""What slow answers cost, worked out by hand."""

from __future__ import annotations

import pytest

from inbox.rules.verdicts import NOTHING, Yield, lost_leads


@pytest.mark.parametrize(
    ("fast", "slow", "expected"),
    [
        # 40 % of the quick ones and 10 % of 50 late ones: 15 of them would have come.
        (Yield(30, 20, 8), Yield(60, 50, 5), 15),
        # The late ones did better: nothing was lost.
        (Yield(10, 10, 1), Yield(10, 10, 5), 0),
        (Yield(10, 0, 0), Yield(10, 10, 5), None),
        (Yield(10, 10, 1), NOTHING, None),
    ],
)
def test_lost_leads(fast: Yield, slow: Yield, expected: int | None) -> None:
    assert lost_leads(fast, slow) == expected


def test_a_share_stands_on_the_judged_ones() -> None:
    assert Yield(100, 4, 1).share == 0.25
    assert NOTHING.share is None
    assert Yield(1, 1, 0) + Yield(2, 1, 1) == Yield(3, 2, 1)
