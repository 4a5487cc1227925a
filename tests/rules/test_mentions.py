"""@Name in a note."""

from __future__ import annotations

import pytest

from inbox.rules.mentions import mention_spans, mentioned

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


SPANS = {
    "a full name": ("Спроси @Анна Ким, пожалуйста", ["@Анна Ким"]),
    "a first name, also of two": ("@Пётр и @борис", ["@Пётр", "@борис"]),
    "other spaces and е for ё": ("@Борис\u00a0елкин!", ["@Борис\u00a0елкин"]),
    "a name that is not whole": ("@Аннах и x@Анна", []),
    "nobody's name": ("@Кто-то <b>", []),
}


@pytest.mark.parametrize(("text", "expected"), SPANS.values(), ids=SPANS.keys())
def test_mention_spans(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in mention_spans(text, [name for _, name in AGENTS])] == expected


def test_nothing_is_marked_when_nobody_has_a_name() -> None:
    assert mention_spans("@Анна", ["", " "]) == ()
