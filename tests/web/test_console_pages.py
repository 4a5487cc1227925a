"""The pages that connect a group and an account, against a fake Telegram."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import insert, select

import connectors
from connectors.contract import Request
from inbox.channel_work import locked_config
from inbox.models import AgentAccount, Channel, Console, ConsoleChannel, NoticeChoice
from inbox.runtime.secrets import Vault
from inbox.take_in import KnownChannel
from inbox.web.visit import RESOURCES
from tests.desk import Desk, open_desk
from tests.platforms.telegram import TOKEN, BotApi, throttled
from tests.world import World


@dataclass
class Shop:
    """The product with a bot that is connected to a fake Telegram; its updates come in when `hear` is called."""

    desk: Desk
    api: BotApi
    bot: int

    @property
    def page(self) -> str:
        """The page of the group."""
        return f"/settings/channels/{self.bot}/console"

    async def hear(self) -> None:
        """Everything that waits at Telegram comes in."""
        resources = self.desk.app[RESOURCES]
        rows = await self.desk.world.rows(select(Channel.kind, Channel.config).where(Channel.id == self.bot))
        declared = connectors.find(rows[0].kind)
        known = KnownChannel(self.bot, declared, resources.equipment.config(rows[0].kind, rows[0].config))
        assert declared.poll is not None
        polled = await declared.poll(known.config, None, resources.net)
        for body in polled.bodies:
            await resources.intake.take(known, Request("POLL", {}, {}, body, self.desk.world.clock.now()))
        self.api.bot.pending.clear()


@pytest_asyncio.fixture
async def shop(world: World, tmp_path: Path) -> AsyncIterator[Shop]:
    """A company with one bot; the worker does not run, for it looks at the bot every fifteen seconds."""
    api = BotApi()
    api.patience = 0.0
    async with api.run(), open_desk(world, tmp_path, idle=True, allow_private_network=True) as desk:
        locked = locked_config(Vault.open("test", tmp_path), "telegram", {"token": TOKEN, "base_url": api.url})

        def add(tx: Any) -> int:
            values = {"kind": "telegram", "name": "Бот", "token": "bot", "config": locked, "state": "reconnect"}
            return int(tx.execute(insert(Channel), {**values, "created_at": tx.now}).inserted_primary_key[0])

        yield Shop(desk, api, await world.write(add))


async def connect(shop: Shop) -> int:
    """Bring the bot into a group by the link of the page; returns the group's number."""
    vera = await shop.desk.browser("Вера")
    assert "Подключить группу" in (await vera.get(shop.page)).text
    shown = await vera.post(shop.page)
    link = shown.one(".steps a.btn.primary").attributes["href"] or ""
    found = re.fullmatch(r"https://t\.me/dubrava_bot\?startgroup=(connect-[\w-]+)&admin=[a-z_+]+", link)
    assert found is not None
    group, boss = shop.api.group("Поддержка"), shop.api.person("Вера")
    shop.api.push("message", boss.message(group, f"/start@dubrava_bot {found[1]}"))
    await shop.hear()
    return group.id


async def test_a_group_is_connected_by_a_link(world: World, shop: Shop) -> None:
    group = await connect(shop)
    vera = await shop.desk.browser("Вера")
    assert "Поддержка" in (await vera.get(shop.page)).text
    (row,) = await world.rows(select(Console.space, Console.state))
    assert tuple(row) == (str(group), "ok")


async def test_the_dialogs_of_chosen_channels(world: World, shop: Shop) -> None:
    await connect(shop)
    vera = await shop.desk.browser("Вера")
    answer = await vera.post(
        f"{shop.page}/channels", [("channel", str(world.channel_id)), ("channel", "999"), ("channel", "x")]
    )
    assert answer.status == 303
    assert [row[0] for row in await world.rows(select(ConsoleChannel.channel_id))] == [world.channel_id]
    await vera.post(f"{shop.page}/channels", {"all": "on"})
    assert await world.rows(select(ConsoleChannel.channel_id)) == []
    assert (await vera.post(f"{shop.page}/check")).status == 303
    assert (await vera.post(f"{shop.page}/removal")).status == 303
    assert "Подключить группу" in (await vera.get(shop.page)).text


async def test_an_account_is_linked_and_unlinked(world: World, shop: Shop) -> None:
    anna = await shop.desk.browser("Анна")
    assert "не привязан" in (await anna.get("/profile")).text
    shown = await anna.post(f"/profile/accounts/{shop.bot}")
    link = shown.one("#accounts a.btn").attributes["href"] or ""
    found = re.fullmatch(r"https://t\.me/dubrava_bot\?start=(login-[\w-]+)", link)
    assert found is not None
    person = shop.api.person("Аня", last_name="Ким")
    person.starts(found[1])
    await shop.hear()
    rows = await world.rows(select(AgentAccount.agent_id, AgentAccount.person))
    assert [tuple(row) for row in rows] == [(world.agents["Анна"], str(person.id))]
    assert "привязан: Аня Ким" in (await anna.get("/profile")).text
    await anna.post(f"/profile/accounts/{shop.bot}/removal")
    assert await world.rows(select(AgentAccount.id)) == []


async def test_trouble_is_told_in_words(shop: Shop) -> None:
    vera = await shop.desk.browser("Вера")
    shop.api.fault("getMe", throttled(5), throttled(5))
    assert "Telegram" in (await vera.post(shop.page)).one("p.error").text()
    assert (await vera.post(f"/profile/accounts/{shop.bot}")).one("p.error").text().strip()
    for place in ("/settings/channels/404/console", "/settings/channels/x/console", "/profile/accounts/404"):
        assert (await vera.post(place)).status == 404
    # A channel that is no messenger has no group.
    assert (await vera.get(f"/settings/channels/{shop.desk.world.channel_id}/console")).status == 404


async def test_quiet_hours_are_kept_and_mistakes_told(world: World, shop: Shop) -> None:
    boris = await shop.desk.browser("Борис")
    good = {"waiting": "on", "digest": "on", "digest_minute": "8:30", "quiet_from": "21:00", "quiet_to": "7:30"}
    assert (await boris.post("/profile/notices", good)).status == 303
    rows = await world.rows(select(NoticeChoice.__table__))
    assert tuple(rows[0][1:]) == (False, True, True, 510, 1260, 450)
    page = await boris.get("/profile")
    assert page.one("#quiet_from").attributes["value"] == "21:00"
    for wrong in ({"quiet_from": "21:00", "quiet_to": ""}, {"quiet_from": "25:00", "quiet_to": "8:00"}):
        answer = await boris.post("/profile/notices", {**good, **wrong})
        assert answer.status == 422
        assert answer.one("#quiet_from-error").text().strip()
