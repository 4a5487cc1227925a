"""Filling the gaps of templates that a platform has approved."""

from __future__ import annotations

import pytest

from inbox.rules.approved_templates import MAX_VALUE, Piece, fill, pieces

PARTS = {"header": "Заказ {{1}}", "body": "{{1}}, готово. {{ when }}?", "footer": "Дубрава {{1}}"}
GAPS = [("header", "1"), ("body", "1"), ("body", "when")]


def test_each_part_has_its_own_gaps() -> None:
    filled = fill(PARTS, GAPS, {("header", "1"): "№ 7", ("body", "1"): "Марина", ("body", "when"): "В пятницу"})
    assert filled.text == "Заказ № 7\n\nМарина, готово. В пятницу?\n\nДубрава {{1}}"
    assert filled.values == (("header", "1", "№ 7"), ("body", "1", "Марина"), ("body", "when", "В пятницу"))
    assert filled.missing == ()


def test_what_nobody_wrote_is_missing_and_stays_to_be_seen() -> None:
    filled = fill(PARTS, GAPS, {("header", "1"): "№ 7", ("body", "1"): " \n ", ("body", "other"): "x"})
    assert filled.missing == (("body", "1"), ("body", "when"))
    assert "{{1}}, готово. {{ when }}?" in filled.text


@pytest.mark.parametrize(
    ("written", "value"),
    [("в\nпятницу\t утром", "в пятницу утром"), ("я" * (MAX_VALUE + 9), "я" * MAX_VALUE), ("{{when}}", "{{when}}")],
)
def test_a_value_is_one_bounded_line_and_is_not_read_again(written: str, value: str) -> None:
    filled = fill({"body": "{{1}}"}, [("body", "1")], {("body", "1"): written})
    assert (filled.text, filled.values) == (value, (("body", "1", value),))


def test_an_empty_part_leaves_no_gap_between_the_others() -> None:
    assert fill({"header": "", "body": "Да", "footer": " "}, [], {}).text == "Да"


def test_pieces_follow_the_text() -> None:
    assert pieces("body", "{{1}}, {{2}}!") == (
        Piece("{{1}}", ("body", "1")),
        Piece(", "),
        Piece("{{2}}", ("body", "2")),
        Piece("!"),
    )
    assert pieces("body", "{1} {{ }} {{a b}}") == (Piece("{1} {{ }} {{a b}}"),)
