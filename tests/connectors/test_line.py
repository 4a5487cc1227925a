"""What each body of LINE means, what an answer becomes there, and what LINE's refusals become for the agent."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from linebot.v3.webhook import SignatureValidator
from sqlalchemy import select, update

from connectors.contract import (
    Button,
    Card,
    CardKind,
    ChannelMisconfigured,
    ContactStoppedUs,
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
    SendError,
    Throttled,
    Unreachable,
)
from connectors.line import CONNECTOR, entry_url
from connectors.line_parse import parse
from inbox.channel_work import locked_config
from inbox.models import Channel, Delivery
from inbox.rules.splitting import split_text
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from tests.connectors.accounts import ACCOUNTS, bodies, config_of, outgoing
from tests.faults.office import make_worker, open_equipment
from tests.platforms.line import Line, failure
from tests.platforms.loopback import Answer, Fault, running
from tests.world import World

AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
CLIENT = "U4af4980629aa4b1d9c1a5d9a5c1a5d9a"


def said(number: int, text: str = "", **parts: Any) -> MessageReceived:
    values = {"address": CLIENT, "text": text, "at": AT, "profile": Profile(wanted=True)}
    return MessageReceived(external_id=f"46841450900{number:02d}", **{**values, **parts})


def file(kind: MediaKind, number: int, name: str = "", size: int | None = None) -> tuple[Media, ...]:
    return (Media(kind, name, size=size, ref=f"46841450900{number:02d}"),)


PLACE = Card(CardKind.PLACE, "Мастерская", "Москва, ул. Дубравная, 1", latitude=55.7558, longitude=37.6173)
PARSE: dict[str, tuple[InboundEvent, ...]] = {
    "message_text": (said(1, "Стол 220 есть в дубе? 🙂"),),
    "picture": (said(2, media=file(MediaKind.IMAGE, 2)),),
    "film": (said(3, media=file(MediaKind.VIDEO, 3)),),
    "voice": (said(4, media=file(MediaKind.VOICE, 4)),),
    "file": (said(5, media=file(MediaKind.FILE, 5, "план кухни.pdf", 2138)),),
    "place": (said(6, cards=(PLACE,)),),
    "sticker": (said(7, "thanks good"),),
    "sticker_without_words": (said(8, unsupported="sticker"),),
    "reply_to_ours": (said(9, "Да, этот", reply_to="4684145090999"),),
    "came_by_a_link": (said(10, "Здравствуйте!", referral=Referral(token="k3J-x_9a")),),
    "kind_of_tomorrow": (said(11, unsupported="hologram"),),
    "taken_back": (MessageDeleted("4684145090001", AT),),
    "edited": (MessageEdited("4684145090001", "Стол 240 есть в дубе?", AT),),
    "menu_pressed": (
        MessageReceived(CLIENT, "01FZ74A0TDDPYRVKNK77XKC3ZR", "catalogue", AT, profile=Profile(wanted=True)),
    ),
    "became_a_friend": (ContactStoppedUs(CLIENT, stopped=False, at=AT),),
    "blocked_us": (ContactStoppedUs(CLIENT, stopped=True, at=AT),),
    "batch_of_two_people_and_a_group": (
        said(12, "Раз"),
        MessageReceived("U2", "468414509013", "Два", AT, profile=Profile(wanted=True)),
    ),
}


def test_every_captured_body_has_its_row() -> None:
    assert set(bodies("line")) == set(PARSE)
    assert len(PARSE) >= 12


@pytest.mark.parametrize(("name", "expected"), PARSE.items(), ids=PARSE)
def test_parse(name: str, expected: tuple[InboundEvent, ...]) -> None:
    request = ACCOUNTS["line"].request(bodies("line")[name], ACCOUNTS["line"].config(""))
    # LINE's own package agrees with the signature that opens our door.
    validator = SignatureValidator("line-secret-0001")
    assert validator.validate(request.body.decode(), request.headers["x-line-signature"])
    parsed = parse(request, config_of(CONNECTOR))
    assert parsed.events == expected
    assert parsed.unread == ""


def test_an_event_that_cannot_be_read_keeps_the_body_and_the_others() -> None:
    tree = orjson.loads(bodies("line")["batch_of_two_people_and_a_group"])
    del tree["events"][0]["message"]["id"]
    parsed = parse(ACCOUNTS["line"].request(orjson.dumps(tree), ACCOUNTS["line"].config("")), config_of(CONNECTOR))
    assert parsed.events == PARSE["batch_of_two_people_and_a_group"][1:]
    assert "id" in parsed.unread


def test_a_link_carries_the_mark() -> None:
    config = config_of(CONNECTOR).model_copy(update={"greeting": "Hi"})
    assert entry_url(config, "k3J-x_9a") == "https://line.me/R/oaMessage/%40dubrava/?Hi%20%5Bk3J-x_9a%5D"
    assert entry_url(config.model_copy(update={"basic_id": ""}), "k3J") == ""


@contextlib.asynccontextmanager
async def line() -> AsyncIterator[tuple[Line, Any, GuardedNet]]:
    net = GuardedNet(allow_private=True)
    await net.open()
    async with running(Line()) as api:
        yield api, config_of(CONNECTOR, api.url), net
    await net.close()


def answer(text: str = "Да, есть", **parts: Any) -> Any:
    return outgoing(text, **{"address": CLIENT, "parts": split_text(text, 5000, "utf16"), **parts})


async def _bytes() -> bytes:
    return b"..."


LINK = "https://inbox.example.com/files/t0ken"
PHOTO = OutgoingMedia(MediaKind.IMAGE, "дуб.jpg", "image/jpeg", 9000, _bytes, LINK)
PLAN = OutgoingMedia(MediaKind.FILE, "план.pdf", "application/pdf", 9000, _bytes, LINK)


async def test_an_answer_goes_in_one_push_with_buttons_below_its_last_message() -> None:
    async with line() as (api, config, net):
        buttons = (Button("Дуб с доставкой до самой двери"), Button("Каталог", "https://shop.example.com"))
        ids = await CONNECTOR.send(answer(media=(PHOTO, PLAN), buttons=buttons), config, net)
        assert list(ids) == ["400001", "400002", "400003"]
        assert len(api.asked) == 1
        first, second, third = (message for _, message in api.sent)
        assert first == {"type": "text", "text": "Да, есть"}
        assert second == {"type": "image", "originalContentUrl": LINK, "previewImageUrl": LINK}
        assert third["text"] == f"план.pdf\n{LINK}"
        assert [item["action"]["type"] for item in third["quickReply"]["items"]] == ["message", "uri"]


async def test_a_repeated_push_is_dropped_by_its_key_and_tells_the_same_ids() -> None:
    async with line() as (api, config, net):
        first = await CONNECTOR.send(answer(), config, net)
        assert await CONNECTOR.send(answer(), config, net) == first
        assert (len(api.sent), api.repeated) == (1, 1)
        await CONNECTOR.send(answer(dedup_key="m13-other"), config, net)
        assert len(api.sent) == 2


async def test_more_than_five_messages_are_several_pushes_and_what_is_there_is_not_sent_again() -> None:
    async with line() as (api, config, net):
        api.answers(Answer(body=orjson.dumps({"sentMessages": [{"id": str(n)} for n in range(5)]})), Answer(503))
        with pytest.raises(Unreachable) as caught:
            await CONNECTOR.send(answer(media=(PHOTO,) * 6), config, net)
        assert caught.value.sent == ("0", "1", "2", "3", "4")
        ids = await CONNECTOR.send(answer(media=(PHOTO,) * 6, done=caught.value.sent), config, net)
        assert len(ids) == 2


REFUSALS: dict[str, tuple[Answer, SendError]] = {
    "the month is used up": (failure(429, "You have reached your monthly limit."), Rejected()),
    "too often": (failure(429, "Too Many Requests"), Throttled("", None, everybody=True)),
    "the token is gone": (failure(401, "Authentication failed"), ChannelMisconfigured()),
    "nobody there": (failure(400, "The property, 'to', in the request body is invalid"), Rejected()),
    "failed there": (failure(500, "Internal"), Unreachable("", maybe_sent=True)),
    "the line breaks": (Answer(fault=Fault.RESET), Unreachable("", maybe_sent=True)),
}


@pytest.mark.parametrize(("told", "expected"), REFUSALS.values(), ids=REFUSALS)
async def test_refusals_have_their_family(told: Answer, expected: SendError) -> None:
    async with line() as (api, config, net):
        api.answers(told)
        with pytest.raises(SendError) as caught:
            await CONNECTOR.send(answer(), config, net)
    assert type(caught.value) is type(expected)
    for name in ("retry_after", "everybody", "maybe_sent"):
        assert getattr(caught.value, name, None) == getattr(expected, name, None), name
    assert caught.value.reason


async def test_connecting_health_names_files_and_typing() -> None:
    declared: Any = CONNECTOR
    async with line() as (api, blank, net):
        url = "https://inbox.example.com/hooks/line/t"
        config = await declared.connect(blank, url, net)
        assert (config.bot_id, config.basic_id, config.webhook_url, api.endpoint) == ("Ubot", "@dubrava", url, url)
        health = await declared.check(config, net)
        assert (health.state, health.facts[1]) == ("ok", ("Messages of this month", "0 / 200"))
        api.active = False
        assert (await declared.check(config, net)).state == "degraded"
        api.endpoint = "https://other.example"
        assert "another address" in (await declared.check(config, net)).reason
        found = await declared.profile(CLIENT, config, net)
        assert found == Profile("Марина", picture="https://profile.line-scdn.net/x", language="ru")
        api.files = {"1001": b"jpeg", "1002": b"film"}
        api.making_ready = {"1002"}
        assert await declared.fetch_media("1001", config, net, 100) == b"jpeg"
        with pytest.raises(Unreachable):
            await declared.fetch_media("1002", config, net, 100)
        for wrong in ("404", "https://evil.example/x", "https://line-scdn.net.evil.example/x"):
            with pytest.raises(Rejected):
                await declared.fetch_media(wrong, config, net, 100)
        await declared.typing(CLIENT, config, net)
        assert api.loading == [{"chatId": CLIENT, "loadingSeconds": 5}]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_under_faults_every_answer_arrives_once_and_in_order(world: World, tmp_path: Path, seed: int) -> None:
    async with running(Line(trouble=0.3, seed=seed)) as api, open_equipment(world, tmp_path) as equipment:
        locked = locked_config(Vault("test"), "line", ACCOUNTS["line"].config(api.url))
        row = update(Channel).where(Channel.id == world.channel_id)
        await world.write(lambda tx: tx.execute(row.values(kind="line", config=locked)))
        conversation_id = await world.conversation_of(await world.client_writes(address=CLIENT))
        texts = [f"Ответ {number}" for number in range(15)]
        for text in texts:
            await world.agent_replies(conversation_id, text)
        for turn in range(150):
            worker = make_worker(equipment)
            await worker.deliver_due()
            await worker.stop()
            states = {row.state for row in await world.rows(select(Delivery.state))}
            if states == {"sent"}:
                break
            world.clock.advance(seconds=min(5 * 1.2**turn, 400.0))
        assert states == {"sent"}
        assert api.texts(CLIENT) == texts
        assert api.repeated > 0, "some answers must have been lost on the way back"
