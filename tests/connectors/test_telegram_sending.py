"""What an agent's answer becomes in Telegram, and what Telegram's refusals become for the agent."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.contract import (
    Amendment,
    Button,
    ChannelMisconfigured,
    ContactStopped,
    MediaKind,
    Outgoing,
    OutgoingMedia,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    WindowClosed,
)
from connectors.telegram import CONNECTOR
from connectors.telegram_config import Config
from inbox.rules.splitting import split_text
from inbox.runtime.net import GuardedNet
from tests.connectors.accounts import outgoing
from tests.platforms.loopback import Answer, Fault
from tests.platforms.telegram import TOKEN, BotApi, failure, throttled
from tests.platforms.telegram_chats import Person

CONNECTION = "AbCdEf_0123456789"


@dataclass
class Line:
    """A client, the platform, and our side of it."""

    api: BotApi
    net: GuardedNet
    client: Person

    @property
    def config(self) -> Config:
        return Config(token=TOKEN, base_url=self.api.url)

    def answer(self, text: str = "Да, есть", **parts: Any) -> Outgoing:
        pieces = split_text(text, 4096, "utf16")
        return outgoing(text, **{"address": str(self.client.id), "parts": pieces, **parts})

    async def send(self, text: str = "Да, есть", **parts: Any) -> list[str]:
        return list(await CONNECTOR.send(self.answer(text, **parts), self.config, self.net))

    async def refused(self, **parts: Any) -> SendError:
        with pytest.raises(SendError) as caught:
            await self.send(**parts)
        return caught.value

    def methods(self) -> list[str]:
        return [method for method, _ in self.api.bot.calls]

    def last(self) -> dict[str, Any]:
        return self.api.bot.calls[-1][1]

    def external(self, number: int) -> str:
        return f"{self.client.id}:{number}"


@contextlib.asynccontextmanager
async def line() -> AsyncIterator[Line]:
    api = BotApi()
    net = GuardedNet(allow_private=True)
    await net.open()
    try:
        async with api.run():
            yield Line(api, net, api.person())
    finally:
        await net.close()


def file(kind: MediaKind, mime: str, name: str = "file", content: bytes = b"bytes", size: int = 0) -> OutgoingMedia:
    async def read() -> bytes:
        return content

    return OutgoingMedia(kind, name, mime, size or len(content), read)


JPEG = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg")
PDF = file(MediaKind.FILE, "application/pdf", "смета.pdf")

# What is sent, and the methods that it takes.
METHODS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a text": ({}, ["sendMessage"]),
    "a long text": ({"text": "слово " * 1000}, ["sendMessage", "sendMessage"]),
    "a photo with words": ({"media": (JPEG,)}, ["sendPhoto"]),
    "a photo alone": ({"text": "", "media": (JPEG,)}, ["sendPhoto"]),
    "a photo with more words than fit": ({"text": "ы" * 1025, "media": (JPEG,)}, ["sendPhoto", "sendMessage"]),
    "emoji count twice": ({"text": "🙂" * 513, "media": (JPEG,)}, ["sendPhoto", "sendMessage"]),
    "an album": ({"media": (JPEG,) * 3}, ["sendMediaGroup"]),
    "eleven photos": ({"media": (JPEG,) * 11}, ["sendMediaGroup", "sendPhoto"]),
    "an album with buttons": ({"media": (JPEG,) * 2, "buttons": (Button("Да"),)}, ["sendMediaGroup", "sendMessage"]),
    "photos and documents": ({"media": (JPEG, JPEG, PDF)}, ["sendMediaGroup", "sendDocument"]),
    "a photo and a film": ({"media": (JPEG, file(MediaKind.VIDEO, "video/mp4"))}, ["sendMediaGroup"]),
    "a film of another format": ({"media": (file(MediaKind.VIDEO, "video/webm"),)}, ["sendDocument"]),
    "a voice message": ({"text": "", "media": (file(MediaKind.VOICE, "audio/ogg"),)}, ["sendVoice"]),
    "music": ({"media": (file(MediaKind.AUDIO, "audio/mpeg"),)}, ["sendAudio"]),
    "a sound of another format": ({"media": (file(MediaKind.AUDIO, "audio/wav"),)}, ["sendDocument"]),
    "a moving picture": ({"media": (file(MediaKind.IMAGE, "image/gif"),)}, ["sendAnimation"]),
    "a drawing": ({"media": (file(MediaKind.IMAGE, "image/svg+xml"),)}, ["sendDocument"]),
    "a photo that is too large for one": (
        {"media": (file(MediaKind.IMAGE, "image/jpeg", size=11 << 20),)},
        ["sendDocument"],
    ),
    "a photo of odd shape": ({"media": (file(MediaKind.IMAGE, "image/png", content=b"odd"),)}, ["sendDocument"]),
}


@pytest.mark.parametrize("what", METHODS)
async def test_an_answer_takes(what: str) -> None:
    parts, methods = METHODS[what]
    async with line() as here:
        ids = await here.send(**parts)
        assert here.methods() == methods
        assert ids == [here.external(message["message_id"]) for message in here.api.sent(here.client.id)]
        assert "".join(here.api.texts(here.client.id)) == parts.get("text", "Да, есть")


async def test_an_answer_to_a_message_and_to_one_that_is_gone() -> None:
    async with line() as here:
        asked = here.client.writes("Есть?")
        await here.send(reply_to=here.external(asked))
        assert here.api.sent(here.client.id)[0]["reply_to_message"]["message_id"] == asked
        await here.send(reply_to=here.external(10**9))
        await here.send(reply_to=f"{here.client.id}:press-1")
        assert len(here.api.sent(here.client.id)) == 3


async def test_buttons_come_back_as_their_titles() -> None:
    async with line() as here:
        long = "Позвоните мне, пожалуйста, ближе к вечеру"
        await here.send(buttons=(Button("Да"), Button(long), Button("Сайт", "https://shop.example.com")))
        rows = here.last()["reply_markup"]["inline_keyboard"]
        assert [row[0]["text"] for row in rows] == ["Да", long, "Сайт"]
        assert rows[0][0]["callback_data"] == "Да"
        assert rows[1][0]["callback_data"] == "button-1"
        assert rows[2][0]["url"] == "https://shop.example.com"


async def test_what_was_sent_before_is_not_sent_again() -> None:
    async with line() as here:
        parts: dict[str, Any] = {"text": "ы" * 5000, "media": (JPEG,) * 3}
        here.api.fault("sendMessage", throttled(1))
        error = await here.refused(**parts)
        assert isinstance(error, Throttled)
        assert len(error.sent) == 3
        here.api.lose("sendMessage")
        error = await here.refused(**parts, done=error.sent)
        assert isinstance(error, Unreachable)
        assert error.maybe_sent
        assert error.sent == ()
        done = tuple(here.external(message["message_id"]) for message in here.api.sent(here.client.id))
        (last,) = await here.send(**parts, done=done)
        assert here.methods() == ["sendMediaGroup", "sendMessage", "sendMessage"]
        assert last == here.external(here.api.sent(here.client.id)[-1]["message_id"])
        assert "".join(here.api.texts(here.client.id)) == "ы" * 5000


def words(code: int, text: str, **parameters: int) -> Answer:
    return failure(code, text, **parameters)


REFUSALS: dict[str, tuple[Answer, type[SendError]]] = {
    "blocked": (words(403, "Forbidden: bot was blocked by the user"), ContactStopped),
    "deactivated": (words(403, "Forbidden: user is deactivated"), ContactStopped),
    "never started": (words(403, "Forbidden: bot can't initiate conversation with a user"), ContactStopped),
    "another 403": (words(403, "Forbidden: something new"), ContactStopped),
    "no such chat": (words(400, "Bad Request: chat not found"), Rejected),
    "the window": (words(400, "Bad Request: BUSINESS_PEER_USAGE_MISSING"), WindowClosed),
    "the connection": (words(400, "Bad Request: business connection not found"), Rejected),
    "too long": (words(400, "Bad Request: message is too long"), TooLarge),
    "413": (words(413, "Request Entity Too Large"), TooLarge),
    "another 400": (words(400, "Bad Request: something new"), Rejected),
    "the token": (words(401, "Unauthorized"), ChannelMisconfigured),
    "a malformed token": (words(404, "Not Found"), ChannelMisconfigured),
    "moved": (words(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100500), Rejected),
    "a proxy's page": (Answer(403, b"<h1>Forbidden</h1>"), ContactStopped),
    "502": (Answer(502, b"<h1>Bad Gateway</h1>"), Unreachable),
    "a redirect": (Answer(302, b"", {"Location": "https://elsewhere.example"}), Unreachable),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refusal_means(what: str) -> None:
    answer, family = REFUSALS[what]
    async with line() as here:
        here.api.fault("sendMessage", answer)
        error = await here.refused()
        assert type(error) is family or (family is Rejected and isinstance(error, Rejected))
        assert error.reason
        assert TOKEN not in error.reason


async def test_waiting_is_as_long_as_telegram_says() -> None:
    async with line() as here:
        here.api.fault("sendMessage", throttled(17), Answer(429, b"slow down", {"Retry-After": "4"}))
        waits = [await here.refused(), await here.refused()]
        assert [error.retry_after for error in waits if isinstance(error, Throttled)] == [17, 4]


async def test_a_server_that_is_down_surely_has_nothing() -> None:
    async with line() as here:
        faults = (Answer(502), Answer(503), Answer(500), Answer(504), Answer(fault=Fault.RESET))
        here.api.fault("sendMessage", *faults)
        errors = [await here.refused() for _ in faults]
        assert [error.maybe_sent for error in errors if isinstance(error, Unreachable)] == [
            *(False, False, True, True, True)
        ]


async def test_editing_taking_back_and_reacting() -> None:
    async with line() as here:
        client = str(here.client.id)
        (first,) = await here.send("Стол 220")
        photo = await here.send("Фото", media=(JPEG,))
        edit, delete, react = CONNECTOR.edit, CONNECTOR.delete, CONNECTOR.react
        assert edit is not None
        assert delete is not None
        assert react is not None
        await edit(Amendment(client, (first,), "Стол 240", ("Стол 240",)), here.config, here.net)
        await edit(Amendment(client, (first,), "Стол 240", ("Стол 240",)), here.config, here.net)
        await edit(Amendment(client, tuple(photo), "Другое", ("Другое",), caption=True), here.config, here.net)
        assert here.api.texts(here.client.id) == ["Стол 240", "Другое"]
        asked = here.client.writes("Спасибо")
        await react(Amendment(client, (here.external(asked),), "👍"), here.config, here.net)
        assert here.client.chat.reactions[asked] == [{"type": "emoji", "emoji": "👍"}]
        await react(Amendment(client, (here.external(asked),), ""), here.config, here.net)
        assert here.client.chat.reactions[asked] == []
        with pytest.raises(Rejected, match="does not have this reaction"):
            await react(Amendment(client, (here.external(asked),), "🧊"), here.config, here.net)
        await delete(Amendment(client, (first, *photo)), here.config, here.net)
        await delete(Amendment(client, (first,)), here.config, here.net)
        assert here.api.sent(here.client.id) == []
        with pytest.raises(Rejected, match="not in Telegram any more"):
            await edit(Amendment(client, (first,), "Поздно", ("Поздно",)), here.config, here.net)


async def test_a_business_chat_has_its_own_rules() -> None:
    async with line() as here:
        address = f"{CONNECTION}:{here.client.id}"
        error = await here.refused(address=address)
        assert error.reason == "The business account took the bot away."
        owner = here.api.person("Вера")
        here.api.connect_business(CONNECTION, owner)
        (sent,) = await here.send(address=address)
        assert sent.startswith(f"{address}:")
        here.client.chat.window_open = False
        assert isinstance(await here.refused(address=address), WindowClosed)
        assert CONNECTOR.mark_read is not None
        assert CONNECTOR.react is not None
        assert CONNECTOR.delete is not None
        await CONNECTOR.mark_read(address, f"{address}:77", here.config, here.net)
        assert here.client.chat.read_up_to == 77
        with pytest.raises(Rejected, match="no reactions"):
            await CONNECTOR.react(Amendment(address, (f"{address}:77",), "👍"), here.config, here.net)
        await CONNECTOR.delete(Amendment(address, (sent,)), here.config, here.net)
        assert here.api.sent(here.client.id) == []


async def test_courtesies() -> None:
    async with line() as here:
        client = str(here.client.id)
        assert CONNECTOR.typing is not None
        assert CONNECTOR.acknowledge is not None
        assert CONNECTOR.mark_read is not None
        await CONNECTOR.typing(client, here.config, here.net)
        assert here.client.chat.actions == ["typing"]
        await CONNECTOR.acknowledge("3007", here.config, here.net)
        assert here.last() == {"callback_query_id": "3007"}
        await CONNECTOR.mark_read(client, f"{client}:1", here.config, here.net)
        assert here.methods() == ["sendChatAction", "answerCallbackQuery"]


async def test_an_address_that_is_none_is_refused_in_words() -> None:
    async with line() as here:
        assert (await here.refused(address="marina")).reason == "Telegram does not know this chat."
        assert here.api.asked == []
