"""What an agent's answer becomes at VK, what VK's refusals become for the agent, and how a community is connected."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

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
from connectors.vk import CONNECTOR
from tests.connectors.line import Line, file, line_to
from tests.platforms.loopback import Answer, Fault
from tests.platforms.vk import GROUP, TOKEN, Dialog, Vk, failure

CLIENT = 700100200
PHOTO = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg")
PDF = file(MediaKind.FILE, "application/pdf", "смета.pdf")
VOICE = file(MediaKind.VOICE, "audio/ogg", "voice.ogg")


@contextlib.asynccontextmanager
async def community(**values: Any) -> AsyncIterator[tuple[Vk, Dialog, Line]]:
    vk = Vk()
    given = {"token": TOKEN, "group_id": GROUP, "screen_name": "dubrava_shop", **values}
    async with line_to(vk, CONNECTOR, given, str(CLIENT)) as line:
        yield vk, vk.dialog(CLIENT), line


def external(dialog: Dialog, number: int) -> str:
    return f"{dialog.peer_id}:{number}"


# What is sent, and what then stands in the dialog: words and names of attachments.
SEND: dict[str, tuple[dict[str, Any], list[tuple[str, list[str]]]]] = {
    "a text": ({}, [("Да, есть", [])]),
    "a photo with words": ({"media": (PHOTO,)}, [("Да, есть", ["photo"])]),
    "a photo alone": ({"text": "", "media": (PHOTO,)}, [("", ["photo"])]),
    "a file": ({"text": "", "media": (PDF,)}, [("", ["doc"])]),
    "a picture that VK does not show": ({"text": "", "media": (file(MediaKind.IMAGE, "image/webp"),)}, [("", ["doc"])]),
    "a voice message with words": ({"media": (VOICE,)}, [("", ["doc"]), ("Да, есть", [])]),
    "a sound of another format": ({"media": (file(MediaKind.VOICE, "audio/mpeg"),)}, [("Да, есть", ["doc"])]),
    "a photo between two voice messages": (
        {"media": (VOICE, PHOTO, VOICE)},
        [("", ["doc"]), ("Да, есть", ["photo"]), ("", ["doc"])],
    ),
    "eleven photos": ({"media": (PHOTO,) * 11}, [("Да, есть", ["photo"] * 10), ("", ["photo"])]),
    "a long text with a file": (
        {"text": "слово " * 1000, "media": (PDF,)},
        [("слово " * 682, ["doc"]), ("слово " * 318, [])],
    ),
}


@pytest.mark.parametrize("what", SEND)
async def test_an_answer_becomes(what: str) -> None:
    parts, expected = SEND[what]
    async with community() as (_vk, dialog, line):
        ids = await line.send(**parts)
        there = [(one["text"], [item["type"] for item in one["attachments"]]) for one in dialog.messages]
        assert [(text.strip(), kinds) for text, kinds in there] == [(text.strip(), kinds) for text, kinds in expected]
        assert ids == [external(dialog, number + 1) for number in range(len(expected))]


async def test_buttons_answers_and_forms_of_files() -> None:
    async with community() as (vk, dialog, line):
        asked = vk.writes("Есть?")
        buttons = (Button("Да, беру"), Button("На сайт", "https://shop.example.com"))
        await line.send(reply_to=external(dialog, 1), buttons=buttons)
        sent = dict(vk.calls)["messages.send"]
        assert dialog.messages[-1]["forward"]["conversation_message_ids"] == [asked["conversation_message_id"]]
        keyboard = orjson.loads(sent["keyboard"])
        assert keyboard["inline"] is True
        assert [row[0]["action"]["type"] for row in keyboard["buttons"]] == ["text", "open_link"]
        await line.send(dedup_key="m13-x", buttons=tuple(Button(f"Вариант {number}") for number in range(10)))
        await line.send(dedup_key="m14-x", media=(file(MediaKind.FILE, "", 'a"b\r\n.pdf', b"\0\xff" * 9),))
        assert b"\0\xff" * 9 in vk.files.values()


async def test_a_repeated_request_shows_nothing_twice() -> None:
    async with community() as (vk, dialog, line):
        long = "слово " * 1000
        first = await line.send(long)
        assert await line.send(long) == first
        assert len(dialog.messages) == 2
        vk.refuse("messages.send", Answer(fault=Fault.RESET))
        lost = await line.refused(dedup_key="m13-x")
        assert isinstance(lost, Unreachable)
        assert lost.maybe_sent


async def test_what_is_there_is_not_sent_again() -> None:
    async with community() as (vk, dialog, line):
        text = "слово " * 1000
        vk.refuse("docs.save", failure(10))
        failed = await line.refused(text, media=(PHOTO,) * 10 + (PDF,))
        assert failed.sent == (external(dialog, 1),)
        rest = await line.send(text, media=(PHOTO,) * 10 + (PDF,), done=failed.sent)
        assert rest == [external(dialog, 2), external(dialog, 3)]


REFUSALS: dict[int, tuple[type[SendError], bool]] = {
    1: (Unreachable, True), 5: (ChannelMisconfigured, False), 6: (Throttled, True), 7: (ChannelMisconfigured, False),
    9: (Throttled, True), 10: (Unreachable, True), 14: (Rejected, False), 15: (Rejected, False),
    18: (ContactStopped, False), 27: (ChannelMisconfigured, False), 29: (Throttled, True), 100: (Rejected, False),
    911: (Rejected, False), 912: (Rejected, False), 914: (TooLarge, False), 917: (ContactStopped, False),
    945: (Rejected, False), 983: (ContactStopped, False),
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refusal_means(code: int) -> None:
    async with community() as (vk, _dialog, line):
        vk.refuse("messages.send", failure(code, "words"))
        error = await line.refused()
        assert (type(error), error.retryable) == REFUSALS[code]
        assert error.reason


@pytest.mark.parametrize("code", [900, 901, 902, 936])
async def test_a_refusal_beside_the_recipient_means_that_they_stopped(code: int) -> None:
    async with community() as (_vk, dialog, line):
        dialog.refusal = code
        assert isinstance(await line.refused(), ContactStopped)
        assert dialog.messages == []


async def test_what_cannot_be_sent_is_said() -> None:
    async with community() as (vk, _dialog, line):
        assert isinstance(await line.refused(media=(file(MediaKind.FILE, "", "setup.exe"),)), Rejected)
        assert isinstance(await line.refused(address="marina"), Rejected)
        assert isinstance(await line.refused("ы" * 4096 * 33), TooLarge)
        vk.refuse("photos.getMessagesUploadServer", Answer(200, b'{"response":{}}'))
        assert isinstance(await line.refused(media=(PHOTO,)), Unreachable)
        vk.refuse("messages.send", Answer(200, b'{"response":5}'))
        assert isinstance(await line.refused(), Unreachable)


async def test_changes_reach_the_client() -> None:
    async with community() as (vk, dialog, line):
        vk.writes("Есть?")
        ids = await line.send(media=(PHOTO, PDF))
        await CONNECTOR.edit(line.change(*ids, text="Нет", caption=True), line.config, line.net)
        assert dialog.messages[-1]["text"] == "Нет"
        assert [item["type"] for item in dialog.messages[-1]["attachments"]] == ["photo", "doc"]
        await CONNECTOR.react(line.change(external(dialog, 1), text="❤"), line.config, line.net)
        assert dialog.reactions == {1: 1}
        await CONNECTOR.react(line.change(external(dialog, 1)), line.config, line.net)
        assert dialog.reactions == {}
        with pytest.raises(Rejected):
            await CONNECTOR.react(line.change(external(dialog, 1), text="🦆"), line.config, line.net)
        with pytest.raises(Rejected):
            await CONNECTOR.edit(line.change("5:1", text="x"), line.config, line.net)
        await CONNECTOR.delete(line.change(*ids), line.config, line.net)
        assert dialog.texts() == []
        await CONNECTOR.typing(line.address, line.config, line.net)
        await CONNECTOR.mark_read(line.address, external(dialog, 1), line.config, line.net)
        await CONNECTOR.acknowledge(f"{CLIENT}:{CLIENT}:a1:b2", line.config, line.net)
        assert (dialog.typing, dialog.read) == (1, True)
        assert vk.calls[-1][1]["event_id"] == "a1:b2"


async def test_people_and_files_are_fetched() -> None:
    async with community() as (vk, _dialog, line):
        known = await CONNECTOR.profile(str(CLIENT), line.config, line.net)
        picture = f"{vk.url}/files/face"
        assert known == Profile("Марина Ким", username="marina_kim", picture=picture, attributes={"city": "Москва"})
        assert await CONNECTOR.profile("5", line.config, line.net) is None
        assert await CONNECTOR.profile("-5", line.config, line.net) is None
        vk.files["1"] = b"%PDF"
        assert await CONNECTOR.fetch_media(f"{vk.url}/doc1", line.config, line.net, 100) == b"%PDF"
        for ref in (f"{vk.url}/doc2", "file:///etc/passwd", ""):
            with pytest.raises(Rejected):
                await CONNECTOR.fetch_media(ref, line.config, line.net, 100)
        vk.files["2"] = b"x" * 101
        with pytest.raises(Unreachable):
            await CONNECTOR.fetch_media(f"{vk.url}/doc2", line.config, line.net, 100)


async def test_news_are_asked_for_where_nobody_can_call_us() -> None:
    async with community() as (vk, _dialog, line):
        connected = await CONNECTOR.connect(line.config, "http://localhost:8080/hooks/vk/x", line.net)
        assert connected.webhook_url == ""
        assert CONNECTOR.is_polled(connected)
        assert vk.long_poll["message_new"] == vk.long_poll["message_read"] == "1"
        silent = await CONNECTOR.poll(connected, None, line.net)
        assert (silent.bodies, silent.cursor) == ((), "0")
        vk.writes("Первое")
        vk.writes("Второе")
        told = await CONNECTOR.poll(connected, silent.cursor, line.net)
        assert [orjson.loads(body)["object"]["message"]["text"] for body in told.bodies] == ["Первое", "Второе"]
        assert (await CONNECTOR.poll(connected, told.cursor, line.net)).bodies == ()
        vk.lost_before = 1
        assert (await CONNECTOR.poll(connected, "0", line.net)).cursor == "1"
        assert (await CONNECTOR.check(connected, line.net)).state == "ok"
        vk.refuse("groups.getLongPollServer", failure(5))
        with pytest.raises(ChannelMisconfigured):
            await CONNECTOR.poll(connected, "1", line.net)


async def test_an_old_key_or_history_is_no_failure() -> None:
    async with community() as (vk, _dialog, line):
        for said, cursor in (('{"failed":2}', "7"), ('{"failed":3}', None), ('{"failed":"x"}', None)):
            place = Answer(200, orjson.dumps({"response": {"server": f"{vk.url}/lp", "key": "k", "ts": 9}}))
            vk.answers(place, Answer(200, said.encode()))
            assert (await CONNECTOR.poll(line.config, "7", line.net)).cursor == cursor
        vk.answers(place, Answer(502))
        with pytest.raises(Unreachable):
            await CONNECTOR.poll(line.config, "7", line.net)


@pytest.mark.parametrize("missing", ["manage", "messages"])
async def test_a_key_without_a_right_is_refused_in_words(missing: str) -> None:
    async with community() as (vk, _dialog, line):
        vk.rights.discard(missing)
        with pytest.raises(ChannelMisconfigured, match="lacks a right"):
            await CONNECTOR.connect(line.config, "", line.net)


async def test_a_key_that_is_none_of_a_community_is_refused() -> None:
    async with community(token="vk1.a.AnotherFakeFakeFakeFake") as (vk, _dialog, line):
        with pytest.raises(ChannelMisconfigured):
            await CONNECTOR.connect(line.config, "", line.net)
        own = line.config.model_copy(update={"token": TOKEN})
        vk.refuse("groups.getById", Answer(200, b'{"response":{"groups":[]}}'))
        with pytest.raises(ChannelMisconfigured, match="not the key of a community"):
            await CONNECTOR.connect(own, "", line.net)


def test_links_bring_their_mark() -> None:
    config = CONNECTOR.config(token=TOKEN, screen_name="dubrava_shop")
    assert CONNECTOR.entry_url is not None
    assert CONNECTOR.entry_url(config, "Zk3_f-9QpT") == "https://vk.me/dubrava_shop?ref=Zk3_f-9QpT"
    numbered = replace(CONNECTOR).config(token=TOKEN, group_id=5)
    assert CONNECTOR.entry_url(numbered, "a") == "https://vk.me/club5?ref=a"
    assert CONNECTOR.entry_url(CONNECTOR.config(token=TOKEN), "a") == ""
