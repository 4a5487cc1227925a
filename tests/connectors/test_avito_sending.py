"""What an agent's answer becomes in Avito, what Avito's refusals become for the agent, and how an account is connected."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from connectors import avito_poll
from connectors.avito import CONNECTOR
from connectors.contract import (
    Card,
    CardKind,
    ChannelMisconfigured,
    MediaKind,
    Profile,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
)
from tests.connectors.line import Line, file, line_to
from tests.platforms.avito import ACCOUNT, CLIENT_ID, CLIENT_SECRET, LISTING, Avito, Dialog, failure
from tests.platforms.loopback import Answer, Fault

PHOTO = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg")
LOCAL, PUBLIC = "http://localhost:8080/hooks/avito/x", "https://inbox.example/hooks/avito/x"


@contextlib.asynccontextmanager
async def account(**values: Any) -> AsyncIterator[tuple[Avito, Dialog, Line]]:
    platform = Avito()
    given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "user_id": ACCOUNT, **values}
    async with line_to(platform, CONNECTOR, given, "u2i-CHATxQ~Zk3") as line:
        platform.writes("Здравствуйте")
        yield platform, platform.dialog(), line


SEND: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a text": ({}, ["Да, есть"]),
    "a photo alone": ({"text": "", "media": (PHOTO,)}, ["image"]),
    "two photos with words": ({"media": (PHOTO, PHOTO)}, ["image", "image", "Да, есть"]),
    "a long text": ({"text": "ы" * 2100}, ["ы" * 1000, "ы" * 1000, "ы" * 100]),
}


@pytest.mark.parametrize("what", SEND)
async def test_an_answer_becomes(what: str) -> None:
    parts, expected = SEND[what]
    async with account() as (platform, dialog, line):
        ids = await line.send(**parts)
        assert dialog.texts() == expected
        assert ids == [one["id"] for one in dialog.messages[1:]]
        assert platform.tokens == 1


async def test_what_is_there_is_not_sent_again() -> None:
    async with account() as (platform, dialog, line):
        first = await line.send(media=(PHOTO,))
        await line.send(media=(PHOTO,), done=tuple(first[:1]))
        assert dialog.texts() == ["image", "Да, есть", "Да, есть"]
        platform.refuse("/messages", failure(429))
        failed = await line.refused(media=(PHOTO,))
        assert isinstance(failed, Throttled)
        assert failed.sent == (dialog.messages[-1]["id"],)


REFUSALS: dict[str, tuple[Answer, type[SendError], bool]] = {
    "keys that are no more": (failure(401), ChannelMisconfigured, False),
    "a plan without the messenger": (failure(402), ChannelMisconfigured, False),
    "a closed dialog": (failure(403), Rejected, False),
    "a dialog that is not there": (failure(404), Rejected, False),
    "too often": (failure(429), Throttled, True),
    "too large": (failure(413), TooLarge, False),
    "not allowed": (failure(400, "Bad Request"), Rejected, False),
    "trouble": (failure(503), Unreachable, True),
    "another answer": (Answer(200, b'{"ok":true}'), Unreachable, True),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refusal_means(what: str) -> None:
    answer, kind, retryable = REFUSALS[what]
    async with account() as (platform, _dialog, line):
        platform.refuse("/messages", answer)
        error = await line.refused()
        assert (type(error), error.retryable) == (kind, retryable)
        assert error.reason


async def test_what_surely_did_not_arrive_is_called_unsent() -> None:
    async with account() as (platform, _dialog, line):
        for path, answer, maybe in (
            ("/token", Answer(fault=Fault.RESET), False),
            ("/token", failure(500), False),
            ("/uploadImages", Answer(fault=Fault.RESET), False),
            ("/image", Answer(fault=Fault.RESET), True),
            ("/image", failure(503), False),
        ):
            platform.refuse(path, answer)
            error = await line.refused(media=(PHOTO,))
            assert isinstance(error, Unreachable), path
            assert error.maybe_sent is maybe, path


async def test_what_avito_does_not_take_is_said_before_anything_goes_out() -> None:
    async with account() as (platform, dialog, line):
        for kind, mime in (
            (MediaKind.FILE, "application/pdf"),
            (MediaKind.VOICE, "audio/ogg"),
            (MediaKind.IMAGE, "image/svg+xml"),
        ):
            assert isinstance(await line.refused(media=(PHOTO, file(kind, mime))), Rejected)
        assert (dialog.texts(), platform.tokens) == ([], 0)
        platform.refuse("/uploadImages", Answer(200, b"{}"))
        assert isinstance(await line.refused(media=(PHOTO,)), Rejected)


async def test_an_answer_is_taken_back_and_a_dialog_marked_read() -> None:
    async with account() as (_platform, dialog, line):
        ids = await line.send(media=(PHOTO,))
        assert CONNECTOR.delete is not None
        assert CONNECTOR.mark_read is not None
        await CONNECTOR.delete(line.change(*ids), line.config, line.net)
        assert [one["type"] for one in dialog.messages] == ["text", "deleted", "deleted"]
        await CONNECTOR.mark_read(line.address, ids[0], line.config, line.net)
        assert dialog.read == 1


async def test_people_listings_and_voices_are_fetched() -> None:
    async with account() as (platform, _dialog, line):
        assert CONNECTOR.profile is not None
        assert CONNECTOR.fetch_media is not None
        card = Card(CardKind.LISTING, str(LISTING["title"]), str(LISTING["price_string"]), str(LISTING["url"]))
        known = await CONNECTOR.profile(line.address, line.config, line.net)
        assert known == Profile("Марина", picture=f"{platform.url}/files/face", about=(card,))
        assert await CONNECTOR.profile("u2i-gone", line.config, line.net) is None
        platform.files |= {"v1": b"opus", "a": b"jpeg"}
        assert await CONNECTOR.fetch_media("voice:v1", line.config, line.net, 100) == b"opus"
        assert await CONNECTOR.fetch_media(f"{platform.url}/files/a", line.config, line.net, 100) == b"jpeg"
        for ref in (f"{platform.url}/files/b", "voice:v2"):
            with pytest.raises(Rejected):
                await CONNECTOR.fetch_media(ref, line.config, line.net, 100)


def texts(bodies: tuple[bytes, ...]) -> list[str]:
    return [orjson.loads(body)["payload"]["value"]["content"]["text"] for body in bodies]


@pytest.mark.parametrize("bare_list", [False, True])
async def test_news_are_asked_for_where_nobody_can_call_us(monkeypatch: pytest.MonkeyPatch, bare_list: bool) -> None:
    monkeypatch.setattr(avito_poll, "LOOK_SECONDS", 0.0)
    async with account() as (platform, dialog, line):
        assert CONNECTOR.connect is not None
        assert CONNECTOR.poll is not None
        platform.bare_list = bare_list
        connected = await CONNECTOR.connect(line.config, LOCAL, line.net)
        assert CONNECTOR.is_polled(connected)
        assert (await CONNECTOR.poll(connected, None, line.net)).bodies == ()
        for number in range(150):
            platform.writes(f"m{number}")
        platform.dialog("u2u-2").messages.append({**dialog.messages[-1], "id": "late", "content": {"text": "other"}})
        first = await CONNECTOR.poll(connected, None, line.net)
        assert texts(first.bodies) == [*(f"m{number}" for number in range(150)), "other"]
        assert orjson.loads(first.bodies[0])["payload"]["value"]["item_id"] == LISTING["id"]
        # One that becomes visible late, between those that are known.
        dialog.messages.insert(-3, {**dialog.messages[-3], "id": "hidden", "content": {"text": "hidden"}})
        platform.writes("Ау")
        second = await CONNECTOR.poll(connected, first.cursor, line.net)
        assert texts(second.bodies) == ["hidden", "Ау"]
        tokens = platform.tokens
        silent = await CONNECTOR.poll(connected, second.cursor, line.net)
        assert (silent.bodies, platform.tokens) == ((), tokens + 1)
        assert len(orjson.loads(silent.cursor or "")["known"]) < 70


async def test_a_webhook_that_is_gone_is_set_anew() -> None:
    async with account() as (platform, _dialog, line):
        assert CONNECTOR.connect is not None
        assert CONNECTOR.check is not None
        assert CONNECTOR.disconnect is not None
        connected = await CONNECTOR.connect(line.config, PUBLIC, line.net)
        assert not CONNECTOR.is_polled(connected)
        for _ in range(2):
            platform.hooks.clear()
            for _ in range(2):
                assert (await CONNECTOR.check(connected, line.net)).state == "ok"
                assert platform.hooks == [f"{PUBLIC}?key={connected.webhook_secret}"]
        again = await CONNECTOR.connect(connected, PUBLIC, line.net)
        assert platform.hooks == []
        assert again.webhook_secret != connected.webhook_secret
        await CONNECTOR.check(again, line.net)
        await CONNECTOR.disconnect(again, line.net)
        assert platform.hooks == []


async def test_what_cannot_be_connected_is_refused_in_words() -> None:
    async with account(way="webhook") as (platform, _dialog, line):
        assert CONNECTOR.connect is not None
        with pytest.raises(ChannelMisconfigured, match="https"):
            await CONNECTOR.connect(line.config, LOCAL, line.net)
        platform.refuse("/chats", failure(402))
        with pytest.raises(ChannelMisconfigured, match="plan"):
            await CONNECTOR.connect(line.config, PUBLIC, line.net)
        wrong = line.config.model_copy(update={"client_secret": "client-secret-0002"})
        with pytest.raises(ChannelMisconfigured, match="keys"):
            await CONNECTOR.connect(wrong, PUBLIC, line.net)
