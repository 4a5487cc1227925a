"""Agents answer from a console: the same actions, the same clock, the same refusals as on the screen."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update

from connectors.console_events import (
    ConsoleClaimed,
    ConsoleEdited,
    ConsoleEvent,
    ConsoleLinked,
    ConsoleMessage,
    ConsoleMoved,
    ConsolePerson,
    ConsolePressed,
    ConsoleThreadChanged,
)
from connectors.contract import Media, MediaKind
from inbox.actions.agent_accounts import begin_link, unlink_account
from inbox.actions.assign import release_absent
from inbox.actions.console_follow import follow_console
from inbox.actions.console_receive import receive_console_event
from inbox.actions.consoles import begin_console, route_console
from inbox.actions.deliver import claim_deliveries
from inbox.actions.fetched import claim_files, put_off_file
from inbox.models import (
    AgentAccount,
    Attachment,
    Channel,
    Console,
    ConsolePost,
    ConsoleThread,
    Conversation,
    Delivery,
    Message,
    ReplyTemplate,
    Turn,
)
from inbox.queries.consoles import working_consoles
from inbox.rules.permissions import Actor
from inbox.runtime.secrets import hash_token
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases

ANNA = ConsolePerson("101", "Аня")
GLEB = ConsolePerson("102", "Глеб")
STRANGER = ConsolePerson("999", "Прохожий")
SPACE = "-100500"
_SYSTEM = Actor.system()


class Group:
    """A console over the world: a bot's channel with a group, and dialogs of the world's own channel shown there."""

    def __init__(self, world: World, bot: int) -> None:
        self.world = world
        self.bot = bot
        self.console_id = 0
        self.said = 0

    async def tell(self, event: ConsoleEvent) -> None:
        """Something happens there."""
        await self.world.write(receive_console_event, Actor.channel(self.bot), self.bot, event)

    async def follow(self) -> None:
        """The console reads the log, and what is owed counts as posted."""
        while await self.world.write(follow_console, _SYSTEM, self.console_id):
            pass

        def post(tx: Any) -> None:
            for row in tx.execute(select(ConsoleThread.id, ConsoleThread.thread)).all():
                if row.thread is None:
                    tx.execute(update(ConsoleThread).where(ConsoleThread.id == row.id).values(thread=str(row.id)))
            for row in tx.execute(select(ConsolePost.id).where(ConsolePost.state == "queued")).all():
                told = {"state": "sent", "external_id": f"post-{row.id}"}
                tx.execute(update(ConsolePost).where(ConsolePost.id == row.id).values(told))

        await self.world.write(post)

    async def link(self, name: str, person: ConsolePerson) -> None:
        """An agent of the cast links their account."""
        token = f"token-{name}"
        await self.world.write(begin_link, self.world.actor(name), self.bot, hash_token(token))
        await self.tell(ConsoleLinked(person, token))

    async def says(self, person: ConsolePerson, text: str, thread: str = "1", **parts: Any) -> str:
        """Somebody writes in a thread; returns the message's name."""
        self.said += 1
        name = parts.pop("external_id", f"msg-{self.said}")
        await self.tell(ConsoleMessage(SPACE, thread, name, person, text, **parts))
        return name

    async def words(self) -> list[str]:
        """The keys of what we told the agents, oldest first."""
        rows = await self.world.rows(
            select(ConsolePost.words).where(ConsolePost.kind == "words").order_by(ConsolePost.id)
        )
        return [row.words.get("key") or row.words["sheet"] for row in rows]


@pytest_asyncio.fixture
async def group(world: World) -> Group:
    """A connected group; Анна and Глеб have linked their accounts; a client has written."""

    def add(tx: Any) -> int:
        values = {"kind": "api", "name": "Бот", "token": "bot", "config": {}, "created_at": tx.now}
        return int(tx.execute(insert(Channel), values).inserted_primary_key[0])

    made = Group(world, await world.write(add))
    made.console_id = await world.write(begin_console, world.actor("Вера"), made.bot, hash_token("code"))
    await made.tell(ConsoleClaimed(SPACE, "Поддержка", ANNA, "code"))
    await made.link("Анна", ANNA)
    await made.link("Глеб", GLEB)
    await world.client_writes("Есть обои?")
    await made.follow()
    return made


async def messages(world: World) -> list[Any]:
    rows = select(Message.kind, Message.text, Message.agent_id, Message.reply_to_id).order_by(Message.id)
    return [row for row in await world.rows(rows) if row.kind != "activity"]


async def test_a_group_becomes_the_console_by_its_code_only(world: World, group: Group) -> None:
    await group.tell(ConsoleClaimed("-1", "Чужая", STRANGER, "guess"))
    await group.tell(ConsoleClaimed("-2", "Повтор", STRANGER, "code"))
    assert [row.space for row in await world.read(working_consoles)] == [SPACE]
    await group.tell(ConsoleMoved(SPACE, "-100777"))
    assert [row.space for row in await world.read(working_consoles)] == ["-100777"]


async def test_an_answer_there_is_an_answer_of_the_agent(world: World, group: Group) -> None:
    await group.says(ANNA, "Да, есть")
    _, answer = await messages(world)
    assert (answer.kind, answer.text, answer.agent_id) == ("outgoing", "Да, есть", world.agents["Анна"])
    (turn,) = await world.rows(select(Turn.outcome, Turn.answered_by_id))
    assert tuple(turn) == ("answered", world.agents["Анна"])
    (conversation,) = await world.rows(select(Conversation.assignee_id))
    assert conversation.assignee_id == world.agents["Анна"]
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    assert owed.text == "Да, есть"
    # What stands there already is not mirrored back; the new assignee is a line.
    await group.follow()
    posts = await world.rows(select(ConsolePost.own, Message.text).join(Message, Message.id == ConsolePost.message_id))
    assert [post.own for post in posts if post.text == "Да, есть"] == [True]


async def test_the_same_message_twice_is_one(world: World, group: Group) -> None:
    await group.says(ANNA, "Да", external_id="7")
    await group.says(ANNA, "Да", external_id="7")
    assert [row.text for row in await messages(world)] == ["Есть обои?", "Да"]


async def test_who_is_not_linked_is_told_how_and_nothing_is_sent(world: World, group: Group) -> None:
    await group.says(STRANGER, "Привет")
    await group.says(ConsolePerson(""), "Привет от группы")
    assert len(await messages(world)) == 1
    stranger, hidden = await group.words()
    assert "Link your account" in stranger
    assert "you write as the group" in hidden
    await world.write(unlink_account, world.actor("Анна"), group.bot)
    await group.says(ANNA, "Уже не я")
    assert len(await messages(world)) == 1


async def test_a_token_works_once_and_for_a_while(world: World, group: Group) -> None:
    await group.tell(ConsoleLinked(STRANGER, "token-Анна"))
    await world.write(begin_link, world.actor("Борис"), group.bot, hash_token("late"))
    world.clock.advance(minutes=16)
    await group.tell(ConsoleLinked(STRANGER, "late"))
    rows = await world.rows(select(AgentAccount.person).order_by(AgentAccount.person))
    assert [row.person for row in rows] == ["101", "102"]


async def test_other_places_are_not_relayed(world: World, group: Group) -> None:
    await group.says(ANNA, "В другой теме", thread="404")
    await group.tell(ConsoleMessage("-1", "1", "x", ANNA, "В другой группе"))
    assert len(await messages(world)) == 1
    assert await group.words() == []


async def test_two_slashes_and_an_answer_to_a_note_stay_inside(world: World, group: Group) -> None:
    name = await group.says(ANNA, "// @Глеб, посмотри цену")
    await group.says(GLEB, "1200 за рулон", reply_to=name)
    rows = await messages(world)
    assert [(row.kind, row.text) for row in rows[1:]] == [("note", "@Глеб, посмотри цену"), ("note", "1200 за рулон")]
    await group.says(ANNA, "Рулон стоит 1200", reply_to="post-2")
    assert (await messages(world))[-1].kind == "outgoing"
    assert (await messages(world))[-1].reply_to_id is not None


async def test_somebody_else_was_first(world: World, group: Group) -> None:
    (conversation,) = await world.rows(select(Conversation.id))
    await world.agent_replies(conversation.id, "Уже отвечаю", name="Глеб")
    await group.says(ANNA, "И я отвечаю")
    assert [row.text for row in await messages(world)] == ["Есть обои?", "Уже отвечаю"]
    assert "has just answered" in (await group.words())[0]
    # Once the other answer stands in the thread, it has been seen.
    await group.follow()
    await group.says(ANNA, "Дополню")
    assert (await messages(world))[-1].text == "Дополню"


async def test_commands_are_the_buttons_of_the_screen(world: World, group: Group) -> None:
    await group.says(ANNA, "/take")
    await group.says(ANNA, "/assign глеб")
    (row,) = await world.rows(select(Conversation.id, Conversation.assignee_id))
    assert row.assignee_id == world.agents["Глеб"]
    await group.says(ANNA, "/snooze 2h")
    assert (await world.conversation(row.id)).status == "snoozed"
    await group.says(ANNA, "/source")
    await group.says(ANNA, "/card")
    await group.says(ANNA, "/resolve")
    assert (await world.conversation(row.id)).status == "resolved"
    await group.says(ANNA, "/snoze")
    await group.says(ANNA, "/assign никто")
    assert await group.words() == ["source", "card", "Not done: {reason}", "Not done: {reason}"]
    assert len(await messages(world)) == 1


async def test_a_template_is_filled_and_sent(world: World, group: Group) -> None:
    def add(tx: Any) -> None:
        values = {"title": "Привет", "shortcut": "hello", "text": "Здравствуйте, {{contact.name|дорогой клиент}}!"}
        tx.execute(insert(ReplyTemplate), {**values, "created_at": tx.now, "changed_at": tx.now})
        other = {"title": "Звонок", "shortcut": "call", "text": "Звоним на {{contact.phone}}"}
        tx.execute(insert(ReplyTemplate), {**other, "created_at": tx.now, "changed_at": tx.now})

    await world.write(add)
    await group.says(ANNA, "/t hel")
    assert (await messages(world))[-1].text == "Здравствуйте, дорогой клиент!"
    await group.says(ANNA, "/t call")
    await group.says(ANNA, "/t unknown")
    assert len(await messages(world)) == 2
    assert await group.words() == ["Not done: {reason}"] * 2
    # The text that went out is not what the agent wrote: it is shown.
    await group.follow()
    posts = await world.rows(
        select(ConsolePost.own).join(Message, Message.id == ConsolePost.message_id).where(Message.kind == "outgoing")
    )
    assert [post.own for post in posts] == [False]


async def test_buttons_do_the_same_and_broken_ones_nothing(world: World, group: Group) -> None:
    (row,) = await world.rows(select(Conversation.id))
    await group.tell(ConsolePressed(SPACE, "1", GLEB, f"take:{row.id}"))
    assert (await world.conversation(row.id)).assignee_id == world.agents["Глеб"]
    for action in ("", "take", "take:", "take:x", "drop:1", f"take:{'9' * 30}"):
        await group.tell(ConsolePressed(SPACE, "1", GLEB, action))
    await group.tell(ConsolePressed(SPACE, "1", GLEB, "take:404"))
    assert await group.words() == ["Not done: {reason}"]
    await group.tell(ConsolePressed(SPACE, "1", STRANGER, f"resolve:{row.id}"))
    assert (await world.conversation(row.id)).status == "open"


async def test_closing_the_thread_resolves_the_dialog(world: World, group: Group) -> None:
    await group.tell(ConsoleThreadChanged(SPACE, "1", ANNA, closed=True))
    (row,) = await world.rows(select(Conversation.id, Conversation.status))
    assert row.status == "resolved"
    await group.tell(ConsoleThreadChanged(SPACE, "1", ANNA, closed=False))
    assert (await world.conversation(row.id)).status == "open"


async def test_an_edit_there_is_an_edit_here(world: World, group: Group) -> None:
    name = await group.says(ANNA, "Да")
    await group.tell(ConsoleEdited(SPACE, "1", name, ANNA, "Да, есть"))
    assert (await messages(world))[-1].text == "Да, есть"
    note = await group.says(ANNA, "// цена 100")
    await group.tell(ConsoleEdited(SPACE, "1", note, ANNA, "// цена 200"))
    assert (await messages(world))[-1].text == "цена 200"
    await group.follow()
    assert await group.words() == []
    await group.tell(ConsoleEdited(SPACE, "1", name, GLEB, "Чужое"))
    assert (await messages(world))[1].text == "Да, есть"


async def test_an_answer_waits_for_its_files_and_says_when_they_fail(world: World, group: Group) -> None:
    await group.says(ANNA, "", media=(Media(MediaKind.IMAGE, "a.jpg", "image/jpeg", 10, ref="file-a"),), group="album")
    await group.says(
        ANNA, "Вот", media=(Media(MediaKind.IMAGE, "b.jpg", "image/jpeg", 10, ref="file-b"),), group="album"
    )
    assert [row.kind for row in await messages(world)] == ["incoming", "outgoing"]
    files = await world.rows(select(Attachment.ref, Attachment.channel_id).order_by(Attachment.id))
    assert [tuple(file) for file in files] == [("file-a", group.bot), ("file-b", group.bot)]
    world.clock.advance(seconds=3)
    assert await world.write(claim_deliveries, _SYSTEM) == []
    pending = await world.write(claim_files, _SYSTEM)
    await world.write(put_off_file, _SYSTEM, pending[0], "Файл не скачался", final=True)
    (delivery,) = await world.rows(select(Delivery.state, Delivery.error))
    assert tuple(delivery) == ("failed", "Файл не скачался")
    await group.follow()
    assert await group.words() == ["Not delivered: {reason}"]


async def test_work_in_the_console_is_presence(world: World, group: Group) -> None:
    await group.says(ANNA, "/take")
    world.clock.advance(minutes=10)
    assert await world.write(release_absent, _SYSTEM, 120) == 0
    world.clock.advance(minutes=10)
    assert await world.write(release_absent, _SYSTEM, 120) == 1


async def test_only_chosen_channels_are_shown(world: World, group: Group) -> None:
    await world.write(route_console, world.actor("Вера"), group.bot, [group.bot])
    await world.client_writes("Другой клиент", address="oleg")
    await group.follow()
    assert len(await world.rows(select(ConsoleThread.id))) == 1
    await world.write(route_console, world.actor("Вера"), group.bot, None)
    await world.client_writes("И ещё", address="oleg")
    await group.follow()
    assert len(await world.rows(select(ConsoleThread.id))) == 2


async def test_every_fact_is_owed_once(world: World, group: Group) -> None:
    await world.client_writes("И ещё вопрос")
    await group.follow()
    before = await world.rows(select(ConsolePost.id, ConsolePost.message_id))
    (console,) = await world.rows(select(Console.cursor))

    def back(tx: Any) -> None:
        tx.execute(update(Console).values(cursor=0))

    await world.write(back)
    await group.follow()
    assert [tuple(row) for row in await world.rows(select(ConsolePost.id, ConsolePost.message_id))] == [
        tuple(row) for row in before
    ]
    assert console.cursor > 0


@pytest.mark.parametrize("name", ["Анна", "Борис"])
async def test_who_may_not_connect_a_group(world: World, name: str) -> None:
    with pytest.raises(Exception, match="not allowed"):
        await world.write(begin_console, world.actor(name), world.channel_id, "hash")
