"""A console is kept in line with the dialogs while its platform misbehaves: nothing is missed, nothing stands twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import insert, select

from connectors.console_events import ConsoleClaimed, ConsolePerson
from connectors.contract import Media, MediaKind, MessageEdited, Profile, Rejected
from inbox.actions.assign import assign
from inbox.actions.console_receive import receive_console_event
from inbox.actions.consoles import begin_console
from inbox.actions.deliver import claim_deliveries, mark_failed
from inbox.actions.fetched import claim_files, keep_file
from inbox.actions.receive_changes import receive_event
from inbox.actions.resolve import resolve
from inbox.channel_work import locked_config
from inbox.console.relay import IDLE_SECONDS, ConsoleRelay
from inbox.equipment import Equipment
from inbox.models import Channel, Console, ConsolePost
from inbox.queries.consoles import working_consoles
from inbox.rules.permissions import Actor
from inbox.runtime.blobs import Blobs
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault, hash_token
from inbox.settings import Settings
from tests.platforms.loopback import Answer
from tests.platforms.telegram import TOKEN, BotApi, failure, throttled
from tests.platforms.telegram_chats import Chat
from tests.servers_fixtures import both_databases
from tests.world import World

ANNA = ConsolePerson("101", "Аня")
SYSTEM = Actor.system()


@dataclass
class Steady:
    """A clock of seconds that only the test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Office:
    """A relay over a fake Telegram, driven step by step."""

    world: World
    api: BotApi
    group: Chat
    equipment: Equipment
    steady: Steady
    relay: ConsoleRelay

    async def work(self, most: int = 300) -> None:
        """Let the relay go on until nothing is left; it waits by the steady clock."""
        for _ in range(most):
            pause = await self.relay.step()
            if pause == IDLE_SECONDS and not await self.owed():
                return
            self.steady.seconds += pause
        raise AssertionError("the relay does not come to rest")

    async def restart(self) -> None:
        """Another process takes over."""
        (row,) = await self.world.read(working_consoles)
        self.relay = ConsoleRelay(self.equipment, row, self.steady)

    async def owed(self) -> int:
        """How many posts are still owed."""
        states = ConsolePost.state.in_(("queued", "sending"))
        return len(await self.world.rows(select(ConsolePost.id).where(states)))

    @property
    def topic(self) -> int:
        """The newest topic."""
        return max(self.group.topics)

    @property
    def posts(self) -> list[dict[str, Any]]:
        """What stands in the newest topic, the card first."""
        return [said for said in self.api.sent(self.group.id) if said.get("message_thread_id") == self.topic]

    @property
    def texts(self) -> list[str]:
        """The same without the card, as texts."""
        return [said.get("text") or said.get("caption", "") for said in self.posts[1:]]

    def calls(self, method: str) -> int:
        """How often a method was accepted."""
        return sum(1 for name, _ in self.api.bot.calls if name == method)


@pytest_asyncio.fixture
async def office(world: World, tmp_path: Path) -> AsyncIterator[Office]:
    """A console that is connected; the clients write on another channel."""
    api, vault, net = BotApi(), Vault.open("test", tmp_path), GuardedNet(allow_private=True)
    await net.open()
    async with api.run():
        locked = locked_config(vault, "telegram", {"token": TOKEN, "base_url": api.url})

        def add(tx: Any) -> int:
            values = {"kind": "telegram", "name": "Бот", "token": "bot", "config": locked, "created_at": tx.now}
            return int(tx.execute(insert(Channel), values).inserted_primary_key[0])

        bot, group = await world.write(add), api.group()
        await world.write(begin_console, world.actor("Вера"), bot, hash_token("code"))
        claimed = ConsoleClaimed(str(group.id), "Поддержка", ANNA, "code")
        await world.write(receive_console_event, Actor.channel(bot), bot, claimed)
        equipment = Equipment(
            world.database, world.bus, world.clock, net, vault, Blobs(tmp_path / "files"), Settings(data_dir=tmp_path)
        )
        (row,) = await world.read(working_consoles)
        steady = Steady()
        yield Office(world, api, group, equipment, steady, ConsoleRelay(equipment, row, steady))
    await net.close()


@both_databases
async def test_a_dialog_becomes_a_topic_with_a_card(world: World, office: Office) -> None:
    await world.client_writes("Есть обои?", profile=Profile(name="Марина"))
    await office.work()
    topic = office.group.topics[office.topic]
    assert (topic.name, topic.closed) == ("Марина · CRM", False)
    card, first = office.posts
    assert card["text"].startswith("Марина · CRM\nЖдёт с ")
    assert [button["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for button in row] == [
        "c:take:1", "c:resolve:1", "c:snooze:1:1h", "c:snooze:1:tomorrow",
    ]  # fmt: skip
    assert office.group.pinned == [card["message_id"]]
    assert first["text"] == "Марина:\nЕсть обои?"


async def test_the_card_the_lines_and_the_topic_follow_the_dialog(world: World, office: Office) -> None:
    conversation = await world.conversation_of(await world.client_writes("Есть обои?"))
    await world.write(assign, world.actor("Анна"), conversation, world.agents["Анна"])
    await world.agent_replies(conversation, "Да, есть")
    await office.work()
    assert office.texts == [
        "Клиент:\nЕсть обои?",
        "— Ответственный: Анна, диалог взят вручную",
        "Анна → клиенту:\nДа, есть",
    ]
    assert "Ответственный: Анна" in office.posts[0]["text"]
    await world.write(resolve, world.actor("Анна"), conversation)
    await office.work()
    assert office.group.topics[office.topic].closed
    assert "reply_markup" not in office.posts[0]
    await world.client_writes("Спасибо, а клей?")
    await office.work()
    assert not office.group.topics[office.topic].closed
    assert office.texts[-1].endswith("Клиент:\nСпасибо, а клей?")


async def test_an_edit_of_the_client_changes_the_post(world: World, office: Office) -> None:
    await world.client_writes("Есть обои", external_id="e-1")
    await office.work()
    edited = MessageEdited("e-1", "Есть ли обои?")
    await world.write(receive_event, Actor.channel(world.channel_id), world.channel_id, edited)
    await office.work()
    assert office.texts == ["Клиент:\n(изменено)\nЕсть ли обои?"]


async def test_a_burst_is_joined_and_never_dropped(world: World, office: Office) -> None:
    for number in range(40):
        await world.client_writes(f"вопрос {number}.")
    await office.work()
    told = "\n".join(office.texts)
    assert [told.count(f"вопрос {number}.") for number in range(40)] == [1] * 40
    assert told.index("вопрос 0.") < told.index("вопрос 20.") < told.index("вопрос 39.")
    assert len(office.texts) <= 3
    # One minute takes no more than its twenty posts, whatever there is to say.
    assert office.calls("sendMessage") <= 20


async def test_the_platforms_pause_is_kept(world: World, office: Office) -> None:
    await world.client_writes()
    office.api.fault("createForumTopic", throttled(7))
    assert await office.relay.step() == 0.0
    assert await office.relay.step() == 7.0
    await office.work()
    assert office.texts == ["Клиент:\nЗдравствуйте!"]


@both_databases
async def test_a_lost_answer_is_looked_for_before_anything_is_said_again(world: World, office: Office) -> None:
    office.api.lose("createForumTopic")
    office.api.lose("sendMessage", 2)
    await world.client_writes("Раз")
    await office.work()
    await world.client_writes("Два")
    office.api.lose("sendMessage")
    await office.restart()
    await office.work()
    assert office.texts == ["Клиент:\nРаз", "Клиент:\nДва"]
    assert len(office.group.topics) == 1


async def test_a_request_that_never_arrived_is_made_again(world: World, office: Office) -> None:
    office.api.fault("createForumTopic", Answer(504, b""))
    office.api.fault("sendMessage", Answer(502, b""), Answer(504, b""))
    await world.client_writes("Раз")
    await office.work()
    assert office.texts == ["Клиент:\nРаз"]
    assert len(office.group.topics) == 1


async def test_a_process_that_dies_in_the_middle_leaves_no_double(world: World, office: Office) -> None:
    await world.client_writes("Раз")
    await office.work()
    await world.client_writes("Два")
    office.api.lose("sendMessage")
    while not any("Два" in text for text in office.texts):
        office.steady.seconds += await office.relay.step()
    await office.restart()
    await office.work()
    assert office.texts == ["Клиент:\nРаз", "Клиент:\nДва"]


async def test_a_deleted_topic_is_opened_anew_once(world: World, office: Office) -> None:
    await world.client_writes("Раз")
    await office.work()
    del office.group.topics[office.topic]
    await world.client_writes("Два")
    await office.work()
    assert office.texts == ["Клиент:\nДва"]
    assert office.posts[0]["text"].startswith("Клиент · CRM")
    office.group.topics.clear()
    await world.client_writes("Три")
    await office.work()
    assert office.group.topics == {}


async def test_files_go_as_an_album_and_late_ones_by_themselves(world: World, office: Office) -> None:
    media = tuple(Media(MediaKind.IMAGE, f"{n}.jpg", "image/jpeg", 9, ref=f"f-{n}") for n in range(3))
    await world.client_writes("Вот", media=media)
    for _ in range(9):
        office.steady.seconds += await office.relay.step()
    assert office.texts == []
    await arrive(office, 2)
    world.clock.advance(seconds=30)
    await office.work()
    assert office.texts == ["Клиент:\nВот\n[2.jpg: получаем из канала]", ""]
    await arrive(office, 1)
    await office.work()
    assert office.texts == ["Клиент:\nВот\n[2.jpg: получаем из канала]", "", "Клиент:"]
    assert office.calls("sendMediaGroup") == 1
    assert office.calls("sendPhoto") == 1


async def arrive(office: Office, count: int) -> None:
    """The worker has fetched so many of the files."""
    for _ in range(count):
        (file, *_) = await office.world.write(claim_files, SYSTEM)

        async def content() -> AsyncIterator[bytes]:
            yield b"\xff\xd8\xff\xe0picture"

        blob = await office.equipment.blobs.store(content(), 1000)
        await office.world.write(keep_file, SYSTEM, file, blob)
        office.world.clock.advance(minutes=3)


async def test_a_file_that_is_gone_from_the_disk_holds_up_nobody(world: World, office: Office) -> None:
    await world.client_writes("Вот", media=(Media(MediaKind.IMAGE, "a.jpg", "image/jpeg", 9, ref="f-1"),))
    await arrive(office, 1)
    for file in (Path(office.equipment.settings.data_dir) / "files").rglob("*"):
        if file.is_file():
            file.unlink()
    await world.client_writes("И ещё", address="oleg")
    await office.work()
    said = "\n".join(office.api.texts(office.group.id))
    assert "Вот\n[a.jpg: нельзя показать здесь, смотрите в инбоксе]" in said
    assert "И ещё" in said


async def test_a_platforms_braces_are_only_words(world: World, office: Office) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    await world.agent_replies(conversation)
    (owed,) = await world.write(claim_deliveries, SYSTEM)
    await world.write(mark_failed, SYSTEM, owed, Rejected("can't parse {0.__class__} } { {name}"), idempotent=False)
    await office.work()
    assert "Не доставлено: can't parse {0.__class__} } { {name}" in "\n".join(office.texts)


async def test_a_group_that_became_a_supergroup_goes_on(world: World, office: Office) -> None:
    await world.client_writes("Раз")
    await office.work()
    moved = office.api.group("Поддержка")
    moved.topics, moved.newest = office.group.topics, office.group.newest
    office.group.migrated_to = moved.id
    await world.client_writes("Два")
    await office.work()
    assert [said["text"] for said in office.api.sent(moved.id)] == ["Клиент:\nДва"]


async def test_a_missing_right_is_told_and_everything_waits(world: World, office: Office) -> None:
    words = "Bad Request: not enough rights to create a topic"
    office.api.fault("createForumTopic", failure(400, words), failure(400, words))
    await world.client_writes("Раз")
    await office.relay.step()
    (row,) = await world.rows(select(Console.state, Console.reason))
    assert row.state == "degraded"
    await office.work()
    (row,) = await world.rows(select(Console.state))
    assert row.state == "ok"
    assert office.texts == ["Клиент:\nРаз"]


async def test_the_check_says_step_by_step_what_is_missing(world: World, office: Office) -> None:
    await office.relay.check()
    (row,) = await world.rows(select(Console.state, Console.steps))
    assert row.state == "ok"
    assert [done for _, done, _ in row.steps] == [True] * 5
    office.group.forum = False
    office.group.members[office.api.bot.id] = "member"
    await office.relay.check()
    (row,) = await world.rows(select(Console.state, Console.reason, Console.steps))
    assert row.state == "degraded"
    assert row.reason == "Open the group's settings in Telegram and switch on Topics."
    assert [done for _, done, _ in row.steps] == [True, False, False, False, False]


async def test_a_merged_supergroup_of_troubles(world: World, office: Office) -> None:
    """Forty messages of four clients while one in four requests fails before or after it is accepted."""
    office.api.trouble = 0.25
    for number in range(40):
        await world.client_writes(f"вопрос {number}.", address=f"client-{number % 4}")
        if number % 5 == 0:
            office.steady.seconds += await office.relay.step()
        if number == 20:
            await office.restart()
    await office.work(2000)
    said = "\n".join(office.api.texts(office.group.id))
    assert [said.count(f"вопрос {number}.") for number in range(40)] == [1] * 40
    assert len(office.group.topics) == 4
