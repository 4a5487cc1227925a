"""A client writes from Telegram; one agent answers from the group, one at the screen; Telegram misbehaves all the while.

Nobody misses anything and nothing stands anywhere twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inbox.actions.agent_accounts import begin_link
from inbox.actions.consoles import begin_console
from inbox.actions.reply import Draft, NewerReply, reply
from inbox.actions.retry import confirm_arrived, retry_delivery
from inbox.console.relay import IDLE_SECONDS, ConsoleRelay
from inbox.models import AgentAccount, ConsolePost, Conversation, Delivery, Message
from inbox.queries.consoles import working_consoles
from inbox.runtime.secrets import hash_token
from tests.platforms.telegram_chats import Chat, Person
from tests.work.bots import BotOffice, open_bot_office
from tests.world import World

ROUNDS = 12


@dataclass
class Steady:
    """A clock of seconds that only the test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Journey:
    """The office with a group of agents; Анна works in the group, Глеб at the screen."""

    office: BotOffice
    group: Chat
    anna: Person
    marina: Person
    relay: ConsoleRelay
    steady: Steady

    @property
    def world(self) -> World:
        """Shortcuts."""
        return self.office.world

    async def follow(self) -> None:
        """The relay goes on until nothing is owed to the group."""
        for _ in range(500):
            pause = await self.relay.step()
            states = ConsolePost.state.in_(("queued", "sending"))
            if pause == IDLE_SECONDS and not await self.world.rows(select(ConsolePost.id).where(states)):
                return
            self.steady.seconds += pause
        raise AssertionError("the group is not brought in line")

    async def restart(self) -> None:
        """Another process takes the group over."""
        (row,) = await self.world.read(working_consoles)
        self.relay = ConsoleRelay(self.office.equipment, row, self.steady)

    async def hand_over(self) -> None:
        """Everything goes out; what may have arrived is decided as an agent would who looks into the client's chat."""
        for _ in range(60):
            await self.office.hand_over()
            unclear = select(Delivery.id, Message.text).join(Message).where(Delivery.state == "unknown")
            for row in await self.world.rows(unclear):
                there = row.text in self.office.api.texts(self.marina.id)
                await self.world.write(confirm_arrived if there else retry_delivery, self.world.actor("Глеб"), row.id)
            if not {"queued", "sending"} & set(await self.office.states()):
                return
            self.world.clock.advance(minutes=5)
        raise AssertionError("something is still owed to the client")

    async def polled(self, thing: Any, count: int) -> None:
        """Poll until so many rows are there."""
        await self.office.pollers.look()

        async def enough() -> bool:
            return len(await self.world.rows(thing)) >= count

        await self.office.until(enough)

    async def answers_at_the_screen(self, text: str) -> None:
        """Глеб answers what he sees."""
        (conversation,) = await self.world.rows(select(Conversation.id))
        newest = await self.world.rows(select(Message.id).order_by(Message.id.desc()).limit(1))
        draft = Draft(f"screen-{text}", text, newest[0].id)
        await self.world.write(reply, self.world.actor("Глеб"), conversation.id, draft)

    def answers_in_the_group(self, text: str) -> None:
        """Анна writes into the topic."""
        (topic,) = self.group.topics
        self.office.api.push("message", self.anna.message(self.group, text, message_thread_id=topic))


async def begin(world: World, office: BotOffice) -> Journey:
    """A group is connected by its code, an account by its link, both through Telegram's updates."""
    api, group = office.api, office.api.group("Поддержка")
    anna, marina = api.person("Аня"), api.person("Марина")
    await world.write(begin_console, world.actor("Вера"), world.channel_id, hash_token("code"))
    await world.write(begin_link, world.actor("Анна"), world.channel_id, hash_token("anna"))
    api.push("message", anna.message(group, "/start@dubrava_bot connect-code"))
    anna.starts("login-anna")
    steady = Steady()
    journey = Journey(office, group, anna, marina, None, steady)  # type: ignore[arg-type]
    await journey.polled(select(AgentAccount.id), 1)
    await journey.restart()
    return journey


async def test_nobody_misses_anything_and_nothing_stands_twice(world: World, tmp_path: Path) -> None:
    async with open_bot_office(world, tmp_path, trouble=0.2, seed=7) as office:
        journey = await begin(world, office)
        outgoing = select(Message.id).where(Message.kind == "outgoing")
        for number in range(ROUNDS):
            office.api.repeat = number % 3
            journey.marina.writes(f"вопрос {number}.")
            journey.marina.writes(f"и ещё {number}.")
            await office.take_in(2 * number + 2)
            await journey.follow()
            journey.answers_in_the_group(f"из группы {number}.")
            await journey.polled(outgoing, 2 * number + 1)
            await journey.answers_at_the_screen(f"с экрана {number}.")
            if number % 4 == 3:
                await journey.restart()
            await journey.hand_over()
            await journey.follow()

        asked = [text for number in range(ROUNDS) for text in (f"вопрос {number}.", f"и ещё {number}.")]
        answered = [text for number in range(ROUNDS) for text in (f"из группы {number}.", f"с экрана {number}.")]
        # The client has every answer once, in order.
        assert office.api.texts(journey.marina.id) == answered
        # The group has every question and every answer of the screen once; what was written there is not echoed.
        said = "\n".join(office.api.texts(journey.group.id))
        assert [said.count(text) for text in asked] == [1] * len(asked)
        assert [said.count(f"с экрана {number}.") for number in range(ROUNDS)] == [1] * ROUNDS
        assert said.count("из группы") == 0
        assert len(journey.group.topics) == 1
        # The screen has all of it, under the right names.
        rows = await world.rows(
            select(Message.text, Message.agent_id).where(Message.kind != "activity").order_by(Message.id)
        )
        agents = {row.text: row.agent_id for row in rows}
        assert sorted(row.text for row in rows) == sorted([*asked, *answered])
        assert {agents[f"из группы {number}."] for number in range(ROUNDS)} == {world.agents["Анна"]}
        assert {agents[f"с экрана {number}."] for number in range(ROUNDS)} == {world.agents["Глеб"]}


async def test_two_who_answer_at_once_do_not_talk_over_each_other(world: World, tmp_path: Path) -> None:
    async with open_bot_office(world, tmp_path) as office:
        journey = await begin(world, office)
        journey.marina.writes("Есть обои?")
        await office.take_in(1)
        await journey.follow()
        await journey.answers_at_the_screen("Да, есть")
        # The answer of the screen does not stand in the group yet.
        journey.answers_in_the_group("Нет, кончились")
        await journey.polled(select(ConsolePost.id).where(ConsolePost.kind == "words"), 1)
        await journey.follow()
        await journey.hand_over()
        assert office.api.texts(journey.marina.id) == ["Да, есть"]
        told = "\n".join(office.api.texts(journey.group.id))
        assert "Глеб → клиенту:\nДа, есть" in told
        assert "Не отправлено: Глеб только что ответил(а)" in told
        # And the other way round: who answers at the screen without having seen the group's answer is asked.
        journey.answers_in_the_group("Сейчас уточню")
        await journey.polled(select(Message.id).where(Message.kind == "outgoing"), 2)
        (conversation,) = await world.rows(select(Conversation.id))
        try:
            await world.write(reply, world.actor("Глеб"), conversation.id, Draft("late", "Поздно", 1))
        except NewerReply:
            pass
        else:
            raise AssertionError("nobody was told")


async def test_the_worker_does_it_by_itself(world: World, tmp_path: Path) -> None:
    async with open_bot_office(world, tmp_path) as office:
        journey = await begin(world, office)
        running = asyncio.create_task(office.worker.run())
        journey.marina.writes("Есть обои?")

        async def stands_in_the_group() -> bool:
            return any("Есть обои?" in text for text in office.api.texts(journey.group.id))

        await office.until(stands_in_the_group)
        journey.answers_in_the_group("Да, есть")

        async def is_answered() -> bool:
            return office.api.texts(journey.marina.id) == ["Да, есть"]

        await office.until(is_answered)

        async def is_greeted() -> bool:
            return office.api.texts(journey.anna.id) == ["Готово: здесь вы — Анна из инбокса."]

        await office.until(is_greeted)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert len(journey.group.topics) == 1
