"""@Name in a note."""

from __future__ import annotations

import pytest

from inbox.rules.mentions import mentioned

AGENTS = [
    (1, "Анна Ким"),
    (2, "Борис Ёлкин"),
    (3, "Анна"),
    (4, "Мария-Луиза Ос"),
    (5, "Пётр Первый"),
    (6, "Пётр Второй"),
]

MENTIONS = {
    "nobody": ("Анна Ким, посмотри", ()),
    "a full name": ("@Анна Ким, посмотри", (1,)),
    "the longest name": ("@Анна Ким", (1,)),
    "the shorter name": ("@Анна посмотри", (3,)),
    "case and ё": ("@борис елкин", (2,)),
    "other spaces": ("@Борис\u00a0\nЁлкин", (2,)),
    "two": ("@Борис Ёлкин и @Анна Ким", (2, 1)),
    "twice": ("@Анна Ким @Анна Ким", (1,)),
    "a first name that one has": ("@Борис!", (2,)),
    "a first name that two have": ("@Пётр", ()),
    "a longer word": ("@Аннаконда", ()),
    "a word one letter longer": ("@Аннах, да", ()),
    "an address": ("пишите на info@борис елкин", ()),
    "after a bracket": ("(@Анна Ким)", (1,)),
    "with a hyphen": ("@Мария-Луиза Ос", (4,)),
    "an empty sign": ("@ Анна Ким", ()),
}


@pytest.mark.parametrize(("text", "expected"), MENTIONS.values(), ids=MENTIONS.keys())
def test_mentioned(text: str, expected: tuple[int, ...]) -> None:
    assert mentioned(text, AGENTS) == expected


def test_namesakes_are_both_meant_and_nameless_agents_never() -> None:
    assert mentioned("@Анна Ким", [(1, "Анна Ким"), (7, "анна  ким"), (8, " ")]) == (1, 7)
