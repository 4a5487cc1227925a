"""Names from strangers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.names import MAX_NAME, clean_name, first_name, initials

CLEANED = {
    "spaces": ("  Вера \n\t Ким ", "Вера Ким"),
    "control characters": ("Ве\x00ра\x07", "Вера"),
    "text that turns round": ("Вера\u202eexe.txt", "Вераexe.txt"),
    "invisible spaces": ("Ве\u200bра\ufeff", "Вера"),
    "markup is only text": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "an emoji of several": ("Вера 👩\u200d🚀", "Вера 👩\u200d🚀"),
    "a flag of tags": ("Вера \U0001f3f4\U000e0067\U000e007f", "Вера \U0001f3f4\U000e0067\U000e007f"),
    "a lone surrogate": ("Ве\ud83dра", "Вера"),
    "nothing": ("\u202e \n", ""),
}


@pytest.mark.parametrize(("name", "expected"), CLEANED.values(), ids=CLEANED.keys())
def test_clean_name(name: str, expected: str) -> None:
    assert clean_name(name) == expected


def test_a_long_name_is_cut() -> None:
    assert clean_name("а" * 10_000) == "а" * MAX_NAME
    assert clean_name("аб вг", 3) == "аб"
    assert clean_name("\u202e" * 20 + "Вера", 4) == "Вера"


@given(st.text(), st.integers(1, 50))
def test_a_clean_name_is_one_short_line_and_stays_as_it_is(name: str, limit: int) -> None:
    cleaned = clean_name(name, limit)
    assert len(cleaned) <= limit
    assert cleaned == cleaned.strip()
    assert clean_name(cleaned, limit) == cleaned
    assert not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in cleaned)
    cleaned.encode("utf-8")


FIRST = {
    "two words": ("Вера Ким", "Вера"),
    "a sign before": ("★ Вера", "Вера"),
    "a comma": ("Вера, Москва", "Вера"),
    "one word": ("Вера", "Вера"),
    "no letters": ("★ ☆", "★ ☆"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("name", "expected"), FIRST.values(), ids=FIRST.keys())
def test_first_name(name: str, expected: str) -> None:
    assert first_name(name) == expected


INITIALS = {
    "two words": ("вера ким", "ВК"),
    "three words": ("Вера Олеговна Ким", "ВО"),
    "one word": ("Вера", "В"),
    "signs are no letters": ("★ (вера) «ким»", "ВК"),
    "digits": ("79171234567", "7"),
    "a letter that grows": ("ßeta", "S"),
    "a sign": ("★★", "★"),
    "emoji": ("🌸 🌿", "🌸"),
    "one emoji of many signs": ("👩🏽‍💻👍", "👩🏽‍💻"),
    "a flag": ("🇷🇺🇷🇺", "🇷🇺"),
    "nothing": ("  ", ""),
}


@pytest.mark.parametrize(("name", "expected"), INITIALS.values(), ids=INITIALS.keys())
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected
