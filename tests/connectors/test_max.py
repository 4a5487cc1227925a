"""What each update of MAX means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.contract import (
    Card,
    CardKind,
    ContactStoppedUs,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Profile,
    Referral,
    Started,
)
from connectors.max import CONNECTOR
from connectors.max_parse import parse
from tests.connectors.accounts import ACCOUNTS, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CHAT = "182182182"
MARINA = Profile("Марина Ким", username="marina_kim", language="ru", wanted=True)
ESTIMATE = Media(MediaKind.FILE, "Смета кухня.pdf", "", 48213, "https://fd.oneme.ru/getfile?id=1")


def mid(number: int) -> str:
    return f"mid.{182182182:016x}019d{number:012x}"


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CHAT, "external_id": mid(number), "text": text, "at": AT, "profile": MARINA}
    return MessageReceived(**{**values, **parts})


def picture(number: int) -> Media:
    return Media(MediaKind.IMAGE, ref=f"https://i.oneme.ru/i?r=img{number}")


PARSE: dict[str, InboundEvent | tuple[InboundEvent, ...]] = {
    "text": said(42, "Стол 220 есть в дубе? 🙂"),
    "text_with_a_hidden_link": said(43, "🙂 Вот такой (https://shop.example.com/220), смотрите"),
    "image_with_words": said(44, "Вот такой дуб", media=(picture(1),)),
    "several_images_and_a_file": said(45, "Три вида", media=(picture(1), picture(2), ESTIMATE)),
    "film": said(46, media=(Media(MediaKind.VIDEO, "", "video/mp4", None, "video:vtoken_1"),)),
    "voice_message": said(47, media=(Media(MediaKind.VOICE, ref="https://a.oneme.ru/voice?id=1"),)),
    "file": said(
        48, media=(Media(MediaKind.FILE, "планировка.zip", "", 73400320, "https://fd.oneme.ru/getfile?id=2"),)
    ),
    "sticker": said(49, media=(Media(MediaKind.IMAGE, "sticker", ref="https://st.oneme.ru/s/1.png"),)),
    "contact_of_their_own": said(50, cards=(Card(CardKind.PERSON, "Марина Ким", phone="79171234567"),)),
    "contact_without_a_phone": said(51, cards=(Card(CardKind.PERSON, "Пётр Столяр"),)),
    "place": said(52, cards=(Card(CardKind.PLACE, latitude=55.751244, longitude=37.618423),)),
    "link_with_a_preview": said(
        53,
        "https://shop.example.com/220",
        cards=(Card(CardKind.LINK, "Стол 220", "Из дуба", "https://shop.example.com/220"),),
    ),
    "unknown_future_kind": said(54, unsupported="hologram 3d"),
    "reply": said(55, "Этот", reply_to=mid(30)),
    "forward_with_a_body_of_null": said(
        0,
        "Сделаем за неделю",
        external_id=f"{mid(9)}-1790000000000",
        media=(picture(3),),
        forwarded_from="Пётр Столяр",
    ),
    "forward_with_own_words": said(57, "Вот что он пишет\nМогу за три дня", forwarded_from="Пётр Столяр"),
    "edited": MessageEdited(mid(42), "Стол 240 есть в дубе?", AT),
    "removed": MessageDeleted(mid(42), AT),
    "bot_started": (Started(CHAT, MARINA, None, AT), ContactStoppedUs(CHAT, stopped=False, at=AT)),
    "bot_started_by_a_link": (
        Started(CHAT, MARINA, Referral(kind="deep_link", token="Zk3_f-9QpT"), AT),
        ContactStoppedUs(CHAT, stopped=False, at=AT),
    ),
    "bot_stopped": ContactStoppedUs(CHAT, stopped=True, at=AT),
    "button_of_another_program_pressed": said(
        0, "Каталог", external_id="press-f9LHodD0cOJf4_DkJGeq8Bk", reply_to=mid(30)
    ),
    "button_that_is_not_there_any_more_pressed": said(
        0, "step-3", external_id="press-f9LHodD0cOJf4_DkJGeq8Bm", reply_to=mid(30)
    ),
    "button_without_words_pressed": said(
        0, external_id="press-f9LHodD0cOJf4_DkJGeq8Bn", reply_to=mid(30), unsupported="button without words"
    ),
    "message_without_a_name_of_the_client": said(58, "Алло", profile=Profile(language="ru", wanted=True)),
}


def read(body: bytes) -> Any:
    values = ACCOUNTS["max"].config("https://platform.example")
    return parse(ACCOUNTS["max"].request(body, values), config_of(CONNECTOR))


def test_every_payload_has_its_meaning() -> None:
    assert set(PARSE) == set(bodies("max"))


@pytest.mark.parametrize("name", PARSE)
def test_a_payload_means(name: str) -> None:
    parsed = read(bodies("max")[name])
    meant = PARSE[name]
    assert parsed.events == (meant if isinstance(meant, tuple) else (meant,))
    assert parsed.dedupe_key


def test_updates_are_told_apart() -> None:
    keys = [read(body).dedupe_key for body in bodies("max").values()]
    assert len(set(keys)) == len(keys) - 1, "only the two starts of one dialog at one moment look alike"
    edited = orjson.loads(bodies("max")["edited"])
    again = read(orjson.dumps({**edited, "timestamp": edited["timestamp"] + 1}))
    assert again.dedupe_key not in keys


def test_a_pressed_button_is_confirmed_also_below_a_message_that_is_gone() -> None:
    pressed = orjson.loads(bodies("max")["button_of_another_program_pressed"])
    assert read(orjson.dumps(pressed)).acknowledge == ("f9LHodD0cOJf4_DkJGeq8Bk",)
    gone = read(orjson.dumps({**pressed, "message": None}))
    assert (gone.events, gone.acknowledge) == ((), ("f9LHodD0cOJf4_DkJGeq8Bk",))


def told(kind: str = "message_created", **changes: Any) -> bytes:
    update = orjson.loads(bodies("max")["text"])
    return orjson.dumps({**update, "update_type": kind, "message": {**update["message"], **changes}})


SILENT: dict[str, bytes] = {
    "a group that the bot is in": told(recipient={"chat_id": 5, "chat_type": "chat", "user_id": None}),
    "what the bot says itself": told(sender={"user_id": 229229229, "first_name": "Дубрава", "is_bot": True}),
    "an edit of the bot's own": told("message_edited", sender={"user_id": 229229229, "first_name": "Дубрава"}),
    "a muted dialog": b'{"update_type":"dialog_muted","timestamp":1,"chat_id":5}',
    "a kind that is yet to come": b'{"update_type":"hologram_shown","timestamp":1}',
}


@pytest.mark.parametrize("what", SILENT)
def test_what_says_nothing_to_us_is_no_event(what: str) -> None:
    assert read(SILENT[what]).events == ()
