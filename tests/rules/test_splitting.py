"""Cutting long texts: at the kindest place, and always so that the pieces are the text again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.rules.splitting import split_text, text_length, utf16_units

FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇷🇺"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

SPLITS = {
    "nothing": ("", 10, ()),
    "it fits": ("привет", 6, ("привет",)),
    "words": ("один два три", 9, ("один два ", "три")),
    "a line before words": ("один два\nтри четыре", 14, ("один два\n", "три четыре")),
    "a paragraph before lines": ("aa\n\nbb\nbb", 8, ("aa\n\n", "bb\nbb")),
    "a sentence before words": ("Да, есть. Нет ещё.", 15, ("Да, есть. ", "Нет ещё.")),
    "a sentence in quotes": ("«Да есть!» Нет ещё", 16, ("«Да есть!» ", "Нет ещё")),
    "a paragraph that fills too little is not worth it": ("a\n\nbbbb bbbb bbbb", 10, ("a\n\nbbbb ", "bbbb bbbb")),
    "one long word": ("абвгдежз", 3, ("абв", "где", "жз")),
    "spaces are kept": ("a   b", 4, ("a   ", "b")),
    "an address is not cut": ("см (https://a.example/b)", 12, ("см ", "(", "https://a.ex", "ample/b)")),
    "an address moves on whole": ("«https://a.example/b", 19, ("«", "https://a.example/b")),
    "an emoji of several": (f"ab{FAMILY}", 5, ("ab", FAMILY)),
    "a flag": (f"abc{FLAG}", 4, ("abc", FLAG)),
    "two flags": (FLAG * 2, 3, (FLAG, FLAG)),
    "a skin tone": ("a👍🏽", 2, ("a", "👍🏽")),
    "a flag of tags": (f"ab{ENGLAND}", 8, ("ab", ENGLAND)),
    "a keycap": ("ab1\ufe0f\u20e3", 4, ("ab", "1\ufe0f\u20e3")),
    "an accent": ("abe\u0301", 3, ("ab", "e\u0301")),
    "one emoji beyond the limit": (FAMILY, 2, ("👨\u200d", "👩\u200d", "👧")),
    "a line end of old computers": ("ab\rcd", 3, ("ab\r", "cd")),
    "a pair of surrogates": ("a\ud800\udc00", 2, ("a", "\ud800\udc00")),
    "a lone surrogate": ("\ud83dab\ude00c", 2, ("\ud83da", "b\ude00", "c")),
    "the first and the last of flags": ("ab🇦🇿", 3, ("ab", "🇦🇿")),
    "a line end of two signs": ("abc\r\ndef", 4, ("abc", "\r\nde", "f")),
}


@pytest.mark.parametrize(("text", "limit", "expected"), SPLITS.values(), ids=SPLITS.keys())
def test_split_text(text: str, limit: int, expected: tuple[str, ...]) -> None:
    assert split_text(text, limit) == expected


def test_utf16_counts_two_units_beyond_the_basic_plane() -> None:
    assert (utf16_units("я👍"), text_length("я👍"), text_length("я👍", "utf16")) == (3, 2, 3)
    assert split_text("👍👍👍", 4, "utf16") == ("👍👍", "👍")
    assert split_text("👍👍👍", 5, "utf16") == ("👍👍", "👍")
    assert split_text("я👍", 2, "utf16") == ("я", "👍")


def test_an_unknown_unit_or_a_useless_limit_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        split_text("a", 10, "bytes")
    with pytest.raises(ValueError, match="two units"):
        split_text("a", 1)


def test_limit_plus_one() -> None:
    text = "слово " * 683
    assert len(text[:4097]) == 4097
    first, second = split_text(text[:4097], 4096)
    assert len(first) <= 4096
    assert first + second == text[:4097]


PIECES = st.sampled_from(
    ["слово", " ", "\n", "\n\n", ". ", "!", FAMILY, FLAG, "👍🏽", "e\u0301", "https://a.example/" + "x" * 20, "«", "\r\n", "\u200d", "🇷"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)


@given(TEXTS, st.integers(2, 60), st.sampled_from(["codepoints", "utf16"]))
@settings(deadline=None)
def test_the_pieces_are_the_text_and_each_fits(text: str, limit: int, unit: str) -> None:
    pieces = split_text(text, limit, unit)
    assert "".join(pieces) == text
    assert all(0 < text_length(piece, unit) <= limit for piece in pieces)


@given(st.lists(st.sampled_from([FAMILY, FLAG, "👍🏽", "я", " "]), max_size=40).map("".join), st.integers(12, 30))
@settings(deadline=None)
def test_no_visible_character_is_cut(text: str, limit: int) -> None:
    for piece in split_text(text, limit, "utf16"):
        left = piece.replace(FAMILY, "").replace(FLAG, "").replace("👍🏽", "")
        assert set(left) <= {"я", " "}


@given(st.lists(st.sampled_from(["https://a.example/xyz", "да", "нет.", "\n"]), max_size=30).map(" ".join))
@settings(deadline=None)
def test_no_address_is_cut(text: str) -> None:
    pieces = split_text(text, 25)
    assert sum(piece.count("https://a.example/xyz") for piece in pieces) == text.count("https://a.example/xyz")
