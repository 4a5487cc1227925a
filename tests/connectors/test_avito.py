"""What each message of Avito means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.avito import CONNECTOR
from connectors.avito_parse import parse
from connectors.contract import (
    Card,
    CardKind,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageReceived,
    Profile,
    Referral,
)
from tests.connectors.accounts import ACCOUNTS, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CHAT = "u2i-CHATxQ~Zk3"
LISTING = Referral(kind="listing", source="avito", content="1768287444")
PICTURE = Media(MediaKind.IMAGE, ref="https://img.avito.example/chat/1280x960/5083651369.jpg")


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CHAT, "external_id": f"{number:032x}", "text": text, "at": AT, "referral": LISTING}
    return MessageReceived(**{**values, "profile": Profile(wanted=True), **parts})


def echo(number: int, text: str = "", **parts: Any) -> Echo:
    return Echo(CHAT, f"{number:032x}", text, AT, unkeyed=True, **parts)


PARSE: dict[str, InboundEvent] = {
    "text": said(1, "Здравствуйте! Стол ещё продаёте? 🙂"),
    "text_in_a_dialog_without_a_listing": said(2, "Добрый день", address="u2u-7f", referral=None),
    "picture": said(3, media=(PICTURE,)),
    "picture_with_unusual_sizes": said(4, media=(Media(MediaKind.IMAGE, ref="https://img.avito.example/640.jpg"),)),
    "voice_message": said(5, media=(Media(MediaKind.VOICE, "", "audio/mp4", None, "voice:KxB.voice-1"),)),
    "link_with_a_preview": said(
        6, "shop.example.com/220", cards=(Card(CardKind.LINK, "Стол 220", "Из дуба", "https://shop.example.com/220"),)
    ),
    "link_without_a_preview": said(7, "shop.example.com"),
    "listing_that_was_sent": said(
        8, cards=(Card(CardKind.LISTING, "Стул дубовый", "9 000 ₽", "https://avito.ru/stul_7"),)
    ),
    "listing_without_a_price": said(9, cards=(Card(CardKind.LISTING, "Стул", "", "https://avito.ru/stul_8"),)),
    "place": said(
        10, cards=(Card(CardKind.PLACE, "Москва, Варшавское шоссе", latitude=55.599799, longitude=37.603954),)
    ),
    "missed_call": said(11, unsupported="missed call"),
    "call_in_the_app": said(12, unsupported="app call"),
    "film": said(13, unsupported="video"),
    "file": said(14, unsupported="file"),
    "unknown_future_kind": said(15, unsupported="hologram 3d"),
    "reply": said(16, "Этот", reply_to=f"{3:032x}"),
    "taken_back": MessageDeleted(f"{1:032x}", AT),
    "answered_in_avito": echo(17, "Да, продаём"),
    "picture_sent_in_avito": echo(18, media=(PICTURE,)),
    "sent_by_our_robot_at_avito": echo(19, "Дарим скидку 5 %", automatic=True),
}


def read(body: bytes) -> Any:
    values = ACCOUNTS["avito"].config("https://platform.example")
    return parse(ACCOUNTS["avito"].request(body, values), config_of(CONNECTOR))


def test_every_payload_has_its_meaning() -> None:
    assert set(PARSE) == set(bodies("avito"))


@pytest.mark.parametrize("name", PARSE)
def test_a_payload_means(name: str) -> None:
    assert read(bodies("avito")[name]).events == (PARSE[name],)


def test_messages_are_told_apart_also_from_their_being_taken_back() -> None:
    keys = {read(body).dedupe_key for body in bodies("avito").values()}
    assert len(keys) == len(PARSE)


def told(kind: str = "message", **changes: Any) -> bytes:
    value = orjson.loads(bodies("avito")["text"])["payload"]["value"]
    return orjson.dumps({"payload": {"type": kind, "value": {**value, **changes}}})


SILENT: dict[str, bytes] = {
    "a notice of Avito's": told(type="system", author_id=0),
    "a text of Avito's": told(author_id=1),
    "a kind that is yet to come": told("hologram_shown"),
}


@pytest.mark.parametrize("what", SILENT)
def test_what_says_nothing_to_us_is_no_event(what: str) -> None:
    assert read(SILENT[what]).events == ()
