"""What each webhook of Twilio means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

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
    StatusChanged,
    Unauthorized,
)
from connectors.twilio import CONNECTOR
from connectors.twilio_parse import NOTHING_TO_SAY, parse, verify
from tests.connectors.accounts import ACCOUNTS, NOW, bodies, config_of
from tests.platforms.twilio import ACCOUNT, form, signed_by_the_second_program

CLIENT, CHAT = "+79171234567", "whatsapp:+79171234567"
MARINA = Profile("Марина Ким", phone=CLIENT)
FILES = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages"
HOOK = "https://inbox.example/hooks/twilio/x?a=%20b"


def sms(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CLIENT, "external_id": f"SM{number:032x}", "text": text, "at": NOW}
    return MessageReceived(**{**values, "profile": Profile(phone=CLIENT, attributes={"country": "RU"}), **parts})


def chat(number: int, text: str = "", **parts: Any) -> MessageReceived:
    return sms(number, text, **{"address": CHAT, "profile": MARINA, "window_seconds": 86_400, **parts})


def file(kind: MediaKind, message: int, number: int, mime: str) -> Media:
    return Media(kind, mime=mime, ref=f"{FILES}/MM{message:032x}/Media/ME{message * 16 + number:032x}")


def ours(number: int, state: str, *more: Any, **parts: Any) -> StatusChanged:
    return StatusChanged(f"SM{number:032x}", state, NOW, *more, **parts)


ADVERTISEMENT = Referral(
    kind="ad",
    source="facebook",
    medium="cpc",
    content="Столы из дуба",
    ad_id="120210000000000000",
    click_id_kind="ctwa_clid",
    click_id="ARAkLkA8rmlFeiCktEJQ",
    landing_url="https://fb.me/2abc",
    confidence="ad",
)
PLACE = Card(CardKind.PLACE, "Мастерская", "Москва, ул. Дубравная, 1", latitude=55.7558, longitude=37.6173)
PICTURES = (file(MediaKind.IMAGE, 3, 0, "image/jpeg"), file(MediaKind.IMAGE, 3, 1, "image/png"))
CARD_AND_FILM = (file(MediaKind.FILE, 4, 0, "text/x-vcard"), file(MediaKind.VIDEO, 4, 1, "video/mp4"))
NAMELESS = Profile(attributes={"country": "RU"})
LATE = "More than 24 hours have passed since the client wrote."

PARSE: dict[str, InboundEvent | tuple[InboundEvent, ...]] = {
    "text": sms(1, "Стол 220 есть в дубе? 🙂 + доставка & сборка = ?"),
    "long_text": sms(2, "Хочу стол. " * 150),
    "two_pictures": sms(3, "Вот такой дуб", media=PICTURES),
    "visiting_card_and_film": sms(4, media=CARD_AND_FILM),
    "stop": (sms(5, "Stop "), ContactStoppedUs(CLIENT, stopped=True, at=NOW)),
    "start": (sms(6, "START"), ContactStoppedUs(CLIENT, stopped=False, at=NOW)),
    "stop_in_own_words": (sms(7, "Не пишите мне"), ContactStoppedUs(CLIENT, stopped=True, at=NOW)),
    "help": sms(8, "HELP"),
    "empty_message": sms(9, unsupported="empty message"),
    "from_a_name": sms(10, "Ваш код 1234", address="Sberbank", profile=NAMELESS),
    "field_of_tomorrow": sms(11, "Да"),
    "whatsapp_text": chat(12, "Здравствуйте"),
    "whatsapp_voice": chat(13, media=(file(MediaKind.VOICE, 13, 0, "audio/ogg; codecs=opus"),)),
    "whatsapp_document": chat(14, "смета.pdf", media=(file(MediaKind.FILE, 14, 0, "application/pdf"),)),
    "whatsapp_place": chat(15, cards=(PLACE,)),
    "whatsapp_button": chat(16, "Да, беру", reply_to=f"SM{900:032x}"),
    "whatsapp_advertisement": chat(17, "Сколько стоит?", referral=ADVERTISEMENT),
    "whatsapp_by_a_link": chat(18, "Здравствуйте!", referral=Referral(token="k3J-x_9a")),
    "whatsapp_known_by_two_names": chat(19, "Это я", also=("whatsapp:US.1349",)),
    "whatsapp_kind_of_tomorrow": chat(20, unsupported="hologram"),
    "whatsapp_list_row": chat(21, "Орех тёмный под заказ\nОрех тёмный под заказ, три недели", reply_to=f"SM{900:032x}"),
    "sent": ours(900, "sent"),
    "delivered": ours(900, "delivered"),
    "read": ours(900, "read"),
    "undelivered": ours(900, "failed", "The client's phone could not be reached.", error_code="rejected"),
    "failed_as_the_client_opted_out": ours(
        901, "failed", "The client has opted out of your messages.", error_code="contact_stopped"
    ),
    "failed_outside_the_window": ours(902, "failed", LATE, error_code="window_closed"),
    "failed_for_a_reason_of_tomorrow": ours(
        903, "failed", "Twilio refuses this message: twilio.com/docs/api/errors/39999", error_code="rejected"
    ),
    "failed_without_a_reason": ours(904, "failed", "Twilio could not hand this over.", error_code="rejected"),
}


def read(body: bytes) -> Parsed:
    return parse(ACCOUNTS["twilio"].request(body, ACCOUNTS["twilio"].config("https://p.example")), config_of(CONNECTOR))


def test_every_payload_has_its_meaning() -> None:
    assert set(PARSE) == set(bodies("twilio"))


@pytest.mark.parametrize("name", PARSE)
def test_a_payload_means(name: str) -> None:
    parsed = read(bodies("twilio")[name])
    meant = PARSE[name]
    assert parsed.events == (meant if isinstance(meant, tuple) else (meant,))
    assert parsed.reply == Reply(200, b"<Response/>", "text/xml"), "anything else would be sent to the client"


def test_webhooks_are_told_apart() -> None:
    keys = [read(body).dedupe_key for body in bodies("twilio").values()]
    assert all(keys)
    # One message of ours fails once in life and has one row for each of its states.
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("state", ["accepted", "queued", "sending", "hologram"])
def test_what_says_nothing_to_us_is_no_event(state: str) -> None:
    assert read(form(MessageSid="SM1", MessageStatus=state)) == Parsed(reply=NOTHING_TO_SAY)


@pytest.mark.parametrize(("latitude", "longitude"), [("91", "0"), ("0", "181"), ("nan", "0"), ("", "0"), ("1", "x")])
def test_a_place_that_is_nowhere_is_no_place(latitude: str, longitude: str) -> None:
    body = form(MessageSid="SM1", From=CHAT, Latitude=latitude, Longitude=longitude, MessageType="location")
    assert read(body).events[0] == MessageReceived(
        CHAT, "SM1", at=NOW, profile=Profile(phone=CLIENT), unsupported="location", window_seconds=86_400
    )


@pytest.mark.parametrize("word", ["STOP", "stopall", "Unsubscribe", " quit\n"])
def test_only_the_word_alone_and_only_in_an_sms_stops_us(word: str) -> None:
    stopped = ContactStoppedUs(CLIENT, stopped=True, at=NOW)
    assert read(form(MessageSid="SM1", From=CLIENT, Body=word)).events[1:] == (stopped,)
    assert read(form(MessageSid="SM1", From=CLIENT, Body=f"{word} it")).events[1:] == ()
    assert read(form(MessageSid="SM1", From=CHAT, Body=word)).events[1:] == ()


def signed(url: str, body: bytes, at: str = "") -> Request:
    headers = {"x-twilio-signature": signed_by_the_second_program(at or url, body)}
    return Request("POST", {}, headers, body, NOW, url)


@pytest.mark.parametrize("name", PARSE)
def test_the_signature_is_the_one_that_twilio_makes(name: str) -> None:
    request = signed(HOOK, bodies("twilio")[name])
    verify(request, config_of(CONNECTOR))
    for url in (HOOK.replace("https", "http"), f"{HOOK}c", HOOK.replace("%20", "+"), ""):
        with pytest.raises(Unauthorized):
            verify(replace(request, url=url), config_of(CONNECTOR))


def test_twilio_may_name_the_port_or_not() -> None:
    body = form(MessageSid="SM1", Body="a&b=c +d", Empty="", Я="ё")
    config = config_of(CONNECTOR)
    verify(signed("https://inbox.example/h", body, "https://inbox.example:443/h"), config)
    verify(signed("http://inbox.example/h", body, "http://inbox.example:80/h"), config)
    verify(signed("https://inbox.example:8443/h", body, "https://inbox.example/h"), config)
    with pytest.raises(Unauthorized):
        verify(signed("https://inbox.example/h", body, "https://inbox.example:8443/h"), config)


def test_bytes_that_are_no_text_are_no_accident() -> None:
    body = b"MessageSid=SM1&From=%2B79171234567&Body=%ff%fe&x=\xff&&=&%zz"
    with pytest.raises(Unauthorized):
        verify(
            Request("POST", {}, {"x-twilio-signature": "\udcff"}, body, NOW, "https://inbox.example/\udcff"),
            config_of(CONNECTOR),
        )
    assert parse(Request("POST", {}, {}, body, NOW), config_of(CONNECTOR)).events[0] == MessageReceived(
        CLIENT, "SM1", "\ufffd\ufffd", NOW, profile=Profile(phone=CLIENT)
    )
