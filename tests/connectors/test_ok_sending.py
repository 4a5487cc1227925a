"""What an agent's answer becomes in Odnoklassniki, what its refusals become for the agent, and the whole way."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import (
    Button,
    ChannelMisconfigured,
    ContactStopped,
    MediaKind,
    Rejected,
    SendError,
    Throttled,
    Unreachable,
)
from connectors.ok import CONNECTOR
from tests.connectors.company import PUBLIC, open_company
from tests.connectors.line import Line, file, line_to
from tests.platforms.loopback import Answer, running
from tests.platforms.ok import CHAT, GROUP, TOKEN, Ok, failure
from tests.world import World

PHOTO = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg")
PDF = file(MediaKind.FILE, "application/pdf", "смета.pdf")


@contextlib.asynccontextmanager
async def group(**values: Any) -> AsyncIterator[tuple[Ok, Line]]:
    platform = Ok()
    async with line_to(platform, CONNECTOR, {"token": TOKEN, "group_id": GROUP, **values}, CHAT) as line:
        yield platform, line


# What is sent, and what then stands in the chat: words and kinds of attachments.
SEND: dict[str, tuple[dict[str, Any], list[tuple[str, list[str]]]]] = {
    "a text": ({}, [("Да, есть", [])]),
    "a photo with words": ({"media": (PHOTO,)}, [("Да, есть", ["IMAGE"])]),
    "a film, a sound and a file": (
        {"text": "", "media": (file(MediaKind.VIDEO, "video/mp4"), file(MediaKind.VOICE, "audio/ogg"), PDF)},
        [("", ["VIDEO", "AUDIO", "FILE"])],
    ),
    "a drawing": ({"text": "", "media": (file(MediaKind.IMAGE, "image/svg+xml"),)}, [("", ["FILE"])]),
    "five photos": ({"media": (PHOTO,) * 5}, [("Да, есть", ["IMAGE"] * 4), ("", ["IMAGE"])]),
    "a long text": ({"text": "слово " * 500}, [("слово " * 300, []), ("слово " * 200, [])]),
    "buttons": (
        {"buttons": (Button("Да, беру"), Button("На сайт", "https://shop.example.com"))},
        [("Да, есть", ["INLINE_KEYBOARD"])],
    ),
}


@pytest.mark.parametrize("what", SEND)
async def test_an_answer_becomes(what: str) -> None:
    parts, expected = SEND[what]
    async with group() as (platform, line):
        ids = await line.send(**parts)
        there = [
            (one.get("text", "").strip(), [item["type"] for item in one.get("attachments", [])])
            for one in platform.chat.messages.values()
        ]
        assert there == [(text.strip(), kinds) for text, kinds in expected]
        assert ids == list(platform.chat.messages)


async def test_a_press_brings_the_title_back_and_a_reply_names_its_message() -> None:
    async with group() as (platform, line):
        asked = platform.writes("Есть?")
        await line.send(reply_to=asked, buttons=(Button("Да, беру"),))
        (message,) = platform.chat.messages.values()
        assert message["reply_to"] == asked
        ((button,),) = message["attachments"][0]["payload"]["keyboard"]["buttons"]
        assert (button["type"], button["payload"]) == ("CALLBACK", "Да, беру")


async def test_a_file_that_is_worked_on_is_waited_for() -> None:
    async with group() as (platform, line):
        platform.not_ready = 1
        await line.send(media=(PDF,))
        assert platform.chat.texts() == ["Да, есть"]
        assert platform.calls.count("me/fileUploadUrl") == 1


async def test_what_is_there_is_not_sent_again() -> None:
    async with group() as (platform, line):
        platform.answers(Answer(200, b'{"message_id":"mid:a"}'), failure(11))
        failed = await line.refused("слово " * 500)
        assert (type(failed), failed.sent) == (Throttled, ("mid:a",))
        assert len(await line.send("слово " * 500, done=failed.sent)) == 1


REFUSALS: dict[str, tuple[Answer, type[SendError], bool]] = {
    "its own trouble": (failure(1), Unreachable, True),
    "a closed service": (failure(2), Unreachable, True),
    "too often": (failure(8), Throttled, True),
    "a client who does not want it": (failure(455), ContactStopped, False),
    "no permission of the client": (failure(10), ContactStopped, False),
    "an expired key": (failure(102), ChannelMisconfigured, False),
    "a wrong parameter": (failure(100), Rejected, False),
    "a code that is yet to come": (failure(777), Rejected, False),
    "another answer": (Answer(200, b'{"message_id":7}'), Unreachable, True),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refusal_means(what: str) -> None:
    answer, kind, retryable = REFUSALS[what]
    async with group() as (platform, line):
        platform.refuse(f"me/messages/{CHAT}", answer)
        error = await line.refused()
        assert (type(error), error.retryable) == (kind, retryable)
        assert error.reason


async def test_changes_and_courtesies_reach_the_client() -> None:
    async with group() as (platform, line):
        (name,) = await line.send()
        await CONNECTOR.edit(line.change(name, text="Нет"), line.config, line.net)
        assert platform.chat.texts() == ["Нет"]
        with pytest.raises(Rejected, match="files"):
            await CONNECTOR.edit(line.change(name, text="Нет", caption=True), line.config, line.net)
        await CONNECTOR.typing(line.address, line.config, line.net)
        await CONNECTOR.mark_read(line.address, name, line.config, line.net)
        assert platform.chat.actions == ["typing_on", "mark_seen"]


async def test_what_cannot_be_sent_or_connected_is_said() -> None:
    async with group() as (platform, line):
        assert isinstance(await line.refused(media=(file(MediaKind.FILE, "", "setup.exe"),)), Rejected)
        assert isinstance(await line.refused(address="chat:unknown"), Rejected)
        platform.refuse("me/info", Answer(200, b'{"name":"Marina"}'))
        with pytest.raises(ChannelMisconfigured, match="not the key of a group"):
            await CONNECTOR.connect(line.config, f"{PUBLIC}/hooks/ok/x", line.net)
        public = line.config.model_copy(update={"base_url": "https://api.ok.ru"})
        with pytest.raises(ChannelMisconfigured, match="https"):
            await CONNECTOR.connect(public, "http://localhost:8080/hooks/ok/x", line.net)


async def test_a_webhook_that_ok_dropped_is_set_anew() -> None:
    async with group() as (platform, line):
        connected = await CONNECTOR.connect(line.config, f"{PUBLIC}/hooks/ok/x", line.net)
        another = "https://other.example/hook"
        for _ in range(2):
            platform.webhooks[:] = [another]
            await CONNECTOR.check(connected, line.net)
            await CONNECTOR.check(connected, line.net)
            assert platform.webhooks == [another, f"{PUBLIC}/hooks/ok/x?key={connected.webhook_secret}"]
        await CONNECTOR.disconnect(connected, line.net)
        assert platform.webhooks == [another]


async def test_everything_arrives_once(world: World, tmp_path: Path) -> None:
    async with running(Ok(trouble=0.5)) as platform, open_company(world, tmp_path) as company:
        platform.reach, platform.repeat = company.reach, 2
        page = await company.connect("ok", token=TOKEN, base_url=platform.url)
        (url,) = platform.webhooks
        assert "Дубрава" in (await company.vera.get(page)).words(".facts-list dd")
        platform.files["photo"] = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
        image = {"type": "IMAGE", "payload": {"url": f"{platform.url}/files/photo"}}
        platform.writes("Стол 220 есть в дубе?", [image])
        platform.tell("MESSAGE_CALLBACK", callbackId="cb-1", payload="Да, беру")
        await platform.call_back()
        await company.care()
        assert await company.messages() == [
            ("incoming", "Стол 220 есть в дубе?", False),
            ("incoming", "Да, беру", False),
        ]
        assert await company.files() == [("image", "ready")]
        assert (await company.contact()).name == "Марина Ким"
        conversation = await company.conversation_id()
        texts = [f"Ответ {number}" for number in range(6)]
        for text in texts:
            await world.agent_replies(conversation, text)
        assert await company.hand_over() == ["sent"] * 6
        assert platform.chat.texts() == texts
        platform.refuse(f"me/messages/{CHAT}", platform.lose_the_answer())
        await world.agent_replies(conversation, "Дошло ли?")
        assert (await company.hand_over())[-1] == "unknown"
        assert (await company.vera.post(f"{page}/removal")).status == 303
        assert platform.webhooks == []
        assert url.startswith(f"{PUBLIC}/hooks/ok/")
