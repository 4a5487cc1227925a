"""Words and formats of both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inbox.runtime.languages import choose_language, language, zone

NBSP = "\u00a0"
MOSCOW = "Europe/Moscow"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RU, EN = language("ru"), language("en")

DURATIONS = {
    0: "0 с",
    40: "40 с",
    72: "1 мин 12 с",
    60: "1 мин",
    2280: "38 мин",
    11_400: "3 ч 10 мин",
    7200: "2 ч",
    187_200: "2 д 4 ч",
}


@pytest.mark.parametrize(("seconds", "words"), DURATIONS.items())
def test_waits_in_at_most_two_units(seconds: int, words: str) -> None:
    assert RU.duration(seconds).replace(NBSP, " ") == words


def test_a_number_is_never_torn_from_its_unit() -> None:
    assert RU.duration(72) == f"1{NBSP}мин 12{NBSP}с"
    assert EN.size(188_416) == f"184{NBSP}KB"
    assert RU.percent(0.825) == f"82,5{NBSP}%"


def test_a_sentence_keeps_what_a_platform_said_behind_it() -> None:
    assert RU.gettext("VK refuses this message: Access denied: 15") == "VK отклоняет это сообщение: Access denied: 15"
    assert RU.gettext("VK refuses this message.") == "VK отклоняет это сообщение."
    assert RU.gettext("Nobody knows this: 15") == "Nobody knows this: 15"
    assert EN.gettext("VK refuses this message: Access denied") == "VK refuses this message: Access denied"
    assert RU.gettext("Yandex Direct · oak tables") == "Яндекс Директ · oak tables"
    assert RU.gettext("newsletter · spring") == "newsletter · spring"


def test_plurals_take_the_right_form() -> None:
    pair = ("%(num)s dialog", "%(num)s dialogs")
    forms = {number: RU.ngettext(*pair, number) for number in (1, 2, 5, 11, 21, 104, 112)}
    assert [form.removeprefix("%(num)s ") for form in forms.values()] == [
        "диалог", "диалога", "диалогов", "диалогов", "диалог", "диалога", "диалогов",
    ]  # fmt: skip
    assert EN.ngettext(*pair, 1) == "%(num)s dialog"
    assert EN.ngettext(*pair, 2) == "%(num)s dialogs"


def test_days_are_those_of_the_viewer() -> None:
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
    assert RU.day(late, MOSCOW, NOW) == "Сегодня, 24 ноября"
    assert RU.day(late, "UTC", NOW) == "Вчера, 23 ноября"
    assert EN.day(datetime(2025, 1, 2, tzinfo=UTC), "UTC", NOW) == "2 January 2025"
    assert RU.short(late, MOSCOW, NOW) == "00:30"
    assert RU.short(late, "UTC", NOW) == f"23{NBSP}нояб."


@pytest.mark.parametrize(
    ("wanted", "accepted", "code"),
    [
        ("ru", "en", "ru"),
        (None, "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        (None, "fr,en;q=0.5", "en"),
        ("xx", "", "en"),
        (None, "de", "en"),
    ],
)
def test_the_person_chooses_then_the_browser(wanted: str | None, accepted: str, code: str) -> None:
    assert choose_language(wanted, accepted).code == code


@pytest.mark.parametrize("name", ["Nowhere/City", "", "../../etc/passwd", "\x00"])
def test_a_bad_zone_does_not_break_a_page(name: str) -> None:
    assert zone(name).key == "UTC"
