"""What an agent's answer becomes in MAX, what MAX's refusals become for the agent, and how a bot is connected."""

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
from connectors.max import CONNECTOR
from inbox.runtime.net import GuardedNet
from tests.connectors.line import Line, file, line_to
from tests.platforms.loopback import Answer, Fault
from tests.platforms.max import BOT, TOKEN, Dialog, Max, failure

CHAT = 182182182
PHOTO = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg")
FILM = file(MediaKind.VIDEO, "video/mp4", "film.mp4")
PDF = file(MediaKind.FILE, "application/pdf", "смета.pdf")
VOICE = file(MediaKind.VOICE, "audio/ogg", "voice.ogg")
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


@contextlib.asynccontextmanager
async def bot(**values: Any) -> AsyncIterator[tuple[Max, Dialog, Line]]:
    platform = Max()
    given = {"token": TOKEN, "bot_id": BOT, "username": "dubrava_bot", **values}
    async with line_to(platform, CONNECTOR, given, str(CHAT)) as line:
        yield platform, platform.dialog(CHAT), line


# What is sent, and what then stands in the dialog: words and kinds of attachments.
SEND: dict[str, tuple[dict[str, Any], list[tuple[str, list[str]]]]] = {
    "a text": ({}, [("Да, есть", [])]),
    "a photo with words": ({"media": (PHOTO,)}, [("Да, есть", ["image"])]),
    "a photo alone": ({"text": "", "media": (PHOTO,)}, [("", ["image"])]),
    "a photo and a film": ({"media": (PHOTO, FILM)}, [("Да, есть", ["image", "video"])]),
    "a drawing": ({"text": "", "media": (file(MediaKind.IMAGE, "image/svg+xml"),)}, [("", ["file"])]),
    "a document between photos": (
        {"media": (PHOTO, PDF, PHOTO)},
        [("Да, есть", ["image"]), ("", ["file"]), ("", ["image"])],
    ),
    "a voice message": ({"text": "", "media": (VOICE,)}, [("", ["audio"])]),
    "twelve photos": ({"media": (PHOTO,) * 12}, [("Да, есть", ["image"] * 11), ("", ["image"])]),
    "a long text with a file": (
        {"text": "слово " * 1000, "media": (PDF,)},
        [("слово " * 666, ["file"]), ("слово " * 334, [])],
    ),
}


@pytest.mark.parametrize("what", SEND)
async def test_an_answer_becomes(what: str) -> None:
    parts, expected = SEND[what]
    async with bot() as (_platform, dialog, line):
        ids = await line.send(**parts)
        there = [
            ((one["text"] or "").strip(), [item["type"] for item in one["attachments"]])
            for one in dialog.messages.values()
        ]
        assert there == [(text.strip(), kinds) for text, kinds in expected]
        assert ids == list(dialog.messages)


async def test_buttons_quotes_and_names_of_files() -> None:
    async with bot() as (platform, dialog, line):
        asked = platform.writes("Есть?")
        buttons = (Button("Да, беру"), Button("На сайт", "https://shop.example.com"))
        await line.send(reply_to=asked, buttons=buttons, media=(PHOTO,))
        sent = list(dialog.messages.values())[-1]
        assert sent["link"] == {"type": "reply", "mid": asked}
        photo, keyboard = sent["attachments"]
        assert photo == {"type": "image", "payload": {"photos": {"k1": {"token": "image-1"}}}}
        assert keyboard["payload"]["buttons"] == [
            [{"type": "message", "text": "Да, беру"}],
            [{"type": "link", "text": "На сайт", "url": "https://shop.example.com"}],
        ]
        await line.send(text="", media=(FILM,))
        assert list(dialog.messages.values())[-1]["attachments"][0]["payload"] == {"token": "video-2"}


async def test_a_file_that_is_worked_on_is_waited_for() -> None:
    async with bot() as (platform, dialog, line):
        platform.not_ready = 2
        await line.send(media=(PDF,))
        assert dialog.texts() == ["Да, есть"]
        assert [path for _, path, _ in platform.calls].count("/uploads") == 1


async def test_what_is_there_is_not_sent_again() -> None:
    async with bot() as (platform, dialog, line):
        platform.refuse("/messages")
        first = await line.send("слово " * 1000)
        dialog.messages.clear()
        rest = await line.send("слово " * 1000, done=tuple(first[:1]))
        assert len(rest) == 1
        platform.answers(Answer(200, b'{"message":{"body":{"mid":"mid.1"}}}'), Answer(429, b"{}", {"Retry-After": "3"}))
        failed = await line.refused("слово " * 1000)
        assert isinstance(failed, Throttled)
        assert (failed.sent, failed.retry_after) == (("mid.1",), 3)


REFUSALS: dict[str, tuple[Answer, type[SendError], bool]] = {
    "a token that is no more": (failure(401, "verify.token"), ChannelMisconfigured, False),
    "a client who stopped the bot": (failure(403, "chat.denied", "error.dialog.suspended"), ContactStopped, False),
    "a dialog that is not there": (failure(404, "chat.not.found", "Chat not found"), ContactStopped, False),
    "a message that is not there": (failure(404, "not.found", "Message"), Rejected, False),
    "too often": (failure(429, "too.many.requests"), Throttled, True),
    "too large": (failure(413, "size"), TooLarge, False),
    "not allowed": (failure(400, "proto.payload", "text: size"), Rejected, False),
    "a closed service": (failure(503, "service.unavailable"), Unreachable, True),
    "no success": (Answer(200, b'{"success":false,"message":"no"}'), Rejected, False),
    "another answer": (Answer(200, b'{"message":{}}'), Unreachable, True),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refusal_means(what: str) -> None:
    answer, kind, retryable = REFUSALS[what]
    async with bot() as (platform, _dialog, line):
        platform.refuse("/messages", answer)
        error = await line.refused()
        assert (type(error), error.retryable) == (kind, retryable)
        assert error.reason


async def test_what_may_have_arrived_is_not_called_unsent() -> None:
    async with bot() as (platform, _dialog, line):
        for answer, maybe in ((Answer(503), False), (Answer(500), True), (Answer(fault=Fault.RESET), True)):
            platform.refuse("/messages", answer)
            error = await line.refused()
            assert isinstance(error, Unreachable)
            assert error.maybe_sent is maybe


async def test_what_cannot_be_sent_is_said() -> None:
    async with bot() as (platform, _dialog, line):
        assert isinstance(await line.refused(media=(file(MediaKind.FILE, "", "setup.exe"),)), Rejected)
        assert isinstance(await line.refused(address="marina"), Rejected)
        assert isinstance(await line.refused(address="5"), ContactStopped)
        platform.refuse("/uploads", Answer(200, b'{"x":1}'))
        assert isinstance(await line.refused(media=(PHOTO,)), Unreachable)


async def test_changes_reach_the_client() -> None:
    async with bot() as (platform, dialog, line):
        ids = await line.send(media=(PHOTO,))
        await CONNECTOR.edit(line.change(*ids, text="Нет", caption=True), line.config, line.net)
        (changed,) = dialog.messages.values()
        assert (changed["text"], changed["attachments"][0]["type"]) == ("Нет", "image")
        await CONNECTOR.delete(line.change(*ids), line.config, line.net)
        assert dialog.messages == {}
        with pytest.raises(Rejected):
            await CONNECTOR.delete(line.change(*ids), line.config, line.net)
        await CONNECTOR.typing(line.address, line.config, line.net)
        await CONNECTOR.mark_read(line.address, ids[0], line.config, line.net)
        assert dialog.actions == ["typing_on", "mark_seen"]
        await CONNECTOR.acknowledge("c1", line.config, line.net)
        assert platform.calls[-1][1] == "/answers"


async def test_people_and_files_are_fetched() -> None:
    async with bot() as (platform, _dialog, line):
        known = await CONNECTOR.profile(str(CHAT), line.config, line.net)
        assert known == Profile("Марина Ким", username="marina_kim", picture=f"{platform.url}/files/face")
        with pytest.raises(ContactStopped):
            await CONNECTOR.profile("5", line.config, line.net)
        platform.files |= {"vtoken_1": b"film", "a": b"%PDF"}
        assert await CONNECTOR.fetch_media("video:vtoken_1", line.config, line.net, 100) == b"film"
        assert await CONNECTOR.fetch_media(f"{platform.url}/files/a", line.config, line.net, 100) == b"%PDF"
        platform.refuse("/videos/v2", Answer(200, b'{"urls":null}'))
        for ref in (f"{platform.url}/files/b", "video:v2"):
            with pytest.raises(Rejected):
                await CONNECTOR.fetch_media(ref, line.config, line.net, 100)


async def test_news_are_asked_for_where_nobody_can_call_us() -> None:
    async with bot() as (platform, _dialog, line):
        platform.subscriptions["https://other.example"] = {
            "url": "https://other.example",
            "update_types": [],
            "time": 1,
        }
        connected = await CONNECTOR.connect(line.config, "http://localhost:8080/hooks/max/x", line.net)
        assert platform.subscriptions == {}
        assert CONNECTOR.is_polled(connected)
        assert (connected.bot_id, connected.username) == (BOT, "dubrava_bot")
        platform.writes("Первое")
        first = await CONNECTOR.poll(connected, None, line.net)
        assert [orjson.loads(body)["message"]["body"]["text"] for body in first.bodies] == ["Первое"]
        silent = await CONNECTOR.poll(connected, first.cursor, line.net)
        assert (silent.bodies, silent.cursor) == ((), "1")
        assert (await CONNECTOR.check(connected, line.net)).state == "ok"
        platform.subscriptions["https://other.example"] = {
            "url": "https://other.example",
            "update_types": [],
            "time": 1,
        }
        assert (await CONNECTOR.check(connected, line.net)).state == "degraded"


async def test_a_webhook_that_max_dropped_is_set_anew() -> None:
    async with bot() as (platform, _dialog, line):
        connected = await CONNECTOR.connect(line.config, "https://inbox.example/hooks/max/x", line.net)
        assert not CONNECTOR.is_polled(connected)
        for _ in range(2):
            platform.subscriptions.clear()
            assert (await CONNECTOR.check(connected, line.net)).state == "ok"
            assert list(platform.subscriptions) == ["https://inbox.example/hooks/max/x"]
        platform.subscriptions["https://inbox.example/hooks/max/x"]["update_types"] = ["message_created"]
        await CONNECTOR.check(connected, line.net)
        assert "bot_started" in platform.subscriptions["https://inbox.example/hooks/max/x"]["update_types"]
        await CONNECTOR.disconnect(connected, line.net)
        assert platform.subscriptions == {}


async def test_what_cannot_be_connected_is_refused_in_words() -> None:
    async with bot(way="webhook") as (platform, _dialog, line):
        with pytest.raises(ChannelMisconfigured, match="https"):
            await CONNECTOR.connect(line.config, "http://localhost:8080/x", line.net)
        platform.refuse("/me", failure(401, "verify.token", "Invalid access_token"))
        with pytest.raises(ChannelMisconfigured, match="token"):
            await CONNECTOR.connect(line.config, "https://inbox.example/x", line.net)


class Witness(GuardedNet):
    """A network that keeps which authorities each request trusts, and reaches the fake without TLS."""

    def __init__(self) -> None:
        super().__init__(allow_private=True)
        self.trusted: list[str] = []

    async def request(self, method: str, url: str, **options: Any) -> Any:
        """As the real one."""
        self.trusted.append(options.pop("authorities", ""))
        return await super().request(method, url, **options)


async def test_the_authorities_are_trusted_in_every_request() -> None:
    async with bot(authorities=f"  {CERTIFICATE}\n") as (platform, _dialog, line):
        platform.files["v1"] = b"film"
        net = Witness()
        await net.open()
        connected = await CONNECTOR.connect(line.config, "https://inbox.example/x", net)
        await CONNECTOR.check(connected, net)
        await CONNECTOR.send(line.answer(media=(PHOTO,)), connected, net)
        await CONNECTOR.fetch_media("video:v1", connected, net, 100)
        await net.close()
        assert len(net.trusted) >= 8
        assert set(net.trusted) == {CERTIFICATE}
    with pytest.raises(ValidationError, match="BEGIN CERTIFICATE"):
        CONNECTOR.config(token=TOKEN, authorities="/etc/ssl/russian.pem")


def test_links_bring_their_mark() -> None:
    assert CONNECTOR.entry_url is not None
    config = CONNECTOR.config(token=TOKEN, username="dubrava_bot")
    assert CONNECTOR.entry_url(config, "Zk3_f-9QpT") == "https://max.ru/dubrava_bot?start=Zk3_f-9QpT"
    assert CONNECTOR.entry_url(CONNECTOR.config(token=TOKEN), "a") == ""
