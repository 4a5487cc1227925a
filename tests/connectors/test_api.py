"""The generic signed channel: what each body means, what each answer of the customer's system means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from connectors.api import CONNECTOR, Config, parse, send, verify
from connectors.contract import (
    ChannelMisconfigured,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    OutgoingMedia,
    Profile,
    Referral,
    Rejected,
    Request,
    SendError,
    StatusChanged,
    Throttled,
    TooLarge,
    Typing,
    Unauthorized,
    Unreachable,
)
from inbox.runtime.net import GuardedNet
from tests.connectors.accounts import ACCOUNTS, NOW, bodies, outgoing
from tests.platforms.customer import Customer
from tests.platforms.loopback import Answer, running
from tests.server import new_secret

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECRET = new_secret()


def message(external_id: str, text: str = "", **parts: Any) -> MessageReceived:
    return MessageReceived(**{"address": "client-7", "external_id": external_id, "text": text, **parts})


def file(kind: MediaKind, ref: str, mime: str, name: str = "") -> Media:
    return Media(kind, name, mime, None, ref)


LINK = "https://files.example.com"
MARINA = Profile(
    "Марина Белова",
    "+7 917 123-45-67",
    "Marina@Example.com",
    "marina_b",
    "ru",
    "Europe/Samara",
    attributes={"city": "Самара"},
)
UTM = Referral(
    kind="utm", source="yandex", medium="cpc", campaign="столы", content="ad-17", term="стол дуб", click_id_kind="yclid",
    click_id="7700077", metrica_client_id="1690000000123", landing_url="https://shop.example.com/?utm_source=yandex",
    page_url="https://shop.example.com/tables", referrer="https://yandex.ru/",
)  # fmt: skip
AD = Referral(kind="ad", source="facebook", ad_id="120210000000", click_id_kind="click_id", click_id="IwAR0")

# The name of the file is the sentence: what happened at the customer's.
PARSE: dict[str, InboundEvent] = {
    "message_text": message("m-1", "Стол 220 есть в дубе? 🙂", at=NOON, profile=MARINA),
    "message_with_numeric_ids": MessageReceived(
        "9007199254740993", "18446744073709551615", "Алло", datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    ),
    "message_with_milliseconds": message(
        "m-2", "Можно завтра?", at=datetime(2026, 9, 21, 14, 13, 20, 500_000, tzinfo=UTC)
    ),
    "message_with_unusable_time": message("m-3", "Когда?"),
    "message_time_without_zone": message("m-4", "Во сколько?"),
    "message_empty_values": message("m-14", referral=Referral()),
    "attachment_by_link": message(
        "m-5",
        "Вот план",
        media=(
            file(MediaKind.FILE, f"{LINK}/plan.pdf", "application/pdf", "план кухни.pdf"),
            file(MediaKind.IMAGE, f"{LINK}/oak.jpg", "image/jpeg"),
        ),
    ),
    "attachment_inline": message("m-6", media=(file(MediaKind.FILE, "inline:0", "text/plain", "note.txt"),)),
    "voice_message": message("m-7", media=(file(MediaKind.AUDIO, f"{LINK}/v/1.ogg", "audio/ogg; codecs=opus"),)),
    "reply_to": message("m-8", "Да, этот", reply_to="m-1"),
    "source_utm": message("m-9", "Здравствуйте", address="client-8", referral=UTM),
    "source_ad": message("m-10", "Ещё продаёте?", address="client-9", referral=AD),
    "echo": Echo("client-7", "m-11", "Да, есть", NOON + timedelta(minutes=5), author="Анна"),
    "edited": MessageEdited("m-1", "Стол 240 есть в дубе?", NOON + timedelta(minutes=1)),
    "deleted": MessageDeleted("m-1"),
    "status_delivered": StatusChanged("m12-c0ffee", "delivered"),
    "status_read": StatusChanged("m12-c0ffee", "read"),
    "status_failed": StatusChanged("m12-c0ffee", "failed", error="Номер не обслуживается"),
    "typing": Typing("client-7"),
    "unknown_type": message("m-13", profile=Profile(name="Марина"), unsupported="sticker"),
}


def config(url: str = "", **parts: str) -> Config:
    return Config.model_validate({"secret": SECRET, "url": url, **parts})


def test_every_captured_body_has_its_row() -> None:
    assert set(bodies("api")) == set(PARSE)
    assert len(PARSE) >= 12


@pytest.mark.parametrize(("name", "expected"), PARSE.items(), ids=PARSE)
def test_parse(name: str, expected: InboundEvent) -> None:
    values = ACCOUNTS["api"].config("")
    parsed = parse(ACCOUNTS["api"].request(bodies("api")[name], values), config())
    assert parsed.events == (expected,)
    assert parsed.dedupe_key == "evt-1"
    assert (parsed.reply.status, parsed.reply.body) == (200, b'{"ok":true}')


async def photo() -> bytes:
    return b"..."


PHOTO = OutgoingMedia(MediaKind.IMAGE, "дуб.jpg", "image/jpeg", 81_234, photo, "https://inbox.example.com/files/t0ken")
TEXT = {
    "type": "message",
    "contact": {"external_id": "client-7"},
    "message": {
        "id": "m12-c0ffee",
        "text": "Да, есть",
        "reply_to": None,
        "author": "",
        "timestamp": "2026-11-24T09:00:00+00:00",
        "attachments": [],
    },
}
WITH_PHOTO = {
    "url": "https://inbox.example.com/files/t0ken",
    "mime": "image/jpeg",
    "filename": "дуб.jpg",
    "size": 81_234,
}


def body(**parts: Any) -> dict[str, Any]:
    return {**TEXT, "message": {**TEXT["message"], **parts}}


# What is handed over, what the customer's system answers, the body it must have got, and what comes of it.
SEND: dict[str, tuple[dict[str, Any], Answer | None, dict[str, Any], tuple[str, ...] | SendError]] = {
    "taken with an id of their own": ({}, Answer(body=b'{"external_id": "crm-9"}'), TEXT, ("crm-9",)),
    "taken with a numeric id": ({}, Answer(body=b'{"external_id": 99}'), TEXT, ("99",)),
    "taken without a word": ({}, Answer(204, b""), TEXT, ("m12-c0ffee",)),
    "an id that is none is as good as no id": ({}, Answer(body=b'{"external_id": true}'), TEXT, ("m12-c0ffee",)),
    "kept by the healthy system": ({}, None, TEXT, ("crm-m12-c0ffee",)),
    "a reply by a named person": (
        {"reply_to": "m-1", "agent_name": "Анна"},
        None,
        body(reply_to="m-1", author="Анна"),
        ("crm-m12-c0ffee",),
    ),
    "a picture without words": (
        {"text": "", "media": (PHOTO,)},
        None,
        body(text="", attachments=[WITH_PHOTO]),
        ("crm-m12-c0ffee",),
    ),
    "they ask to wait": ({}, Answer(429, headers={"Retry-After": "7"}), TEXT, Throttled("", 7.0)),
    "they ask to wait until a date": (
        {},
        Answer(429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        TEXT,
        Throttled("", None),
    ),
    "they took too long": ({}, Answer(408), TEXT, Unreachable("", maybe_sent=True)),
    "they are down": ({}, Answer(503), TEXT, Unreachable("", maybe_sent=True)),
    "their secret is another": ({}, Answer(401), TEXT, ChannelMisconfigured()),
    "the address is gone": ({}, Answer(410), TEXT, ChannelMisconfigured()),
    "too large for them": ({}, Answer(413), TEXT, TooLarge()),
    "they refuse the message": ({}, Answer(422), TEXT, Rejected()),
    "they moved and we follow nobody": (
        {},
        Answer(302, headers={"Location": "https://evil.example"}),
        TEXT,
        Rejected(),
    ),
}


@pytest.mark.parametrize(("parts", "answer", "expected", "result"), SEND.values(), ids=SEND)
async def test_send(
    parts: dict[str, Any], answer: Answer | None, expected: dict[str, Any], result: tuple[str, ...] | SendError
) -> None:
    net = GuardedNet(allow_private=True)
    await net.open()
    async with running(Customer(SECRET), [answer] if answer else []) as customer:
        given: Any
        try:
            given = tuple(await send(outgoing(**parts), config(f"{customer.url}/answers"), net))
        except SendError as error:
            given = error
        asked = customer.asked
        assert [(request.method, request.path) for request in asked] == [("POST", "/answers")]
        assert orjson.loads(asked[0].body) == expected
        assert customer.signed_by_us(asked[0])
    await net.close()
    if isinstance(result, SendError):
        assert type(given) is type(result)
        for name in ("retry_after", "maybe_sent"):
            assert getattr(given, name, None) == getattr(result, name, None)
        assert given.reason
    else:
        assert given == result


async def test_the_same_message_again_is_kept_once_by_its_id() -> None:
    net = GuardedNet(allow_private=True)
    await net.open()
    async with running(Customer(SECRET)) as customer:
        for _ in range(3):
            await send(outgoing(), config(customer.url), net)
        assert (len(customer.kept), customer.repeated) == (1, 2)
    await net.close()


async def test_without_an_address_nothing_can_go_out() -> None:
    with pytest.raises(ChannelMisconfigured):
        await send(outgoing(), config(), GuardedNet(allow_private=True))


def signed(secret: str, body_: bytes, at: datetime = NOW, **changes: str) -> Request:
    headers = Customer(secret).sign("msg_42", body_, at)
    return Request("POST", {}, {**headers, **changes}, body_, NOW)


def test_what_the_independent_package_signs_opens_the_door() -> None:
    text = '{"contact": {"external_id": "Клиент 7"}}'.encode()
    verify(signed(SECRET, text), config())
    verify(signed(SECRET, text), config(secret=new_secret(), old_secret=SECRET))
    both = f"v1,{'A' * 43}= {signed(SECRET, text).headers['webhook-signature']}"
    verify(signed(SECRET, text, **{"webhook-signature": both}), config())
    for wrong in (signed(new_secret(), text), replace(signed(SECRET, text), body=text + b" ")):
        with pytest.raises(Unauthorized):
            verify(wrong, config())


@pytest.mark.parametrize(("seconds", "open_"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_a_signature_is_good_for_five_minutes(seconds: int, open_: bool) -> None:
    request = signed(SECRET, b"{}", NOW + timedelta(seconds=seconds))
    if open_:
        verify(request, config())
    else:
        with pytest.raises(Unauthorized):
            verify(request, config())


async def test_our_signature_convinces_the_independent_package() -> None:
    now = datetime.now(UTC)
    net = GuardedNet(allow_private=True)
    await net.open()
    async with running(Customer(SECRET)) as customer:
        await send(outgoing(now=now), config(customer.url), net)
        asked = customer.asked[0]
    await net.close()
    assert Webhook(SECRET).verify(asked.body, dict(asked.headers)) == TEXT
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(asked.body, dict(asked.headers))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "whsec_ключ", "whsec_" + "A" * 20, "нет"])
def test_a_secret_that_could_be_guessed_is_refused(secret: str) -> None:
    if secret:
        with pytest.raises(ValueError):
            config(secret=secret)
    else:
        with pytest.raises(Unauthorized):
            verify(signed(SECRET, b"{}"), config().model_copy(update={"secret": ""}))


def test_bytes_that_came_inline_are_read_from_the_kept_body() -> None:
    request = ACCOUNTS["api"].request(bodies("api")["attachment_inline"], ACCOUNTS["api"].config(""))
    assert CONNECTOR.inline_media is not None
    assert CONNECTOR.inline_media(request, config(), "inline:0") == "Привет".encode()
    assert CONNECTOR.inline_media(request, config(), f"{LINK}/plan.pdf") is None
    for wrong in ("inline:1", "inline:-1", "inline:x", "inline:"):
        with pytest.raises(Rejected):
            CONNECTOR.inline_media(request, config(), wrong)


@pytest.mark.parametrize("attachment", [{}, {"base64": ""}, {"base64": "не base64"}, {"url": "", "mime": "image/png"}])
def test_a_file_that_is_neither_a_link_nor_bytes_says_so(attachment: dict[str, str]) -> None:
    text = orjson.dumps({"contact": {"external_id": "c"}, "message": {"external_id": "m", "attachments": [attachment]}})
    request = ACCOUNTS["api"].request(text, ACCOUNTS["api"].config(""))
    (event,) = parse(request, config()).events
    assert isinstance(event, MessageReceived)
    assert CONNECTOR.inline_media is not None
    with pytest.raises(Rejected):
        CONNECTOR.inline_media(request, config(), event.media[0].ref or "")
