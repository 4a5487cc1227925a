"""What each callback of Viber means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from viberbot import Api, BotConfiguration

from connectors.contract import (
    Card,
    CardKind,
    ContactStoppedUs,
    InboundEvent,
    Media,
    MediaKind,
    MessageReceived,
    Parsed,
    Profile,
    Referral,
    Reply,
    Request,
    Started,
    StatusChanged,
    Unauthorized,
)
from connectors.viber import CONNECTOR
from connectors.viber_parse import parse, verify
from tests.connectors.accounts import ACCOUNTS, NOW, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CLIENT = "01234567890A="
MARINA = Profile("Марина Ким", language="ru", wanted=True, attributes={"country": "BY"})
OURS = "4912661846655238145"
KEPT = "https://dl-media.viber.com/1"


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CLIENT, "external_id": f"49126618466552381{number:02}", "text": text, "at": AT}
    return MessageReceived(**{**values, "profile": MARINA, "window_seconds": 86_400, **parts})


PARSE: dict[str, InboundEvent | tuple[InboundEvent, ...]] = {
    "text": said(1, "Стол 220 есть в дубе? 🙂"),
    "picture_with_words": said(
        2,
        "Вот такой дуб",
        media=(
            Media(
                MediaKind.IMAGE,
                "IMG_1.jpg",
                "",
                81234,
                "https://dl-media.viber.com/1/share/2/long/vibes/icon/image/0x0/a1.jpg",
            ),
        ),
    ),
    "film": said(3, media=(Media(MediaKind.VIDEO, "film.mp4", "", 1048576, f"{KEPT}/a2.mp4"),)),
    "file": said(4, media=(Media(MediaKind.FILE, "Смета кухня.pdf", "", 48213, f"{KEPT}/a3.pdf"),)),
    "sticker_with_a_picture": said(
        5, media=(Media(MediaKind.IMAGE, "sticker", ref="https://content.cdn.viber.com/stickers/46105.png"),)
    ),
    "sticker_without_a_picture": said(6, unsupported="sticker"),
    "contact": said(7, cards=(Card(CardKind.PERSON, "Пётр Столяр", phone="+375291234567"),)),
    "place": said(8, cards=(Card(CardKind.PLACE, latitude=53.9006, longitude=27.559),)),
    "link": said(9, cards=(Card(CardKind.LINK, url="https://shop.example.com/220"),)),
    "button_pressed": said(10, "Да, беру"),
    "unknown_future_kind": said(11, unsupported="hologram 3d"),
    "file_of_unknown_size": said(12, media=(Media(MediaKind.FILE, "план.zip", ref=f"{KEPT}/a5"),)),
    "delivered": StatusChanged(OURS, "delivered", AT),
    "seen": StatusChanged(OURS, "read", AT),
    "failed": StatusChanged(
        OURS, "failed", AT, "Viber could not hand this over: failure description", error_code="rejected"
    ),
    "subscribed": (Started(CLIENT, MARINA, None, AT), ContactStoppedUs(CLIENT, stopped=False, at=AT)),
    "unsubscribed": ContactStoppedUs(CLIENT, stopped=True, at=AT),
    "dialog_opened": Started(CLIENT, MARINA, None, AT),
    "dialog_opened_by_a_link": Started(CLIENT, MARINA, Referral(kind="deep_link", token="Zk3_f-9QpT"), AT),
    "dialog_opened_by_a_subscriber": (
        Started(CLIENT, MARINA, None, AT),
        ContactStoppedUs(CLIENT, stopped=False, at=AT),
    ),
    "dialog_opened_without_a_token": Started(CLIENT, MARINA, None, AT),
}


def read(body: bytes) -> Parsed:
    values = ACCOUNTS["viber"].config("https://platform.example")
    return parse(ACCOUNTS["viber"].request(body, values), config_of(CONNECTOR))


def test_every_payload_has_its_meaning() -> None:
    assert set(PARSE) == set(bodies("viber"))


@pytest.mark.parametrize("name", PARSE)
def test_a_payload_means(name: str) -> None:
    parsed = read(bodies("viber")[name])
    meant = PARSE[name]
    assert parsed.events == (meant if isinstance(meant, tuple) else (meant,))


def test_callbacks_are_told_apart() -> None:
    keys = [read(body).dedupe_key for body in bodies("viber").values()]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_opening_the_dialog_is_answered_with_the_welcome_once_there_is_one() -> None:
    config = config_of(CONNECTOR)
    request = Request("POST", {}, {}, bodies("viber")["dialog_opened"], NOW)
    reply = parse(request, config).reply
    words = {"sender": {"name": "Дубрава"}, "type": "text", "text": "Здравствуйте! Напишите, чем помочь."}
    assert (orjson.loads(reply.body), reply.content_type) == (words, "application/json")
    assert parse(request, config.model_copy(update={"welcome": " "})).reply == Reply()
    assert read(bodies("viber")["text"]).reply == Reply()


@pytest.mark.parametrize("kind", ["webhook", "client_status", "hologram_shown"])
def test_what_says_nothing_to_us_is_no_event(kind: str) -> None:
    body = orjson.dumps({"event": kind, "timestamp": 1_790_000_000_000, "message_token": 1})
    assert read(body) == Parsed()


@pytest.mark.parametrize("name", PARSE)
def test_the_signature_is_the_one_that_viber_makes(name: str) -> None:
    """Viber's own program takes what we take, and refuses what we refuse."""
    config = config_of(CONNECTOR)
    viber = Api(BotConfiguration(config.token, "Дубрава", ""))
    request = ACCOUNTS["viber"].request(bodies("viber")[name], {"token": config.token})
    signature = request.headers["x-viber-content-signature"]
    assert viber.verify_signature(request.body, signature)
    verify(request, config)
    for body, given in ((request.body + b" ", signature), (request.body, signature[:-1]), (b"", signature)):
        assert not viber.verify_signature(body, given)
        with pytest.raises(Unauthorized):
            verify(replace(request, body=body, headers={"x-viber-content-signature": given}), config)


def test_a_signature_of_bytes_that_are_no_text_is_checked_too() -> None:
    config = config_of(CONNECTOR)
    viber = Api(BotConfiguration(config.token, "", ""))
    request = ACCOUNTS["viber"].request(b"\xff\xfe{", {"token": config.token})
    verify(request, config)
    assert viber.verify_signature(request.body, request.headers["x-viber-content-signature"])
