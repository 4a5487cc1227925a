"""What agents do in a group of Telegram, as the product's console understands it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aiogram.types import Update

from connectors.console_events import (
    ConsoleClaimed,
    ConsoleEdited,
    ConsoleEvent,
    ConsoleLeft,
    ConsoleLinked,
    ConsoleMessage,
    ConsoleMoved,
    ConsolePerson,
    ConsolePressed,
    ConsoleThreadChanged,
)
from connectors.contract import Media, MediaKind, Parsed
from connectors.telegram import CONNECTOR
from connectors.telegram_parse import parse
from tests.connectors.accounts import ACCOUNTS, bodies, config_of

SPACE = "-1001234567890"
ANNA = ConsolePerson("101", "Аня Ким")
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def wrote(number: int, text: str = "", **parts: object) -> ConsoleMessage:
    values = {"space": SPACE, "thread": "40", "external_id": str(number), "person": ANNA, "text": text, "at": AT}
    return ConsoleMessage(**{**values, **parts})


PICTURE = Media(MediaKind.IMAGE, "", "image/jpeg", 52000, ref="AgAC2")
TOLD: dict[str, ConsoleEvent] = {
    "console_answer": wrote(51, "Да, есть"),
    "console_answer_to_a_post": wrote(52, "И доставка есть", reply_to="45"),
    "console_photo_of_an_album": wrote(53, "Вот", group="77", media=(PICTURE,)),
    "console_place": wrote(54, "https://maps.google.com/?q=55.75,37.61"),
    "console_edited": ConsoleEdited(SPACE, "40", "51", ANNA, "Да, есть две"),
    "console_topic_closed": ConsoleThreadChanged(SPACE, "40", ANNA, True),
    "console_topic_reopened": ConsoleThreadChanged(SPACE, "40", ANNA, False),
    "console_anonymous": wrote(60, "Здравствуйте", person=ConsolePerson("")),
    "console_pressed": ConsolePressed(SPACE, "40", ANNA, "take:12"),
    "console_pressed_in_private": ConsolePressed("101", None, ANNA, "take:12"),
    "console_claimed": ConsoleClaimed(SPACE, "Поддержка", ANNA, "Ab_cd-123"),
    "console_login": ConsoleLinked(ANNA, "Xy_z-9"),
    "console_group_moved": ConsoleMoved("-4004", SPACE),
    "console_bot_removed": ConsoleLeft(SPACE),
}


def read(body: bytes) -> Parsed:
    values = ACCOUNTS["telegram"].config("https://platform.example")
    return parse(ACCOUNTS["telegram"].request(body, values), config_of(CONNECTOR))


@pytest.mark.parametrize("name", TOLD)
def test_what_is_done_there_is_read(name: str) -> None:
    body = bodies("telegram")[name]
    parsed = read(body)
    assert parsed.console == (TOLD[name],)
    # Nothing of it is a client's.
    assert parsed.events == ()
    Update.model_validate_json(body)


def test_every_payload_of_the_group_has_its_row() -> None:
    assert {name for name in bodies("telegram") if name.startswith("console_")} == set(TOLD)


@pytest.mark.parametrize("name", sorted(bodies("telegram", "silent")))
def test_remarks_other_bots_and_the_common_place_say_nothing(name: str) -> None:
    body = bodies("telegram", "silent")[name]
    parsed = read(body)
    assert (parsed.console, parsed.events) == ((), ())
    Update.model_validate_json(body)


def test_a_press_is_confirmed() -> None:
    assert read(bodies("telegram")["console_pressed"]).acknowledge == ("3007000000000009",)
