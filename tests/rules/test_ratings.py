"""What counts as a rating."""

from __future__ import annotations

import pytest

from inbox.rules.ratings import is_contented, read_rating


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", (5, "")),
        (" 4! ", (4, "")),
        ("1 - долго ждал", (1, "долго ждал")),
        ("3. Нормально\nно дорого", (3, "Нормально\nно дорого")),
        ("2 стула есть?", (2, "стула есть?")),
        ("55", None),
        ("0", None),
        ("6", None),
        ("5к", None),
        ("пять", None),
        ("", None),
    ],
)
def test_reading(text: str, expected: tuple[int, str] | None) -> None:
    assert read_rating(text) == expected


@pytest.mark.parametrize(
    ("rating", "comment", "contented"),
    [
        (1, "", True),
        (5, "спасибо", True),
        (4, "спасибо", True),
        (3, "так себе", False),
        (5, "а когда привезут?", False),
    ],
)
def test_who_complains_or_asks_is_heard(rating: int, comment: str, contented: bool) -> None:
    assert is_contented(rating, comment) is contented
