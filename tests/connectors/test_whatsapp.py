"""What each body of WhatsApp means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pywa.utils import webhook_updates_validator

from connectors.contract import (
    Card,
    CardKind,
    ChannelChanged,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Profile,
    Reacted,
    Referral,
    Request,
    Started,
    StatusChanged,
    Unauthorized,
)
from connectors.whatsapp import CONNECTOR, entry_url
from connectors.whatsapp_parse import addressees, parse, verify
from tests.connectors.accounts import ACCOUNTS, NOW, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
PHONE = "79171234567"
MARINA = Profile("Марина Ким", phone=f"+{PHONE}")
DAY = 24 * 3600


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": PHONE, "text": text, "at": AT, "profile": MARINA, "window_seconds": DAY}
    return MessageReceived(external_id=f"wamid.IN{number:02d}", **{**values, **parts})


def file(kind: MediaKind, number: int, mime: str, name: str = "") -> tuple[Media, ...]:
    return (Media(kind, name, mime, None, f"10033834213872{number}"),)


def status(number: int, state: str, **parts: Any) -> StatusChanged:
    return StatusChanged(f"wamid.OUT{number:02d}", state, AT, **parts)


AD = Referral(
    kind="ad", source="facebook", medium="cpc", content="Дубовые столы", ad_id="120226305854810726",
    click_id_kind="ctwa_clid", click_id="Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4",
    landing_url="https://fb.me/3cr4Wqqkv", confidence="ad",
)  # fmt: skip
PLACE = Card(CardKind.PLACE, "Мастерская", "Москва, ул. Дубравная, 1", "https://example.com/oak", "", 55.7558, 37.6173)

PARSE: dict[str, tuple[InboundEvent, ...]] = {
    "message_text": (said(1, "Стол 220 есть в дубе? 🙂"),),
    "message_with_a_username_and_no_phone": (
        said(2, "Hi", address="US.13491208655302741918", profile=Profile("Marina", username="marina.kim")),
    ),
    "message_with_a_phone_and_a_scoped_id": (
        said(
            3,
            "Это я",
            profile=Profile("Марина Ким", phone=f"+{PHONE}", username="marina.kim"),
            also=("RU.13491208655302741918",),
        ),
    ),
    "picture_with_words": (said(4, "Вот такой", media=file(MediaKind.IMAGE, 56, "image/jpeg")),),
    "voice_message": (said(5, media=file(MediaKind.VOICE, 57, "audio/ogg; codecs=opus")),),
    "document": (said(6, media=file(MediaKind.FILE, 58, "application/pdf", "план кухни.pdf")),),
    "sticker": (said(7, media=file(MediaKind.IMAGE, 59, "image/webp")),),
    "place": (said(8, cards=(PLACE,)),),
    "contacts_of_two_people": (
        said(
            9,
            cards=(Card(CardKind.PERSON, "Олег Сборщик", phone="+7 916 222-33-44"), Card(CardKind.PERSON, "Склад")),
        ),
    ),
    "reply_to_ours": (said(10, "Да, этот", reply_to="wamid.OUT01"),),
    "forwarded": (said(11, "Скидка всем", forwarded_from="WhatsApp"),),
    "template_button_pressed": (said(12, "Да, удобно", reply_to="wamid.OUT02"),),
    "reply_button_pressed": (said(13, "Дуб", reply_to="wamid.OUT03"),),
    "row_of_a_list_chosen": (said(14, "Доставка\nЗавтра до двери"),),
    "form_filled": (said(15, "Город: Самара\nДлина: 220"),),
    "basket": (said(16, "Беру", cards=(Card(CardKind.LISTING, "oak-220", "2 × 54000 RUB"),)),),
    "reaction": (Reacted("wamid.OUT01", "👍", AT),),
    "reaction_taken_back": (Reacted("wamid.OUT01", "", AT),),
    "edited": (MessageEdited("wamid.IN01", "Стол 240 есть в дубе?", AT),),
    "taken_back": (MessageDeleted("wamid.IN01", AT),),
    "number_changed": (Started("79179999999", Profile(phone="+79179999999"), at=AT, also=(PHONE,)),),
    "unsupported_kind": (said(22, unsupported="message type unknown"),),
    "kind_of_tomorrow": (said(23, unsupported="hologram"),),
    "came_by_an_ad": (said(24, "Ещё продаёте?", referral=AD),),
    "came_by_a_link": (said(25, "Здравствуйте!", referral=Referral(token="k3J-x_9a")),),
    "opened_the_chat": (Started(PHONE, MARINA, at=AT),),
    "status_delivered": (status(1, "delivered"),),
    "status_read_of_ours": (status(2, "read", dedup_key="m12-c0ffee"),),
    "status_failed_late_window": (
        status(
            3,
            "failed",
            error="More than 24 hours have passed since the client wrote.",
            error_code="window_closed",
        ),
    ),
    "status_failed_unknown_reason": (
        status(
            4,
            "failed",
            error="WhatsApp could not hand this over: Something that nobody has seen.",
            error_code="rejected",
        ),
    ),
    "answered_on_the_phone": (Echo(PHONE, "wamid.APP01", "Да, есть, в пятницу", AT),),
    "account_restricted": (
        ChannelChanged("degraded", "WhatsApp has restricted this account: see WhatsApp Manager.", "account"),
    ),
    "batch_of_two_clients_and_a_status": (
        said(27, "Раз"),
        said(28, "Два", address="79162223344", profile=Profile("Олег", phone="+79162223344")),
        status(5, "sent"),
    ),
}


def request(tree: Any) -> Request:
    return ACCOUNTS["whatsapp"].request(orjson.dumps(tree), ACCOUNTS["whatsapp"].config(""))


def read(tree: Any) -> Parsed:
    return parse(request(tree), config_of(CONNECTOR))


def tree_of(name: str) -> Any:
    return orjson.loads(bodies("whatsapp")[name])


def test_every_captured_body_has_its_row() -> None:
    assert set(bodies("whatsapp")) == set(PARSE)
    assert len(PARSE) >= 12


@pytest.mark.parametrize(("name", "expected"), PARSE.items(), ids=PARSE)
def test_parse(name: str, expected: tuple[InboundEvent, ...]) -> None:
    parsed = read(tree_of(name))
    assert parsed.events == expected
    assert parsed.unread == ""


def test_an_item_that_cannot_be_read_holds_up_no_other_and_is_not_forgotten() -> None:
    tree = tree_of("batch_of_two_clients_and_a_status")
    del tree["entry"][0]["changes"][0]["value"]["messages"][0]["id"]
    parsed = read(tree)
    assert parsed.events == PARSE["batch_of_two_clients_and_a_status"][1:]
    assert "id" in parsed.unread


def test_a_body_names_every_number_that_it_is_about() -> None:
    tree = tree_of("batch_of_two_clients_and_a_status")
    assert addressees(request(tree)) == {"106540352242922", "999"}


def test_the_signature_is_that_of_an_independent_package() -> None:
    # Meta signs the letters as it escapes them, so the bytes count and not what they mean.
    content = json.dumps(tree_of("message_text")).encode()
    digest = hmac.new(b"app-secret-0001", content, hashlib.sha256).hexdigest()
    assert webhook_updates_validator("app-secret-0001", content, f"sha256={digest}")
    signed = Request("POST", {}, {"x-hub-signature-256": f"sha256={digest}"}, content, NOW)
    verify(signed, config_of(CONNECTOR))
    for name in bodies("whatsapp"):
        proven = request(tree_of(name))
        assert webhook_updates_validator("app-secret-0001", proven.body, proven.headers["x-hub-signature-256"])


def test_whoever_knows_the_word_of_the_address_is_answered() -> None:
    assert CONNECTOR.handshake is not None
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "tok-1"}
    reply = CONNECTOR.handshake(Request("GET", query, {}, b"", NOW), "tok-1")
    assert (reply.status, reply.body) == (200, b"1158201444")
    for wrong in ({}, {"hub.verify_token": "tok-2"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": "слово"}):
        with pytest.raises(Unauthorized):
            CONNECTOR.handshake(Request("GET", {**query, **wrong} if wrong else {}, {}, b"", NOW), "tok-1")


def test_a_link_into_the_chat_is_known_again() -> None:
    config = config_of(CONNECTOR).model_copy(update={"greeting": "Здравствуйте!"})
    assert entry_url(config, "k3J-x_9a") == (
        "https://wa.me/79160000000?text=%D0%97%D0%B4%D1%80%D0%B0%D0%B2%D1%81%D1%82%D0%B2%D1%83%D0%B9%D1%82%D0%B5"
        "%21%20%5Bk3J-x_9a%5D"
    )
    assert entry_url(config.model_copy(update={"number": ""}), "k3J") == ""
    tree = tree_of("message_text")
    message = tree["entry"][0]["changes"][0]["value"]["messages"][0]
    for text, shown, token in (
        ("Здравствуйте! [k3J-x_9a]", "Здравствуйте!", "k3J-x_9a"),
        ("[k3J-x_9a]", "", "k3J-x_9a"),
        ("Стол [дуб]", "Стол [дуб]", None),
        ("[k3J] стол", "[k3J] стол", None),
    ):
        message["text"]["body"] = text
        (event,) = read(tree).events
        assert isinstance(event, MessageReceived)
        assert event.text == shown
        assert (event.referral.token if event.referral else None) == token
