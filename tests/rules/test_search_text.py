"""One form of text for searching."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.search_text import digits, excerpt, normalise, other_layout, words

NORMALISED = {
    "case": ("ПРИВЕТ Hello", "привет hello"),
    "ё is е": ("Ёлка ещё", "елка еще"),
    "ё written as two characters": ("е\u0308лка", "елка"),
    "й written as two characters": ("мои\u0306", "мой"),
    "sharp s": ("Straße", "strasse"),
    "wide digits": ("１２３", "123"),
}


@pytest.mark.parametrize(("text", "expected"), NORMALISED.values(), ids=NORMALISED.keys())
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_case_never_matters(text: str) -> None:
    assert words(text.casefold()) == words(text)


def test_words() -> None:
    assert words("Стол «Дубрава-2», 4500 ₽_x!") == ("стол", "дубрава", "2", "4500", "x")
    assert words("…") == ()


LAYOUTS = {
    "russian typed in latin": ("ghbdtn", "привет"),
    "latin typed in russian": ("руддщ", "hello"),
    "upper case": ("Ghbdtn", "Привет"),
    "letters that are signs": ("[ktt,", "хлееб"),
    "ё": ("`krf", "ёлка"),
    "both alphabets were meant": ("iPhone чехол", "iPhone чехол"),
    "no letters": ("123 [", "123 ["),
}


@pytest.mark.parametrize(("text", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_other_layout(text: str, expected: str) -> None:
    assert other_layout(text) == expected


@given(st.text(st.sampled_from("абвгдеёжзийклмнопрстуфхцчшщъыьэюя"), min_size=1))
def test_the_layout_there_and_back(text: str) -> None:
    if any(letter.isascii() and letter.isalpha() for letter in other_layout(text)):
        assert other_layout(other_layout(text)) == text


def test_digits() -> None:
    assert digits("+7 (917) 123-45-67") == "79171234567"
    assert digits("٣") == ""


def test_an_excerpt_begins_before_the_first_word_that_fits() -> None:
    text = "Здравствуйте! Подскажите, пожалуйста, есть ли у вас дубовые столы, и сколько стоит стол на заказ?"
    pieces = excerpt(text, lambda word: word.startswith("стол"))
    assert "".join(piece for piece, _ in pieces).startswith("…есть ли у вас дубовые столы,")
    assert [piece for piece, hit in pieces if hit] == ["столы", "стол"]


def test_an_excerpt_of_a_long_text_fits_a_line_and_loses_no_letter() -> None:
    text = "ёлка " * 1000
    pieces = excerpt(text, lambda word: word == "елка")
    assert "".join(piece for piece, _ in pieces) == text[:200]
    assert excerpt("", lambda word: True) == ()
    assert excerpt("нет такого", lambda word: False) == (("нет такого", False),)
