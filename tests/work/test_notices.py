"""What agents are told in private: once, in their words, not while they are here, not while it is quiet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import insert, select

from connectors.console_events import ConsoleLinked, ConsolePerson, ConsolePressed
from connectors.contract import Profile, Referral
from inbox.actions.agent_accounts import begin_link
from inbox.actions.assign import assign
from inbox.actions.console_receive import receive_console_event
from inbox.actions.notices import choose_notices
from inbox.actions.resolve import resolve
from inbox.channel_work import locked_config
from inbox.console.notices import Notices
from inbox.equipment import Equipment
from inbox.models import Channel, Notice
from inbox.queries.notice_choices import Choices
from inbox.rules.permissions import Actor
from inbox.runtime.blobs import Blobs
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault, hash_token
from inbox.settings import Settings
from tests.platforms.loopback import Answer
from tests.platforms.telegram import TOKEN, BotApi, throttled
from tests.platforms.telegram_chats import Person
from tests.servers_fixtures import both_databases
from tests.world import World


@dataclass
class Post:
    """Notices over a fake Telegram; `people` are the linked agents by name."""

    world: World
    api: BotApi
    bot: int
    notices: Notices
    people: dict[str, Person]

    def told(self, name: str) -> list[str]:
        """What an agent was told, without the greeting."""
        return self.api.texts(self.people[name].id)[1:]

    async def event(self, event: Any) -> None:
        """Something happens in a private talk."""
        await self.world.write(receive_console_event, Actor.channel(self.bot), self.bot, event)


@pytest_asyncio.fixture
async def post(world: World, tmp_path: Path) -> AsyncIterator[Post]:
    """Анна and the manager Борис are linked and have been greeted."""
    api, vault, net = BotApi(), Vault.open("test", tmp_path), GuardedNet(allow_private=True)
    await net.open()
    async with api.run():
        locked = locked_config(vault, "telegram", {"token": TOKEN, "base_url": api.url})

        def add(tx: Any) -> int:
            values = {"kind": "telegram", "name": "Бот", "token": "bot", "config": locked, "created_at": tx.now}
            return int(tx.execute(insert(Channel), values).inserted_primary_key[0])

        settings = Settings(data_dir=tmp_path, public_url="https://inbox.example.com")
        equipment = Equipment(world.database, world.bus, world.clock, net, vault, Blobs(tmp_path / "files"), settings)
        made = Post(world, api, await world.write(add), Notices(equipment), {})
        for name in ("Анна", "Борис"):
            person = made.people[name] = api.person(name)
            await world.write(begin_link, world.actor(name), made.bot, hash_token(name))
            await made.event(ConsoleLinked(ConsolePerson(str(person.id), name), name))
        # In the morning of the world nobody has worked in the messenger yet.
        await made.notices.tell()
        assert [api.texts(person.id)[0] for person in made.people.values()] == [
            "Готово: здесь вы — Анна из инбокса.",
            "Готово: здесь вы — Борис из инбокса.",
        ]
        yield made
    await net.close()


async def given(world: World) -> int:
    """A dialog that the administrator gives to Анна."""
    conversation = await world.conversation_of(await world.client_writes("Есть обои?", profile=Profile(name="Марина")))
    await world.write(assign, world.actor("Вера"), conversation, world.agents["Анна"])
    return conversation


async def test_a_new_dialog_is_told_once_with_buttons(world: World, post: Post) -> None:
    conversation = await given(world)
    await post.notices.tell()
    await post.notices.tell()
    assert post.told("Анна") == ["Вам новый диалог: Марина · CRM"]
    buttons = post.api.sent(post.people["Анна"].id)[-1]["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in buttons for button in row] == ["Открыть диалог"]
    assert buttons[0][0]["url"] == f"https://inbox.example.com/conversations/{conversation}"


async def test_who_is_at_the_screen_or_took_it_is_not_told(world: World, post: Post) -> None:
    await world.online("Анна")
    await given(world)
    await post.notices.tell()
    assert post.told("Анна") == []
    world.clock.advance(minutes=10)
    other = await world.conversation_of(await world.client_writes(address="oleg"))
    await world.write(assign, world.actor("Анна"), other, world.agents["Анна"])
    await post.notices.tell()
    # The wait of the first dialog is told, the dialog that she took is not.
    assert post.told("Анна") == ["Марина · CRM: ждёт ответа 10\u00a0мин"]


@both_databases
async def test_a_client_of_nobody_is_told_to_all_and_taken_by_a_button(world: World, post: Post) -> None:
    conversation = await world.conversation_of(await world.client_writes(profile=Profile(name="Марина")))
    world.clock.advance(minutes=6)
    await post.notices.tell()
    words = "Марина · CRM: ждёт ответа 6\u00a0мин"
    assert post.told("Анна") == [words]
    assert post.told("Борис") == [words]
    await post.event(
        ConsolePressed(
            str(post.people["Анна"].id), None, ConsolePerson(str(post.people["Анна"].id)), f"take:{conversation}"
        )
    )
    assert (await world.conversation(conversation)).assignee_id == world.agents["Анна"]
    await post.notices.tell()
    assert post.told("Анна") == [words, "Диалог с клиентом Марина теперь ваш."]


async def test_the_night_is_quiet_and_choices_hold(world: World, post: Post) -> None:
    world.clock.advance(hours=11)
    await given(world)
    await post.notices.tell()
    assert post.told("Анна") == []
    world.clock.advance(hours=13)
    await world.write(choose_notices, world.actor("Анна"), Choices(new_dialog=False, waiting=False))
    other = await world.conversation_of(await world.client_writes(address="oleg"))
    await world.write(assign, world.actor("Вера"), other, world.agents["Анна"])
    world.clock.advance(minutes=6)
    await post.notices.tell()
    assert post.told("Анна") == []


async def test_an_answered_client_is_not_told_any_more(world: World, post: Post) -> None:
    conversation = await given(world)
    world.clock.advance(minutes=6)
    post.api.fault("sendMessage", throttled(60), throttled(60))
    await post.notices.tell()
    await world.agent_replies(conversation, name="Глеб")
    await world.write(resolve, world.actor("Глеб"), conversation)
    world.clock.advance(minutes=2)
    await post.notices.tell()
    assert post.told("Анна") == []


async def test_trouble_is_tried_again_and_a_lost_answer_is_not(world: World, post: Post) -> None:
    await given(world)
    post.api.fault("sendMessage", Answer(502, b""))
    await post.notices.tell()
    assert post.told("Анна") == []
    post.api.lose("sendMessage")
    world.clock.advance(minutes=1)
    await post.notices.tell()
    world.clock.advance(minutes=1)
    await post.notices.tell()
    assert post.told("Анна") == ["Вам новый диалог: Марина · CRM"]
    (row,) = await world.rows(select(Notice.state).where(Notice.kind == "new"))
    assert row.state == "sent"


@both_databases
async def test_the_morning_is_told_to_managers_once(world: World, post: Post) -> None:
    slow = await world.conversation_of(
        await world.client_writes(profile=Profile(name="Марина"), referral=Referral(source="yandex", medium="cpc"))
    )
    world.clock.advance(minutes=40)
    await world.agent_replies(slow)
    lost = await world.conversation_of(await world.client_writes("Ау?", address="oleg"))
    await world.write(resolve, world.actor("Анна"), lost)
    # The next day, five past nine in Moscow.
    world.clock.moment = world.clock.moment.replace(hour=6, minute=5) + timedelta(days=1)
    await world.client_writes("Утро", address="petr")
    await world.online("Борис")
    for _ in range(3):
        await post.notices.tell()
    (digest,) = post.told("Борис")
    assert "• Сейчас ждёт 1 клиент, дольше всех с " in digest
    assert "• Вчера потерян 1 клиент" in digest
    assert f"• Марина, 40\u00a0мин: https://inbox.example.com/conversations/{slow}" in digest
    assert "• Яндекс: 1" in digest
    assert not any("Доброе утро" in text for text in post.told("Анна"))
