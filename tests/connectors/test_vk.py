"""What each event of VK means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract import (
    Card,
    CardKind,
    ContactStoppedUs,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageEdited,
    MessageReceived,
    Profile,
    Reacted,
    Referral,
    Reply,
    Started,
    StatusChanged,
    Typing,
    Unauthorized,
)
from connectors.vk import CONNECTOR
from connectors.vk_ids import dedup_key_of, random_id
from connectors.vk_parse import parse, verify
from tests.connectors.accounts import ACCOUNTS, NOW, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CLIENT = "700100200"
MARINA = Profile(language="ru", wanted=True)
SITE = "https://vk.com"
CDN = "https://sun9-1.userapi.com"
LARGE = Media(MediaKind.IMAGE, ref=f"{CDN}/impg/base.jpg")
MARK = "Zk3_f-9QpT"


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CLIENT, "external_id": f"{CLIENT}:{number}", "text": text, "at": AT, "profile": MARINA}
    return MessageReceived(**{**values, **parts})


def answered(number: int, text: str = "", **parts: Any) -> Echo:
    return Echo(**{"address": CLIENT, "external_id": f"{CLIENT}:{number}", "text": text, "at": AT, **parts})


def page(title: str, url: str, text: str = "") -> tuple[Card, ...]:
    return (Card(CardKind.LINK, title, text, url),)


def picture(url: str, name: str = "") -> tuple[Media, ...]:
    return (Media(MediaKind.IMAGE, name, ref=url),)


PRODUCT = Card(CardKind.LISTING, "Стол 220, дуб", "45 900 ₽", f"{SITE}/market-204000101_5501")
ESTIMATE = Media(
    MediaKind.FILE, "Смета кухня.pdf", "", 48213, f"{SITE}/doc700100200_655000111?hash=abc&dl=def&api=1&no_preview=1"
)

PARSE: dict[str, InboundEvent | tuple[InboundEvent, ...]] = {
    "text": said(42, "Стол 220 есть в дубе? 🙂"),
    "text_from_an_english_app": said(43, "Do you ship abroad?", profile=Profile(language="en", wanted=True)),
    "text_by_a_link_with_a_mark": said(
        44, "Здравствуйте", referral=Referral(kind="deep_link", source="vk_ads", token=MARK)
    ),
    "start_button": Started(CLIENT, MARINA, None, AT),
    "start_button_by_a_link": Started(CLIENT, MARINA, Referral(kind="deep_link", token=MARK), AT),
    "button_of_ours_pressed": said(47, "Да, беру"),
    "photo_with_words": said(48, "Вот такой дуб", media=(LARGE,)),
    "several_photos_and_a_file": said(
        49, "Три вида", media=(LARGE, Media(MediaKind.IMAGE, ref=f"{CDN}/impg/x.jpg"), ESTIMATE)
    ),
    "animation": said(
        50, media=(Media(MediaKind.IMAGE, "cat.gif", "", 8213, f"{SITE}/doc700100200_655000112?hash=abc"),)
    ),
    "voice_message": said(
        51, media=(Media(MediaKind.VOICE, "", "audio/mpeg", None, "https://psv4.userapi.com/s/v1/amsg/voice.mp3"),)
    ),
    "sticker": said(52, media=picture(f"{SITE}/sticker/1-14-512", "sticker")),
    "graffiti": said(53, media=picture(f"{CDN}/graffiti.png", "graffiti")),
    "gift": said(54, "С праздником!", media=picture(f"{SITE}/images/gift/1200/256.jpg", "gift")),
    "video": said(55, cards=page("Скрипит ящик", f"{SITE}/video700100200_456239020_vk3y", "Вот так")),
    "music": said(56, cards=page("Мебель – Песня", f"{SITE}/audio700100200_456239030")),
    "wall_post": said(
        57, "Это ещё действует?", cards=page("Столы из дуба до пятницы дешевле", f"{SITE}/wall-204000101_77")
    ),
    "question_about_a_product": said(
        58,
        "Есть в наличии?",
        cards=(PRODUCT,),
        referral=Referral(kind="listing", source="vk", content="Стол 220, дуб", confidence="ad"),
    ),
    "link": said(59, "https://shop.example.com/220", cards=page("Стол 220", "https://shop.example.com/220", "Из дуба")),
    "poll": said(60, cards=(Card(CardKind.POLL, "Какой цвет?", "– Дуб\n– Орех"),)),
    "story": said(61, cards=page(f"{SITE}/story700100200_456239050_st", f"{SITE}/story700100200_456239050_st")),
    "place": said(
        62,
        cards=(Card(CardKind.PLACE, "Неглинная улица, 8", "Москва", latitude=55.751244, longitude=37.618423),),
    ),
    "unknown_future_kind": said(63, unsupported="hologram 3d"),
    "reply": said(64, "Этот", reply_to=f"{CLIENT}:30"),
    "forwards_inside_a_forward": said(65, "Сделаем за неделю", media=(LARGE,), forwarded_from="vk.com/id700100333"),
    "answered_in_vk_by_an_administrator": answered(66, "Да, есть, 45 900 ₽"),
    "photo_sent_in_vk_by_an_administrator": answered(67, media=(LARGE,)),
    "podcast_sent_in_vk_by_an_administrator": answered(70, unsupported="podcast"),
    "our_own_answer_comes_back": answered(68, "Да, есть", dedup_key="m12", automatic=True),
    "greeting_of_the_community": answered(69, "Здравствуйте! Мы скоро ответим.", automatic=True),
    "edited": MessageEdited(f"{CLIENT}:42", "Стол 240 есть в дубе?", AT.replace(second=40)),
    "edited_in_vk_by_an_administrator": MessageEdited(f"{CLIENT}:66", "Да, есть, 44 900 ₽", AT.replace(second=50)),
    "messages_allowed": ContactStoppedUs(CLIENT, stopped=False, at=NOW),
    "messages_allowed_on_a_site": (
        Started(CLIENT, Profile(wanted=True), Referral(kind="deep_link", token=MARK), NOW),
        ContactStoppedUs(CLIENT, stopped=False, at=NOW),
    ),
    "messages_denied": ContactStoppedUs(CLIENT, stopped=True, at=NOW),
    "read": StatusChanged(f"{CLIENT}:68", "read", NOW, address=CLIENT, watermark=True),
    "read_without_a_number": StatusChanged("", "read", NOW, address=CLIENT, watermark=True),
    "typing": Typing(CLIENT),
    "reaction": Reacted(f"{CLIENT}:68", "👍", NOW),
    "reaction_that_is_new": Reacted(f"{CLIENT}:68", "✨", NOW),
    "reaction_taken_back": Reacted(f"{CLIENT}:68", "", NOW),
    "button_of_another_program_pressed": said(
        0,
        "Каталог",
        external_id=f"{CLIENT}:press-feleyinek",
        at=NOW,
        profile=Profile(wanted=True),
        reply_to=f"{CLIENT}:30",
    ),
    "button_without_words_pressed": said(
        0,
        external_id=f"{CLIENT}:press-a1b2c3",
        at=NOW,
        profile=Profile(wanted=True),
        reply_to=f"{CLIENT}:30",
        unsupported="button without words",
    ),
    "lead_form_filled": said(
        0,
        "Замер кухни\nИмя: Марина\nТелефон: +79171234567\nПочта: marina@example.com\nКогда удобно?: в субботу",
        external_id=f"{CLIENT}:lead-81",
        at=NOW,
        profile=Profile("Марина", "+79171234567", "marina@example.com", wanted=True),
        referral=Referral(kind="ad", source="vk", campaign="Замер кухни", ad_id="44551234", confidence="ad"),
    ),
    "order_in_the_shop": said(
        0,
        "Позвоните заранее",
        external_id=f"{CLIENT}:order-17",
        profile=Profile(phone="+79171234567", wanted=True),
        referral=Referral(kind="listing", source="vk", content="Стол 220, дуб × 2", confidence="ad"),
        cards=(Card(CardKind.LISTING, "№ 204-17", "Стол 220, дуб × 2\n91 800 ₽"),),
    ),
}


def read(body: bytes) -> Any:
    values = ACCOUNTS["vk"].config("https://platform.example")
    return parse(ACCOUNTS["vk"].request(body, values), config_of(CONNECTOR))


def update(kind: str, body: Any, **parts: Any) -> bytes:
    return orjson.dumps({"type": kind, "object": body, "group_id": 204000101, "event_id": "e1", **parts})


def test_every_payload_has_its_meaning() -> None:
    assert set(PARSE) == set(bodies("vk"))


@pytest.mark.parametrize("name", PARSE)
def test_a_payload_means(name: str) -> None:
    parsed = read(bodies("vk")[name])
    meant = PARSE[name]
    assert parsed.events == (meant if isinstance(meant, tuple) else (meant,))
    assert parsed.reply == Reply(200, b"ok")
    assert re.fullmatch(r"204000101-[0-9a-f]{40}", parsed.dedupe_key)


def test_a_pressed_button_of_another_program_is_confirmed() -> None:
    parsed = read(bodies("vk")["button_of_another_program_pressed"])
    assert parsed.acknowledge == (f"{CLIENT}:{CLIENT}:feleyinek",)


SILENT: dict[str, bytes] = {
    "a message in a chat of several": update(
        "message_new", {"message": {"peer_id": 2000000001, "from_id": 5, "conversation_message_id": 1, "text": "x"}}
    ),
    "somebody joined the community": update("group_join", {"user_id": 5, "join_type": "join"}),
    "a kind that is yet to come": update("message_hologram", {"user_id": 5}),
    "an edit of our own answer": update(
        "message_edit", {"peer_id": 5, "from_id": -204000101, "conversation_message_id": 1, "text": "x"}
    ),
    "the community's own reaction": update(
        "message_reaction_event", {"reacted_id": -204000101, "peer_id": 5, "cmid": 1, "reaction_id": 4}
    ),
}


@pytest.mark.parametrize("what", SILENT)
def test_what_says_nothing_to_us_is_no_event(what: str) -> None:
    parsed = read(SILENT[what])
    assert parsed.events == ()
    assert parsed.reply == Reply(200, b"ok")


def test_the_server_is_confirmed_by_the_code() -> None:
    asked = ACCOUNTS["vk"].request(b"", {"webhook_secret": ""})
    bare = replace(asked, body=b'{"type":"confirmation","group_id":204000101}')
    verify(bare, config_of(CONNECTOR))
    assert parse(bare, config_of(CONNECTOR)).reply == Reply(200, b"c0f1rm00")
    for body in (
        b'{"type":"confirmation","group_id":1}',
        b'{"type":"confirmation","group_id":204000101,"secret":"x"}',
        b'{"type":"message_new","group_id":204000101}',
    ):
        with pytest.raises(Unauthorized):
            verify(replace(asked, body=body), config_of(CONNECTOR))


def test_forwards_without_end_are_cut() -> None:
    nested: dict[str, Any] = {"from_id": 5, "text": "слово", "attachments": []}
    for _ in range(50):
        nested = {"from_id": 5, "text": "слово", "attachments": [], "fwd_messages": [nested] * 2}
        if len(orjson.dumps(nested)) > 200_000:
            break
    message = {"peer_id": 5, "from_id": 5, "conversation_message_id": 1, "fwd_messages": [nested] * 3}
    (event,) = read(update("message_new", {"message": message})).events
    assert 1 < len(event.text.splitlines()) <= 100


def test_our_number_comes_back() -> None:
    numbers = {random_id(f"m{message}-c0ffee", step) for message in (1, 2, 67_108_863) for step in range(32)}
    assert len(numbers) == 3 * 32
    assert all(0 < number < 2**31 for number in numbers)
    assert dedup_key_of(random_id("m12-c0ffee", 5)) == "m12"
    assert random_id("m12-c0ffee", 0) == random_id("m12-c0ffee", 0) != random_id("m12-c0ffee", 1)
    assert 0 <= random_id("no key of ours", 0) < 2**31
    assert dedup_key_of(0) is dedup_key_of(None) is None
