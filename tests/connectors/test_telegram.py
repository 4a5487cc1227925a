"""What each update of Telegram means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from aiogram.types import Update

from connectors.contract import (
    Card,
    CardKind,
    ChannelChanged,
    ContactStoppedUs,
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
    Started,
    Unauthorized,
)
from connectors.telegram import CONNECTOR
from connectors.telegram_parse import parse, verify
from tests.connectors.accounts import ACCOUNTS, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
MARINA = Profile("Марина Ким", username="marina_kim", language="ru", wanted=True)
CHAT = "700100200"
CONNECTION = "AbCdEf_0123456789"
SHOP = f"{CONNECTION}:{CHAT}"
CHANNEL_STORY = Card(CardKind.LINK, "Дубрава мебель", url="https://t.me/dubrava_shop/s/12")


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CHAT, "external_id": f"{CHAT}:{number}", "text": text, "at": AT, "profile": MARINA}
    return MessageReceived(**{**values, **parts})


def file(kind: MediaKind, number: int, mime: str = "", name: str = "", size: int = 48213) -> tuple[Media, ...]:
    return (Media(kind, name, mime, size, f"BQACAgIAAxkBAAI{number}"),)


def picture(number: int) -> tuple[Media, ...]:
    return (Media(MediaKind.IMAGE, "", "image/jpeg", 183004, f"AgACAgIAAxkBAAI{number}"),)


def place(latitude: float, longitude: float, title: str = "", text: str = "") -> tuple[Card, ...]:
    return (Card(CardKind.PLACE, title, text, latitude=latitude, longitude=longitude),)


def answered(number: int, text: str, **parts: Any) -> Echo:
    values = {"address": SHOP, "external_id": f"{SHOP}:{number}", "text": text, "at": AT, "author": "Вера Дубова"}
    return Echo(**{**values, **parts})


PARSE: dict[str, InboundEvent] = {
    "text": said(42, "Стол 220 есть в дубе? 🙂"),
    "text_with_hidden_link": said(43, "🙂 Вот такой (https://shop.example.com/tables/220), смотрите"),
    "text_from_a_person_without_names": said(
        44, "Алло", address="700100300", external_id="700100300:44", profile=Profile(wanted=True)
    ),
    "text_from_a_person_with_an_emoji_name": said(
        45, "Шалом", address="700100301", external_id="700100301:45", profile=Profile("🌸  \u200fנועה", wanted=True)
    ),
    "photo_with_caption": said(46, "Вот такой дуб (https://oak.example.com)", media=picture(1)),
    "album_first": said(47, "Три стола", media=picture(2), group="13900000001"),
    "album_second": said(48, media=picture(3), group="13900000001"),
    "video": said(49, "Скрипит", media=file(MediaKind.VIDEO, 4, "video/mp4", "IMG_4821.MP4")),
    "voice_message": said(50, media=file(MediaKind.VOICE, 5, "audio/ogg")),
    "video_note": said(51, media=file(MediaKind.VIDEO, 6)),
    "audio": said(52, media=file(MediaKind.AUDIO, 7, "audio/mpeg", "pesnya.mp3")),
    "document": said(53, media=file(MediaKind.FILE, 8, "application/pdf", "Смета кухня.pdf")),
    "document_over_20_megabytes": said(
        54, media=file(MediaKind.FILE, 9, "application/zip", "планировки.zip", 73400320)
    ),
    "sticker": said(55, media=(Media(MediaKind.IMAGE, "sticker 👍", "image/webp", None, "BQACAgIAAxkBAAI10"),)),
    "sticker_animated": said(56, media=(Media(MediaKind.IMAGE, "sticker 🎉", "image/webp", None, "AAMCAgAD11"),)),
    "sticker_animated_without_picture": said(57, "🔥"),
    "animation": said(58, media=file(MediaKind.VIDEO, 13, "video/mp4", "cat.mp4")),
    "location": said(59, cards=place(55.751244, 37.618423)),
    "live_location": said(60, cards=place(55.751244, 37.618423)),
    "venue": said(61, cards=place(55.76, 37.62, "Салон «Дубрава»", "Неглинная, 8")),
    "contact": said(62, cards=(Card(CardKind.PERSON, "Олег", phone="+79171234567"),)),
    "poll": said(63, cards=(Card(CardKind.POLL, "Какой цвет?", "– Дуб\n– Орех"),)),
    "dice": said(64, "🎲 5"),
    "story": said(65, cards=(CHANNEL_STORY,)),
    "paid_media": said(66, "За звёзды", media=picture(14)),
    "checklist": said(67, "До субботы\n– Замер\n– Предоплата"),
    "rich_message": said(68, "Заказ\nСтол 220 (https://shop.example.com/220)"),
    "reply_with_quote": said(69, "Этот", reply_to=f"{CHAT}:30", quote="орех"),
    "reply_to_a_story": said(70, "Сколько стоит?", cards=(CHANNEL_STORY,)),
    "forward_from_a_person": said(71, "Сделаем за неделю", forwarded_from="Пётр Столяр"),
    "forward_from_a_hidden_person": said(72, "Могу скинуть чертёж", forwarded_from="Мастер"),
    "forward_from_a_channel": said(73, "Скидки до среды", forwarded_from="Дубрава мебель"),
    "edited": MessageEdited(f"{CHAT}:74", "Стол 240 есть в дубе?", AT.replace(second=40)),
    "edited_caption": MessageEdited(f"{CHAT}:75", "Вот такой орех", AT.replace(second=40)),
    "reaction": Reacted(f"{CHAT}:30", "👍✨", AT),
    "reaction_taken_back": Reacted(f"{CHAT}:30", "", AT),
    "button_pressed": said(0, "Да, беру", external_id=f"{CHAT}:press-3007000000000001", at=None, reply_to=f"{CHAT}:30"),
    "button_with_a_long_title_pressed": said(
        0,
        "Позвоните мне, пожалуйста, ближе к вечеру",
        external_id=f"{CHAT}:press-3007000000000002",
        at=None,
        reply_to=f"{CHAT}:30",
    ),
    "button_below_a_message_that_is_gone": said(
        0, "Да, беру", external_id=f"{CHAT}:press-3007000000000003", at=None, reply_to=f"{CHAT}:12"
    ),
    "bot_blocked": ContactStoppedUs(CHAT, stopped=True, at=AT),
    "bot_let_in_again": ContactStoppedUs(CHAT, stopped=False, at=AT),
    "start": Started(CHAT, MARINA, None, AT),
    "start_by_a_link": Started(CHAT, MARINA, Referral(kind="link", token="Zk3_f-9QpT"), AT),
    "gift": said(78, unsupported="gift"),
    "unknown_future_kind": said(79, unsupported="hologram"),
    "business_client_writes": said(
        80, "Здравствуйте, вы ещё работаете?", address=SHOP, external_id=f"{SHOP}:80", window_seconds=86400
    ),
    "business_owner_answers": answered(81, "Да, до восьми"),
    "business_owner_sends_a_photo": answered(82, "Вот витрина", media=picture(15)),
    "business_away_message": answered(83, "Мы закрыты, ответим утром", automatic=True),
    "business_client_edits": MessageEdited(f"{SHOP}:84", "Здравствуйте! Работаете?", AT.replace(second=25)),
    "business_connected": ChannelChanged("ok", about=CONNECTION),
    "business_may_not_answer": ChannelChanged(
        "degraded",
        "The bot may not answer for a business account. Allow it in Telegram: Telegram Business → Chatbots.",
        CONNECTION,
    ),
    "business_disconnected": ChannelChanged(
        "degraded",
        "A business account took the bot away. To go on, add it in Telegram: Telegram Business → Chatbots.",
        CONNECTION,
    ),
}


def read(body: bytes) -> Parsed:
    values = ACCOUNTS["telegram"].config("https://platform.example")
    return parse(ACCOUNTS["telegram"].request(body, values), config_of(CONNECTOR))


def tree_of(name: str) -> Any:
    return orjson.loads(bodies("telegram")[name])


@pytest.mark.parametrize("name", PARSE)
def test_an_update_means(name: str) -> None:
    assert read(bodies("telegram")[name]).events == (PARSE[name],)


def test_a_deletion_names_every_message() -> None:
    gone = (MessageDeleted(f"{SHOP}:51"), MessageDeleted(f"{SHOP}:52"))
    assert read(bodies("telegram")["business_client_deletes"]).events == gone
    # What is done in the agents' group is in test_telegram_console.
    clients = {name for name in bodies("telegram") if not name.startswith("console_")}
    assert clients == {*PARSE, "business_client_deletes"}


@pytest.mark.parametrize("name", sorted(bodies("telegram")))
def test_the_payloads_speak_telegrams_language(name: str) -> None:
    Update.model_validate(tree_of(name))


def test_an_update_is_known_by_the_bot_and_its_number() -> None:
    parsed = read(bodies("telegram")["text"])
    assert parsed.dedupe_key == "7000001-811501"
    assert parsed.acknowledge == ()


def test_a_press_is_confirmed() -> None:
    assert read(bodies("telegram")["button_pressed"]).acknowledge == ("3007000000000001",)


# What says nothing: changes to a payload that make it none of our business.
SILENT: dict[str, tuple[str, dict[str, Any]]] = {
    "a group that the bot was brought into": (
        "message",
        {"chat": {"id": -100200, "title": "Двор", "type": "supergroup"}},
    ),
    "a remark of Telegram's own": ("message", {"text": None, "pinned_message": {"message_id": 1}}),
    "our own words, sent for the business account": (
        "message",
        {"business_connection_id": CONNECTION, "sender_business_bot": {"id": 7000001, "is_bot": True}},
    ),
    "the tick of a live location": (
        "edited_message",
        {"text": None, "location": {"latitude": 1.0, "longitude": 2.0, "live_period": 900}},
    ),
    "a new picture in an album": ("edited_message", {"text": None, "media_group_id": "1", "photo": [{"file_id": "x"}]}),
    "an edit in a group": ("edited_message", {"chat": {"id": -100200, "title": "Двор", "type": "group"}}),
    "a post in a channel": ("channel_post", {}),
}


@pytest.mark.parametrize("what", SILENT)
def test_it_says_nothing(what: str) -> None:
    kind, changes = SILENT[what]
    message = {name: value for name, value in {**tree_of("text")["message"], **changes}.items() if value is not None}
    assert read(orjson.dumps({"update_id": 7, kind: message})).events == ()


def test_other_bots_words_are_automatic() -> None:
    tree = tree_of("business_owner_answers")
    tree["business_message"]["sender_business_bot"] = {"id": 42, "is_bot": True, "first_name": "Робот"}
    assert read(orjson.dumps(tree)).events == (answered(81, "Да, до восьми", author="Робот", automatic=True),)


LINKS = {
    "offsets count a surrogate pair as two": ("🙂дом", 2, 3, "🙂дом (https://x.example)"),
    "the words are the address": ("https://x.example", 0, 17, "https://x.example"),
    "the words are the address without a scheme": ("x.example/", 0, 10, "x.example/"),
    "beyond the end": ("дом", 0, 9, "дом"),
    "in the middle of a character": ("🙂", 0, 1, "🙂"),
}


@pytest.mark.parametrize("what", LINKS)
def test_a_hidden_link(what: str) -> None:
    text, offset, length, expected = LINKS[what]
    tree = tree_of("text")
    entity = {"type": "text_link", "offset": offset, "length": length, "url": "https://x.example"}
    tree["message"] |= {"text": text, "entities": [entity]}
    (event,) = read(orjson.dumps(tree)).events
    assert isinstance(event, MessageReceived)
    assert event.text == expected


def test_neighbouring_links_keep_their_places() -> None:
    tree = tree_of("text")
    links = [("a", 0, 1), ("b", 2, 1)]
    entities = [
        {"type": "text_link", "offset": offset, "length": length, "url": f"https://{name}.example"}
        for name, offset, length in links
    ]
    tree["message"] |= {"text": "1 2", "entities": entities}
    (event,) = read(orjson.dumps(tree)).events
    assert isinstance(event, MessageReceived)
    assert event.text == "1 (https://a.example) 2 (https://b.example)"


def test_a_rich_message_nested_without_end_is_cut() -> None:
    node: Any = "дно"
    for _ in range(100):
        node = {"text": [node]}
    tree = tree_of("rich_message")
    tree["message"]["rich_message"] = {"blocks": [{"text": "верх"}, {"text": node}]}
    (event,) = read(orjson.dumps(tree)).events
    assert isinstance(event, MessageReceived)
    assert event.text == "верх"


def test_nothing_heavy_is_loaded_before_telegram_is_asked() -> None:
    program = "import connectors, sys; list(connectors.every()); print('aiogram' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_calls_that_come_while_it_is_loaded_wait_for_it() -> None:
    program = """
import asyncio
from connectors.telegram import CONNECTOR
from connectors.contract import Unreachable

class Gone:
    async def request(self, *arguments, **options):
        raise Unreachable("gone")

async def main():
    config = CONNECTOR.config(token="7000001:" + "A" * 35)
    calls = [CONNECTOR.poll(config, None, Gone()) for _ in range(5)]
    first = asyncio.gather(*calls, return_exceptions=True)
    late = []
    while not first.done():
        late.append(asyncio.ensure_future(CONNECTOR.typing("7", config, Gone())))
        await asyncio.sleep(0.05)
    done = await first + await asyncio.gather(*late, return_exceptions=True)
    print({type(one).__name__ for one in done})

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'Unreachable'}"


def test_a_bot_that_is_polled_takes_no_webhook() -> None:
    body = bodies("telegram")["text"]
    request = ACCOUNTS["telegram"].request(body, {"webhook_secret": ""})
    polled = config_of(CONNECTOR).model_copy(update={"webhook_secret": ""})
    for given in (request, replace(request, headers={})):
        with pytest.raises(Unauthorized):
            verify(given, polled)


@pytest.mark.parametrize("token", ["", "123", "123:short", "12 3:" + "A" * 35, "whsec_AAAA", "https://t.me/bot"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        CONNECTOR.config.model_validate({"token": token})
