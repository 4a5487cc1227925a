"""What the benchmarks say about their own numbers, and that the README quotes every budget."""

from __future__ import annotations

import pytest

from tests.architecture.source import ROOT, text
from tests.load.figures import BUDGETS, INGEST, SCREEN_P50, Figure, nearest_rank, row, table, told
from tests.load.wire import request_bytes


@pytest.mark.parametrize("share, expected", [(0.5, 2), (0.99, 4), (0.25, 1), (1, 4), (0, 1), (0.51, 3)])
def test_a_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert nearest_rank([4, 1, 3, 2], share) == expected


def test_a_percentile_needs_values() -> None:
    with pytest.raises(ValueError, match="no values"):
        nearest_rank([], 0.5)


def test_a_limit_belongs_to_the_budget() -> None:
    assert Figure(INGEST, 0.25).verdict == "within"
    assert Figure(INGEST, 0.249).verdict == "over budget"
    assert Figure(SCREEN_P50, 5).verdict == "within"
    assert Figure(SCREEN_P50, 5.01).verdict == "over budget"


def test_a_row_says_what_it_stands_on() -> None:
    expected = ("visitor to the agent's screen, p50 (1,400 messages)", "13.5 ms", "≤ 5 ms", "over budget")
    assert row(Figure(SCREEN_P50, 13.46, "1,400 messages")) == expected
    assert table([expected]).splitlines()[-1] == "| " + " | ".join(expected) + " |"


@pytest.mark.parametrize("value, expected", [(0.254, "0.25"), (12.34, "12.3"), (649.7, "650"), (2, "2")])
def test_numbers_are_short(value: float, expected: str) -> None:
    assert told(value, "") == expected


def test_a_request_is_what_goes_over_the_wire() -> None:
    sent = request_bytes("http://127.0.0.1:80/hooks/x", {"webhook-id": "1"}, "ё".encode())
    assert (
        sent == "POST /hooks/x HTTP/1.1\r\nHost: 127.0.0.1:80\r\nContent-Length: 2\r\nwebhook-id: 1\r\n\r\nё".encode()
    )


def test_the_readme_quotes_every_budget() -> None:
    page = text(ROOT / "README.md")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    quoted = {cells[0]: cells[1] for cells in rows if len(cells) == 3}
    assert {budget.what: quoted.get(budget.what) for budget in BUDGETS} == {
        budget.what: budget.words() for budget in BUDGETS
    }
