"""What each body of Messenger means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pywa.utils import webhook_updates_validator

from connectors.contract import (
    Card,
    CardKind,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageEdited,
    MessageReceived,
    Profile,
    Reacted,
    Referral,
    Started,
    StatusChanged,
)
from connectors.messenger import CONNECTOR, parse
from tests.connectors.accounts import ACCOUNTS, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CLIENT = "6254938275001234"
ASK = Profile(wanted=True)
DAY = 24 * 3600
CDN = "https://cdn.fbsbx.com/v/t59"
SHOP = "https://shop.example.com/oak"


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CLIENT, "text": text, "at": AT, "profile": ASK, "window_seconds": DAY}
    return MessageReceived(external_id=f"m_{number:02d}", **{**values, **parts})


def file(kind: MediaKind, ref: str, name: str = "") -> Media:
    return Media(kind, name, ref=ref)


def ad(campaign: str = "") -> Referral:
    return Referral(
        kind="ad", source="facebook", medium="cpc", campaign=campaign, content="Дубовые столы",
        ad_id="6045246247433", confidence="ad",
    )  # fmt: skip


PARSE: dict[str, tuple[InboundEvent, ...]] = {
    "message_text": (said(1, "Стол 220 есть в дубе? 🙂"),),
    "message_with_seconds": (said(2, "Алло"),),
    "picture": (said(3, media=(file(MediaKind.IMAGE, "https://scontent.xx.fbcdn.net/v/oak.jpg?oh=1"),)),),
    "voice_and_file": (
        said(
            4,
            media=(
                file(MediaKind.AUDIO, f"{CDN}/audioclip.mp4?x=1"),
                file(MediaKind.FILE, f"{CDN}/%D0%BF%D0%BB%D0%B0%D0%BD.pdf?x=1", "план.pdf"),
            ),
        ),
    ),
    "thumb_up": (said(5, media=(file(MediaKind.IMAGE, "https://scontent.xx.fbcdn.net/v/like.png"),)),),
    "place": (said(6, cards=(Card(CardKind.PLACE, "Мастерская", latitude=55.7558, longitude=37.6173),)),),
    "link_that_facebook_opened": (said(7, SHOP, cards=(Card(CardKind.LINK, "Дубовый стол", url=SHOP),)),),
    "reply_to_ours": (said(8, "Да, этот", reply_to="m_out_1"),),
    "quick_reply_pressed": (said(9, "Дуб"),),
    "button_pressed": (said(10, "Каталог"),),
    "started_by_an_ad": (said(11, "Начать", referral=ad("autumn")),),
    "wrote_from_an_ad": (said(12, "Цена?", referral=ad()),),
    "opened_by_a_link": (Started(CLIENT, ASK, Referral(token="k3J-x_9a"), AT),),
    "opted_in": (Started(CLIENT, ASK, Referral(token="k3J-x_9b"), AT),),
    "delivered_by_ids": (StatusChanged("m_out_1", "delivered", AT), StatusChanged("m_out_2", "delivered", AT)),
    "delivered_until": (StatusChanged("", "delivered", AT, address=CLIENT, watermark=True),),
    "read_until": (StatusChanged("", "read", AT, address=CLIENT, watermark=True),),
    "reaction": (Reacted("m_out_1", "❤️", AT),),
    "reaction_taken_back": (Reacted("m_out_1", "", AT),),
    "edited": (MessageEdited("m_01", "Стол 240 есть в дубе?", AT),),
    "answered_in_the_inbox_of_facebook": (Echo(CLIENT, "m_e1", "Да, есть", AT),),
    "answered_by_another_program": (Echo(CLIENT, "m_e2", "Мы скоро ответим", AT, automatic=True),),
    "echo_of_ours": (Echo(CLIENT, "m_e3", "Да, есть", AT, dedup_key="m12-c0ffee"),),
    "another_program_has_the_thread": (said(24, "Где мой заказ?"),),
    "kind_of_tomorrow": (said(25, unsupported="hologram"),),
    "batch_of_two_entries_and_another_page": (said(26, "Раз"), said(27, "Два", address="777"), said(29, "Три")),
}


def read(body: bytes, **changed: Any) -> Any:
    request = ACCOUNTS["messenger"].request(body, ACCOUNTS["messenger"].config(""))
    assert webhook_updates_validator("app-secret-0001", request.body, request.headers["x-hub-signature-256"])
    return parse(request, config_of(CONNECTOR).model_copy(update=changed))


def test_every_captured_body_has_its_row() -> None:
    assert set(bodies("messenger")) == set(PARSE)
    assert len(PARSE) >= 12


@pytest.mark.parametrize(("name", "expected"), PARSE.items(), ids=PARSE)
def test_parse(name: str, expected: tuple[InboundEvent, ...]) -> None:
    parsed = read(bodies("messenger")[name])
    assert parsed.events == expected
    assert parsed.unread == ""


def test_with_the_permission_people_may_answer_for_a_week() -> None:
    (event,) = read(bodies("messenger")["message_text"], human_agent=True).events
    assert event.window_seconds == 7 * DAY


def test_an_echo_of_ours_without_our_mark_says_nothing_new() -> None:
    tree = orjson.loads(bodies("messenger")["echo_of_ours"])
    del tree["entry"][0]["messaging"][0]["message"]["metadata"]
    assert read(orjson.dumps(tree)).events == ()


def test_one_item_that_cannot_be_read_keeps_the_body_and_the_others() -> None:
    tree = orjson.loads(bodies("messenger")["batch_of_two_entries_and_another_page"])
    tree["entry"][0]["messaging"][0]["message"] = "?"
    parsed = read(orjson.dumps(tree))
    assert parsed.events == PARSE["batch_of_two_entries_and_another_page"][1:]
    assert parsed.unread == "a part of the body is not as the platform documents it: message"


def test_a_link_carries_the_mark() -> None:
    assert CONNECTOR.entry_url is not None
    assert CONNECTOR.entry_url(config_of(CONNECTOR), "k3J-x_9a") == "https://m.me/106540352242999?ref=k3J-x_9a"


def test_a_body_names_its_pages() -> None:
    assert CONNECTOR.addressees is not None
    body = bodies("messenger")["batch_of_two_entries_and_another_page"]
    request = ACCOUNTS["messenger"].request(body, ACCOUNTS["messenger"].config(""))
    assert CONNECTOR.addressees(request) == {"106540352242999", "999"}
