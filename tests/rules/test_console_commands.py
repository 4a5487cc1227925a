"""What a message in a console means."""

from __future__ import annotations

from datetime import datetime

import pytest

from inbox.rules.console_commands import Answer, Command, Note, Verb, named, read_message, snooze_until

NOW = datetime(2026, 11, 24, 15, 30)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Да, есть", Answer("Да, есть")),
        ("  Да  ", Answer("Да")),
        ("// цена 100", Note("цена 100")),
        ("//", Note("")),
        ("/take", Command(Verb.TAKE)),
        ("/TAKE@our_bot", Command(Verb.TAKE)),
        ("/assign  Анна Ким ", Command(Verb.ASSIGN, "Анна Ким")),
        ("/закрыть", Command(Verb.RESOLVE)),
        ("/t hello", Command(Verb.TEMPLATE, "hello")),
        ("/nonsense x", Command(None, "x")),
        ("/", Answer("/")),
        ("/1", Answer("/1")),
        ("и/или", Answer("и/или")),
        ("", Answer("")),
    ],
)
def test_the_first_signs_tell(text: str, meant: object) -> None:
    assert read_message(text) == meant


def test_an_answer_to_a_note_is_a_note_and_a_command_stays_a_command() -> None:
    assert read_message("1200", answers_note=True) == Note("1200")
    assert read_message("/take", answers_note=True) == Command(Verb.TAKE)


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("", datetime(2026, 11, 24, 16, 30)),
        ("30m", datetime(2026, 11, 24, 16, 0)),
        ("2ч", datetime(2026, 11, 24, 17, 30)),
        ("3 d", datetime(2026, 11, 27, 15, 30)),
        ("Завтра", datetime(2026, 11, 25, 9, 0)),
        ("monday", datetime(2026, 11, 30, 9, 0)),
        ("0h", None),
        ("когда-нибудь", None),
        ("9999h", None),
    ],
)
def test_until_when(words: str, until: datetime | None) -> None:
    assert snooze_until(words, NOW) == until


def test_a_name_means_one_person_or_nobody() -> None:
    people = {1: "Анна Ким", 2: "Анна Фёдорова", 3: "Пётр"}
    assert named("петр", people) == 3
    assert named("@анна к", people) == 1
    assert named("анна", people) is None
    assert named("Анна Федорова", people) == 2
    assert named("", people) is None
