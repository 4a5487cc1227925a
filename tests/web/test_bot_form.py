"""Connecting a bot on the settings page: Telegram is asked before anything is stored, and what it told is kept."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest_asyncio
from sqlalchemy import select

from inbox.models import Channel, Conversation, Inbound
from inbox.runtime.secrets import Vault
from tests.connectors.accounts import bodies
from tests.desk import Browser, Desk, open_desk
from tests.platforms.telegram import TOKEN, BotApi
from tests.web.test_channel_form import typed
from tests.world import World

NEW = "/settings/channels/new/telegram"


@pytest_asyncio.fixture
async def api() -> AsyncIterator[BotApi]:
    made = BotApi()
    made.patience = 0.05
    async with made.run():
        yield made


@contextlib.asynccontextmanager
async def office(world: World, folder: Path) -> AsyncIterator[tuple[Desk, Browser]]:
    async with open_desk(world, folder, allow_private_network=True, public_url="https://inbox.example.com") as desk:
        yield desk, await desk.browser("Вера")


async def stored(world: World) -> dict[str, object]:
    rows = await world.rows(select(Channel.config).where(Channel.kind == "telegram"))
    return dict(Vault("test").unlock(rows[-1].config)) if rows else {}


async def test_a_bot_is_connected_by_its_token(world: World, tmp_path: Path, api: BotApi) -> None:
    async with office(world, tmp_path) as (_, vera):
        page = await vera.get(NEW)
        assert [node.attributes["name"] for node in page.tree.css("form.form input[name]:not([type=hidden])")] == [
            *("name", "token", "webhook", "proxy", "base_url")
        ]
        answer = await vera.post(NEW, typed(page, name="Бот", token=TOKEN, base_url=api.url))
        assert answer.status == 303
        assert (await stored(world))["username"] == "dubrava_bot"
        path = answer.location
        assert (await vera.post(f"{path}/check")).status == 303
        page = await vera.get(path)
        assert "@dubrava_bot" in page.text
        assert "Мы спрашиваем Telegram" in page.text
        assert TOKEN not in page.text
        # Saved again without the token: it stays, and so does what Telegram told.
        asked = len(api.asked_for("getMe"))
        assert (await vera.post(path, typed(page, name="Бот Дубрава"))).status == 303
        assert len(api.asked_for("getMe")) == asked, "only the name has changed"
        kept = await stored(world)
        assert (kept["token"], kept["username"]) == (TOKEN, "dubrava_bot")


async def test_a_webhook_is_a_switch(world: World, tmp_path: Path, api: BotApi) -> None:
    async with office(world, tmp_path) as (_, vera):
        form = typed(await vera.get(NEW), name="Бот", token=TOKEN, base_url=api.url, webhook="on")
        path = (await vera.post(NEW, form)).location
        kept = await stored(world)
        assert str(kept["webhook_url"]).startswith("https://inbox.example.com/hooks/telegram/")
        assert api.bot.webhook["secret_token"] == kept["webhook_secret"]
        form = typed(await vera.get(path))
        assert (await vera.post(path, form)).status == 303
        assert api.bot.webhook == {}
        assert (await stored(world))["webhook_url"] == ""


async def test_what_telegram_refuses_stands_on_the_page_in_words(world: World, tmp_path: Path, api: BotApi) -> None:
    async with office(world, tmp_path) as (_, vera):
        for token, words in (
            ("7000009:" + "C" * 35, "Telegram больше не принимает токен"),
            ("что-то", "нужен токен в том виде, как его выдал @BotFather"),
        ):
            answer = await vera.post(NEW, typed(await vera.get(NEW), name="Бот", token=token, base_url=api.url))
            assert answer.status == 422
            assert words in answer.text
            assert token not in answer.text
        assert await stored(world) == {}


async def test_a_bot_is_connected_once(world: World, tmp_path: Path, api: BotApi) -> None:
    async with office(world, tmp_path) as (_, vera):
        form = typed(await vera.get(NEW), name="Бот", token=TOKEN, base_url=api.url)
        assert (await vera.post(NEW, form)).status == 303
        answer = await vera.post(NEW, form)
        assert answer.status == 422
        assert "Этот аккаунт уже подключён" in answer.text


async def test_a_client_writes_by_the_webhook_and_is_answered(world: World, tmp_path: Path, api: BotApi) -> None:
    async with office(world, tmp_path) as (desk, vera):
        form = typed(await vera.get(NEW), name="Бот", token=TOKEN, base_url=api.url, webhook="on")
        assert (await vera.post(NEW, form)).status == 303
        api.bot.webhook["url"] = api.bot.webhook["url"].replace("https://inbox.example.com", desk.base)
        api.person().writes("Здравствуйте")
        api.person("Олег").writes("Алло")
        assert await api.call_webhook() == [200, 200]
        page = await vera.get("/inbox/all")
        assert "Здравствуйте" in page.text
        assert "Алло" in page.text
        api.bot.webhook["secret_token"] = "чужой".encode().decode("latin-1")
        api.person().writes("Подделка")
        assert await api.call_webhook() == [401]


async def test_everything_that_clients_send_becomes_a_readable_bubble(
    world: World, tmp_path: Path, api: BotApi
) -> None:
    async with office(world, tmp_path) as (desk, vera):
        form = typed(await vera.get(NEW), name="Бот", token=TOKEN, base_url=api.url, webhook="on")
        path = (await vera.post(NEW, form)).location
        kept = await stored(world)
        hook = desk.base + str(kept["webhook_url"]).removeprefix("https://inbox.example.com")
        secret = {"X-Telegram-Bot-Api-Secret-Token": str(kept["webhook_secret"])}
        async with aiohttp.ClientSession(headers=secret) as telegram:
            for body in bodies("telegram").values():
                async with telegram.post(hook, data=body) as answer:
                    assert answer.status == 200
        dialogs = await world.rows(select(Conversation.id).order_by(Conversation.id))
        pages = [await vera.get(f"/conversations/{row.id}") for row in dialogs]
        assert [page.status for page in pages] == [200] * len(dialogs)
        shown = " ".join(" ".join(page.words("article, .message, .bubble")) for page in pages)
        for words in (
            *("Стол 220 есть в дубе? 🙂", "Вот такой (https://shop.example.com/tables/220)", "+79171234567", "🎲 5"),
            *("Салон «Дубрава»", "Какой цвет?", "Пётр Столяр", "орех", "hologram", "подарок", "– Замер"),
            *("Да, беру", "планировки.zip", "Да, до восьми", "Вера Дубова", "стол"),
        ):
            assert words.lower() in shown.lower(), words
        failed = await world.rows(select(Inbound.error).where(Inbound.state == "failed"))
        assert failed == []
        assert (await vera.get(path)).status == 200
