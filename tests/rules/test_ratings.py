"""What counts as a rating."""

from __future__ import annotations

import pytest

from inbox.rules.ratings import read_rating


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
