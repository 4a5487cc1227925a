"""What an agent's answer becomes in Viber, what Viber's refusals become for the agent, and how a bot is connected."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.contract import (
    Button,
    ChannelMisconfigured,
    ContactStopped,
    MediaKind,
    Profile,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
)
from connectors.viber import CONNECTOR
from connectors.viber_parse import KINDS
from tests.connectors.line import Line, file, line_to
from tests.platforms.loopback import Answer, Fault
from tests.platforms.viber import TOKEN, Viber, refusal

HOOK = "https://inbox.example/hooks/viber/x"
LINK = "https://inbox.example/files/1"
PHOTO = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg", url=LINK)
LARGE_PHOTO = file(MediaKind.IMAGE, "image/jpeg", "large.jpg", b"x" * ((1 << 20) + 1), LINK)
FILM = file(MediaKind.VIDEO, "video/mp4", "film.mp4", url=LINK)
MOVIE = file(MediaKind.VIDEO, "video/quicktime", "film.mov", url=LINK)
PDF = file(MediaKind.FILE, "application/pdf", "смета.pdf", url=LINK)


@contextlib.asynccontextmanager
async def bot(**values: Any) -> AsyncIterator[tuple[Viber, Line]]:
    platform = Viber()
    platform.client.subscribed = True
    given = {"token": TOKEN, "account_name": "Дубрава", **values}
    async with line_to(platform, CONNECTOR, given, platform.client.id) as line:
        yield platform, line


# What is sent, and what then stands in the dialog: kinds and words.
SEND: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "a text": ({}, [("text", "Да, есть")]),
    "a photo with words": ({"media": (PHOTO,)}, [("picture", "Да, есть")]),
    "a photo alone": ({"text": "", "media": (PHOTO,)}, [("picture", "")]),
    "a photo beyond a megabyte": ({"media": (LARGE_PHOTO,)}, [("text", "Да, есть"), ("file", "")]),
    "a photo with many words": (
        {"text": "ы" * 513, "media": (PHOTO,)},
        [("text", "ы" * 513), ("picture", "")],
    ),
    "two photos and a film": (
        {"media": (PHOTO, PHOTO, FILM)},
        [("picture", "Да, есть"), ("picture", ""), ("video", "")],
    ),
    "a film that Viber does not play": ({"text": "", "media": (MOVIE,)}, [("file", "")]),
    "a document with words": ({"media": (PDF,)}, [("text", "Да, есть"), ("file", "")]),
    "a long text": ({"text": "ы" * 7001}, [("text", "ы" * 7000), ("text", "ы")]),
}


@pytest.mark.parametrize("what", SEND)
async def test_an_answer_becomes(what: str) -> None:
    parts, expected = SEND[what]
    async with bot() as (platform, line):
        ids = await line.send(**parts)
        there = [(one["type"], one.get("text", "")) for one in platform.client.messages.values()]
        assert there == expected
        assert ids == [str(token) for token in platform.client.messages]


async def test_files_buttons_and_names() -> None:
    async with bot(signed_by="agent") as (platform, line):
        buttons = (Button("Да, беру"), Button("На сайт", "https://shop.example.com"))
        await line.send(media=(PDF,), buttons=buttons, agent_name="Анна Константиновна Длиннофамильная")
        words, document = platform.client.messages.values()
        assert words["sender"] == {"name": "Анна Константиновна Длиннофа"}
        assert (document["media"], document["size"], document["file_name"]) == (LINK, 5, "смета.pdf")
        assert "keyboard" not in words
        pressed, opened = document["keyboard"]["Buttons"]
        assert (pressed["ActionType"], pressed["ActionBody"], pressed["Text"]) == ("reply", "Да, беру", "Да, беру")
        assert (opened["ActionType"], opened["ActionBody"]) == ("open-url", "https://shop.example.com")
    async with bot() as (platform, line):
        await line.send(agent_name="Анна")
        assert [one["sender"]["name"] for one in platform.client.messages.values()] == ["Дубрава"]


async def test_what_is_there_is_not_sent_again() -> None:
    async with bot() as (platform, line):
        first = await line.send("слово " * 2000)
        platform.client.messages.clear()
        assert len(await line.send("слово " * 2000, done=tuple(first[:1]))) == 1
        platform.refuse("send_message", Answer(200, b'{"status":0,"message_token":7}'), refusal(12))
        failed = await line.refused("слово " * 2000)
        assert isinstance(failed, Throttled)
        assert failed.sent == ("7",)


REFUSALS: dict[str, tuple[Answer, type[SendError], bool]] = {
    "a wrong token": (refusal(2), ChannelMisconfigured, False),
    "bad data": (refusal(3, "badData"), Rejected, False),
    "somebody without Viber": (refusal(5), ContactStopped, False),
    "somebody who left": (refusal(6), ContactStopped, False),
    "a blocked bot": (refusal(7), ChannelMisconfigured, False),
    "a bot that is gone": (refusal(8), ChannelMisconfigured, False),
    "a suspended bot": (refusal(9), ChannelMisconfigured, False),
    "no webhook": (refusal(10), ChannelMisconfigured, False),
    "an old phone": (refusal(11), Rejected, False),
    "too often": (refusal(12), Throttled, True),
    "not allowed": (refusal(20), Rejected, False),
    "another country": (refusal(21), Rejected, False),
    "no balance": (refusal(24), ChannelMisconfigured, False),
    "a number yet to come": (refusal(99, "generalError"), Rejected, False),
    "a closed service": (Answer(503), Unreachable, True),
    "too much": (Answer(413), TooLarge, False),
    "another answer": (Answer(200, b'{"status":"0"}'), Unreachable, True),
    "no name for the message": (Answer(200, b'{"status":0}'), Unreachable, True),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refusal_means(what: str) -> None:
    answer, kind, retryable = REFUSALS[what]
    async with bot() as (platform, line):
        platform.refuse("send_message", answer)
        error = await line.refused()
        assert (type(error), error.retryable) == (kind, retryable)
        assert error.reason


async def test_what_may_have_arrived_is_not_called_unsent() -> None:
    async with bot() as (platform, line):
        for answer, maybe in ((Answer(503), False), (Answer(500), True), (Answer(fault=Fault.RESET), True)):
            platform.refuse("send_message", answer)
            error = await line.refused()
            assert isinstance(error, Unreachable)
            assert error.maybe_sent is maybe


async def test_what_viber_cannot_take_is_said_before_it_is_asked() -> None:
    async with bot() as (platform, line):
        inside = file(MediaKind.FILE, "application/pdf", url="http://localhost:8080/files/1")
        assert isinstance(await line.refused(media=(inside,)), Rejected)
        buttons = tuple(Button("ы" * 250) for _ in range(24))
        assert isinstance(await line.refused("ы" * 7000, buttons=buttons), TooLarge)
        assert platform.asked == []


async def test_people_and_files_are_fetched() -> None:
    async with bot() as (platform, line):
        known = await CONNECTOR.profile(line.address, line.config, line.net)
        assert known == Profile("Марина Ким", picture=f"{platform.url}/files/face", language="ru")
        with pytest.raises(ContactStopped):
            await CONNECTOR.profile("nobody", line.config, line.net)
        platform.refuse("get_user_details", refusal(3), Answer(200, b'{"status":0,"user":null}'))
        assert [await CONNECTOR.profile(line.address, line.config, line.net) for _ in range(2)] == [None, None]
        platform.files["a"] = b"%PDF"
        assert await CONNECTOR.fetch_media(f"{platform.url}/files/a", line.config, line.net, 100) == b"%PDF"
        with pytest.raises(Rejected):
            await CONNECTOR.fetch_media(f"{platform.url}/files/b", line.config, line.net, 100)


async def test_a_webhook_that_is_not_ours_is_set_anew() -> None:
    async with bot() as (platform, line):
        connected = await CONNECTOR.connect(line.config, HOOK, line.net)
        assert (connected.account_id, connected.uri) == ("pa:75346594275468546724", "dubrava")
        asked = [call.path for call in platform.asked]
        assert asked == ["/pa/get_account_info"], (
            "Viber calls the webhook while it is being set: not before it is there"
        )
        platform.refuse("set_webhook", refusal(1, "invalidUrl"))
        health = await CONNECTOR.check(connected, line.net)
        assert (health.state, "domain" in health.reason) == ("degraded", True)
        for webhook, kinds in (("https://other.example", list(KINDS)), (HOOK, ["seen"])):
            platform.webhook, platform.event_types = webhook, kinds
            platform.refuse("set_webhook", Answer(200, b'{"status":0}'))
            assert (await CONNECTOR.check(connected, line.net)).state == "ok"
            sent = orjson.loads(platform.asked[-1].body)
            assert sent["url"] == HOOK
            assert {"delivered", "seen", "failed", "conversation_started", "unsubscribed"} <= set(sent["event_types"])
        platform.webhook, platform.event_types = HOOK, sent["event_types"]
        await CONNECTOR.check(connected, line.net)
        assert platform.asked[-1].path == "/pa/get_account_info"
        await CONNECTOR.disconnect(connected, line.net)
        assert platform.webhook == ""


async def test_what_cannot_be_connected_is_refused_in_words() -> None:
    async with bot() as (platform, line):
        with pytest.raises(ChannelMisconfigured, match="https"):
            await CONNECTOR.connect(line.config, "http://localhost:8080/x", line.net)
        platform.refuse("get_account_info", refusal(2), Answer(200, b'{"status":0}'))
        with pytest.raises(ChannelMisconfigured, match="token"):
            await CONNECTOR.connect(line.config, HOOK, line.net)
        with pytest.raises(Unreachable):
            await CONNECTOR.connect(line.config, HOOK, line.net)
    for wrong in ({"token": "токен"}, {"token": TOKEN, "base_url": "chatapi"}, {"token": TOKEN, "welcome": "ы" * 1001}):
        with pytest.raises(ValidationError):
            CONNECTOR.config.model_validate(wrong)


def test_links_bring_their_mark() -> None:
    assert CONNECTOR.entry_url is not None
    config = CONNECTOR.config(token=TOKEN, uri="dubrava")
    assert CONNECTOR.entry_url(config, "Zk3_f-9QpT") == "viber://pa?chatURI=dubrava&context=Zk3_f-9QpT"
    assert CONNECTOR.entry_url(CONNECTOR.config(token=TOKEN), "a") == ""
