"""What each event of Odnoklassniki means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Card, CardKind, Media, MediaKind, MessageReceived, Profile
from connectors.ok import CONNECTOR
from connectors.ok_parse import parse
from tests.connectors.accounts import ACCOUNTS, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CHAT = "chat:C3ecb9d02a600"
MARINA = Profile("Марина Ким")


def mid(number: int) -> str:
    return f"mid:C3ecb9d02a600.15cea67d78d{number:04x}"


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CHAT, "external_id": mid(number), "text": text, "at": AT, "profile": MARINA}
    return MessageReceived(**{**values, **parts})


def picture(number: int) -> Media:
    return Media(MediaKind.IMAGE, ref=f"https://i.mycdn.me/i?r={number}")


def link(url: str) -> tuple[Card, ...]:
    return (Card(CardKind.LINK, url, url=url),)


PARSE: dict[str, MessageReceived] = {
    "text": said(1, "Стол 220 есть в дубе? 🙂"),
    "text_without_a_type_or_a_name": said(2, "Здравствуйте", profile=None),
    "picture_with_words": said(3, "Вот такой дуб", media=(picture(1),)),
    "two_pictures_and_a_file": said(
        4,
        "Смотрите",
        media=(
            picture(1),
            picture(2),
            Media(MediaKind.FILE, "Смета кухня.pdf", ref="https://fd.mycdn.me/f?id=1"),
        ),
    ),
    "voice_message": said(5, media=(Media(MediaKind.VOICE, ref="https://a.mycdn.me/v?id=1"),)),
    "film": said(6, cards=link("https://ok.ru/video/1")),
    "sticker": said(7, media=(Media(MediaKind.IMAGE, "sticker", ref="https://st.mycdn.me/s1.png"),)),
    "shared_link": said(8, "https://shop.example.com/220", cards=link("https://shop.example.com/220")),
    "contact": said(9, cards=(Card(CardKind.PERSON, "Пётр Столяр", phone="+79171234567"),)),
    "place": said(10, cards=(Card(CardKind.PLACE, latitude=55.751244, longitude=37.618423),)),
    "present": said(11, unsupported="present"),
    "single_attachment": said(12, "Вот", media=(picture(3),)),
    "reply": said(13, "Этот", reply_to=mid(1)),
    "button_pressed": said(0, "Да, беру", external_id="press-cb-1", reply_to=mid(1)),
    "button_without_words_pressed": said(0, external_id="press-cb-2", profile=None, unsupported="button without words"),
}


def read(body: bytes) -> Any:
    values = ACCOUNTS["ok"].config("https://platform.example")
    return parse(ACCOUNTS["ok"].request(body, values), config_of(CONNECTOR))


def test_every_payload_has_its_meaning() -> None:
    assert set(PARSE) == set(bodies("ok"))


@pytest.mark.parametrize("name", PARSE)
def test_a_payload_means(name: str) -> None:
    parsed = read(bodies("ok")[name])
    assert parsed.events == (PARSE[name],)
    assert parsed.dedupe_key == f"group:52990000000000-{PARSE[name].external_id}"


@pytest.mark.parametrize("kind", ["CHAT_SYSTEM", "HOLOGRAM_SHOWN"])
def test_what_says_nothing_to_us_is_no_event(kind: str) -> None:
    body = f'{{"webhookType":"{kind}","recipient":{{"chat_id":"{CHAT}"}},"message":{{"mid":"mid:1"}}}}'
    assert read(body.encode()).events == ()
