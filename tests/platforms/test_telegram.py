"""The fake Telegram as aiogram's own client sees it: every answer is read by aiogram, every fault is the one it names."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile, InputMediaPhoto, ReactionTypeEmoji, ReplyParameters

from tests.platforms.loopback import Answer
from tests.platforms.telegram import TOKEN, BotApi, throttled


@contextlib.asynccontextmanager
async def client(api: BotApi, token: str = TOKEN) -> AsyncIterator[Bot]:
    """aiogram's own client, pointed at the fake."""
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api.url)))
    try:
        yield bot
    finally:
        await bot.session.close()


async def test_a_client_writes_and_is_answered() -> None:
    api = BotApi()
    async with api.run(), client(api) as bot:
        marina = api.person(last_name="Ким")
        asked = marina.writes("Здравствуйте 👋")
        (update,) = await bot.get_updates(timeout=5)
        assert update.message is not None
        assert update.message.text == "Здравствуйте 👋"
        answer = await bot.send_message(marina.id, "Добрый день!", reply_parameters=ReplyParameters(message_id=asked))
        assert answer.reply_to_message is not None
        await bot.edit_message_text("Добрый вечер!", chat_id=marina.id, message_id=answer.message_id)
        await bot.set_message_reaction(marina.id, asked, [ReactionTypeEmoji(emoji="👍")])
        assert api.texts(marina.id) == ["Добрый вечер!"]
        assert await bot.get_updates(offset=update.update_id + 1) == []
        await bot.delete_message(marina.id, answer.message_id)
        assert api.texts(marina.id) == []


async def test_files_go_both_ways() -> None:
    api = BotApi()
    async with api.run(), client(api) as bot:
        marina = api.person()
        pictures = [
            InputMediaPhoto(media=BufferedInputFile(bytes([number]), "a.jpg"), caption=caption)
            for number, caption in enumerate(("Столы", None, None))
        ]
        said = await bot.send_media_group(marina.id, pictures)  # type: ignore[arg-type]
        assert len({message.media_group_id for message in said}) == 1
        assert said[2].photo is not None
        file = await bot.get_file(said[2].photo[0].file_id)
        assert file.file_path is not None
        content = await bot.download_file(file.file_path)
        assert content is not None
        assert content.read() == b"\x02"
        large = api.store_file(b"x", size=21 << 20)
        with pytest.raises(TelegramBadRequest, match="file is too big"):
            await bot.get_file(large["file_id"])


async def test_topics_are_made_closed_and_deleted() -> None:
    api = BotApi()
    async with api.run(), client(api) as bot:
        group = api.group()
        topic = await bot.create_forum_topic(group.id, "Марина · Telegram")
        thread = topic.message_thread_id
        said = await bot.send_message(group.id, "Карточка", message_thread_id=thread)
        assert said.is_topic_message
        await bot.pin_chat_message(group.id, said.message_id)
        await bot.edit_forum_topic(group.id, thread, name="Марина Ким · Telegram")
        await bot.close_forum_topic(group.id, thread)
        await bot.reopen_forum_topic(group.id, thread)
        anna = api.person("Анна")
        asked = anna.writes_in(group, "Есть", message_thread_id=thread)
        copied = await bot.copy_message(anna.id, group.id, asked)
        assert api.chats[anna.id].messages[copied.message_id]["text"] == "Есть"
        assert (await bot.get_chat(group.id)).is_forum
        assert (await bot.get_chat_member(group.id, bot.id)).status == "administrator"
        await bot.delete_forum_topic(group.id, thread)
        with pytest.raises(TelegramBadRequest, match="message thread not found"):
            await bot.send_message(group.id, "Ещё", message_thread_id=thread)


async def test_refusals_are_those_that_aiogram_knows() -> None:
    api = BotApi()
    async with api.run(), client(api) as bot, client(api, "7000002:" + "B" * 35) as stranger:
        marina = api.person()
        api.fault(
            "sendMessage", throttled(7), Answer(502, b'{"ok":false,"error_code":502,"description":"Bad Gateway"}')
        )
        with pytest.raises(TelegramRetryAfter) as wait:
            await bot.send_message(marina.id, "1")
        assert wait.value.retry_after == 7
        with pytest.raises(TelegramServerError):
            await bot.send_message(marina.id, "2")
        api.lose("sendMessage")
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(marina.id, "3")
        marina.stops()
        with pytest.raises(TelegramForbiddenError, match="blocked"):
            await bot.send_message(marina.id, "4")
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()
        assert api.texts(marina.id) == ["3"]


async def test_one_poller_at_a_time() -> None:
    api = BotApi()
    api.patience = 5
    async with api.run(), client(api) as bot:
        first = asyncio.create_task(bot.get_updates(timeout=5))
        while api.bot.poller is None:
            await asyncio.sleep(0)
        second = asyncio.create_task(bot.get_updates(timeout=5))
        with pytest.raises(TelegramConflictError, match="terminated by other"):
            await first
        api.person().writes("Алло")
        assert len(await second) == 1
        await bot.set_webhook("https://inbox.example.com/hooks/1", secret_token="s")
        with pytest.raises(TelegramConflictError, match="webhook"):
            await bot.get_updates()
        assert (await bot.get_webhook_info()).pending_update_count == 1


async def test_what_is_not_telegrams_language_is_noticed() -> None:
    api = BotApi()
    async with api.run():
        with pytest.raises(ValueError, match="message_id"):
            api.push("message", {"text": "нет полей"})
        async with client(api) as bot:
            with pytest.raises(TelegramAPIError):
                await bot.send_message(api.person().id, " ")
