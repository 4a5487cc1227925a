"""What each body of Instagram means. The name of a payload is the sentence: what happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import (
    Card,
    CardKind,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Profile,
    Reacted,
    Referral,
    Started,
    StatusChanged,
)
from connectors.instagram import CONNECTOR, entry_url, parse
from tests.connectors.accounts import ACCOUNTS, bodies, config_of

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CLIENT = "1254459154682919"
LOOKASIDE = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id="


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CLIENT, "text": text, "at": AT, "profile": Profile(wanted=True), "window_seconds": 86_400}
    return MessageReceived(external_id=f"m_{number:02d}", **{**values, **parts})


def file(kind: MediaKind, number: int) -> tuple[Media, ...]:
    return (Media(kind, ref=f"{LOOKASIDE}{number}&signature=a"),)


AD = Referral(
    kind="ad", source="instagram", medium="cpc", campaign="autumn", content="Дубовые столы",
    ad_id="6045246247433", confidence="ad",
)  # fmt: skip
STORY = Card(CardKind.LINK, url="https://scontent.cdninstagram.com/story.jpg")

PARSE: dict[str, tuple[InboundEvent, ...]] = {
    "message_text": (said(1, "Стол 220 есть в дубе? 🙂"),),
    "picture": (said(2, media=file(MediaKind.IMAGE, 1)),),
    "voice": (said(3, media=file(MediaKind.AUDIO, 2)),),
    "mentioned_us_in_a_story": (said(4, media=file(MediaKind.FILE, 3)),),
    "answered_our_story": (said(5, "Какая цена?", cards=(STORY,)),),
    "shared_a_post": (said(6, media=file(MediaKind.FILE, 4)),),
    "shared_a_reel": (said(7, media=file(MediaKind.FILE, 5)),),
    "heart": (said(8, "❤️"),),
    "reply_to_ours": (said(9, "Да, этот", reply_to="m_out_1"),),
    "quick_reply_pressed": (said(10, "Дуб"),),
    "ice_breaker_pressed": (said(11, "Сколько стоит доставка?"),),
    "wrote_from_an_ad": (said(12, "Цена?", referral=AD),),
    "opened_by_a_link": (Started(CLIENT, Profile(wanted=True), Referral(token="k3J-x_9a"), AT),),
    "seen": (StatusChanged("m_out_1", "read", AT, address=CLIENT, watermark=True),),
    "reaction": (Reacted("m_out_1", "❤️", AT),),
    "reaction_by_its_name": (Reacted("m_out_1", "👍", AT),),
    "unsent": (MessageDeleted("m_17", AT),),
    "edited": (MessageEdited("m_01", "Стол 240 есть в дубе?", AT),),
    "answered_in_the_app": (Echo(CLIENT, "m_e1", "Да, есть", AT),),
    "answered_by_another_program": (Echo(CLIENT, "m_e2", "Мы скоро ответим", AT, automatic=True),),
    "another_program_has_the_thread": (said(21, "Где мой заказ?"),),
    "unsupported_kind": (said(22, unsupported="something that the platform keeps to itself"),),
}


def test_every_captured_body_has_its_row() -> None:
    assert set(bodies("instagram")) == set(PARSE)
    assert len(PARSE) >= 12


@pytest.mark.parametrize(("name", "expected"), PARSE.items(), ids=PARSE)
def test_parse(name: str, expected: tuple[InboundEvent, ...]) -> None:
    request = ACCOUNTS["instagram"].request(bodies("instagram")[name], ACCOUNTS["instagram"].config(""))
    parsed = parse(request, config_of(CONNECTOR))
    assert parsed.events == expected
    assert parsed.unread == ""


def test_a_link_carries_the_mark() -> None:
    config = config_of(CONNECTOR)
    assert entry_url(config, "k3J-x_9a") == "https://ig.me/m/dubrava?ref=k3J-x_9a"
    assert entry_url(config.model_copy(update={"username": ""}), "k3J") == ""
