"""Answers to Telegram through the whole product while Telegram misbehaves: none is lost, none is sent twice, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from inbox.models import Address, Delivery
from inbox.rules.errors import Invalid
from tests.faults.office import ForgetfulDatabase, make_worker
from tests.platforms.telegram import failure, throttled
from tests.platforms.telegram_chats import Person
from tests.work.bots import BotOffice, open_bot_office
from tests.world import World


@pytest_asyncio.fixture
async def office(world: World, tmp_path: Path) -> AsyncIterator[BotOffice]:
    async with open_bot_office(world, tmp_path) as made:
        yield made


async def dialog(office: BotOffice, person: Person) -> int:
    """The client writes; returns the conversation."""
    before = len(await office.incoming())
    person.writes("Здравствуйте")
    await office.take_in(before + 1)
    return int((await office.incoming())[-1].conversation_id)


async def told(office: BotOffice) -> list[Any]:
    return await office.world.rows(select(Delivery.state, Delivery.error, Delivery.error_code).order_by(Delivery.id))


@pytest.mark.parametrize("seed", [1, 2])
async def test_under_random_faults_nothing_is_lost_and_nothing_sent_twice(
    world: World, tmp_path: Path, seed: int
) -> None:
    async with open_bot_office(world, tmp_path, trouble=0.2, seed=seed) as office:
        people = [office.api.person(f"Клиент {number}") for number in range(10)]
        owed: dict[int, list[str]] = {}
        for person in people:
            conversation_id = await dialog(office, person)
            owed[person.id] = [f"{person.id}: ответ {turn} 🙂" for turn in range(3)]
            for text in owed[person.id]:
                await world.agent_replies(conversation_id, text)
        await office.hand_everything_over()
        states = await office.states()
        assert set(states) == {"sent", "unknown"}, "some answers must have been lost on the way back"
        for person in people:
            assert office.api.texts(person.id) == owed[person.id]


async def test_who_is_killed_between_sending_and_noting_leaves_it_unknown(office: BotOffice) -> None:
    marina = office.api.person()
    await office.world.agent_replies(await dialog(office, marina), "Есть")
    forgetful: Any = ForgetfulDatabase(office.world.database)
    doomed = make_worker(replace(office.equipment, database=forgetful))
    assert await doomed.deliver_due() == 1
    await doomed.stop()
    office.world.clock.advance(seconds=61)
    await office.hand_everything_over()
    assert await office.states() == ["unknown"]
    assert office.api.texts(marina.id) == ["Есть"]


async def test_one_slow_chat_holds_up_nobody(office: BotOffice) -> None:
    slow, quick = office.api.person("Медленный"), office.api.person("Быстрый")
    for text in ("раз", "два"):
        await office.world.agent_replies(await dialog(office, slow), text)
    slow.chat.slow = 2.0
    assert await office.worker.deliver_due() == 1
    await office.world.agent_replies(await dialog(office, quick), "сразу")
    async with asyncio.timeout(1.5):
        assert await office.worker.deliver_due() == 1
        await office.until(lambda: _reads(office, quick, ["сразу"]))
    assert office.api.texts(slow.id) == []
    slow.chat.slow = 0.0
    await office.worker.stop()
    await office.hand_everything_over()
    assert office.api.texts(slow.id) == ["раз", "два"]


async def _reads(office: BotOffice, person: Person, texts: list[str]) -> bool:
    return office.api.texts(person.id) == texts


async def test_who_is_asked_to_wait_waits_as_long_and_alone(office: BotOffice) -> None:
    marina, oleg = office.api.person(), office.api.person("Олег")
    await office.world.agent_replies(await dialog(office, marina), "подождите")
    office.api.fault("sendMessage", throttled(40))
    await office.hand_over()
    await office.world.agent_replies(await dialog(office, oleg), "сразу")
    await office.hand_over()
    assert office.api.texts(oleg.id) == ["сразу"]
    office.world.clock.advance(seconds=39)
    assert await office.hand_over() == 0
    office.world.clock.advance(seconds=2)
    assert await office.hand_over() == 1
    assert office.api.texts(marina.id) == ["подождите"]


async def test_two_who_are_asked_to_wait_mean_the_whole_bot(office: BotOffice) -> None:
    people = [office.api.person(f"Клиент {number}") for number in range(3)]
    dialogs = [await dialog(office, person) for person in people]
    office.api.fault("sendMessage", throttled(30), throttled(30))
    for conversation_id in dialogs[:2]:
        await office.world.agent_replies(conversation_id, "подождите")
    assert await office.hand_over() == 2
    await office.world.agent_replies(dialogs[2], "и вы")
    assert await office.hand_over() == 0
    assert await office.states() == ["queued"] * 3


async def test_a_client_who_blocked_the_bot_is_not_written_to(office: BotOffice) -> None:
    marina = office.api.person()
    conversation_id = await dialog(office, marina)
    marina.chat.blocked = "Forbidden: bot was blocked by the user"
    await office.world.agent_replies(conversation_id, "Вы здесь?")
    await office.hand_over()
    ((state, error, code),) = await told(office)
    assert (state, error, code) == ("failed", "The client has blocked the bot.", "contact_stopped")
    assert (await office.world.rows(select(Address.stopped_at)))[0].stopped_at is not None
    with pytest.raises(Invalid):
        await office.world.agent_replies(conversation_id, "Ещё раз")


async def test_a_token_that_is_not_accepted_stops_the_queue_and_loses_nothing(office: BotOffice) -> None:
    marina = office.api.person()
    conversation_id = await dialog(office, marina)
    await office.pollers.stop()
    office.api.fault("sendMessage", failure(401, "Unauthorized"))
    await office.world.agent_replies(conversation_id, "раз")
    await office.hand_over()
    await office.world.agent_replies(conversation_id, "два")
    assert await office.hand_over() == 0
    channel = await office.channel()
    assert (channel.state, channel.state_reason) == (
        "reconnect",
        "Telegram does not accept the token any more: make a new one in @BotFather.",
    )
    assert await office.states() == ["failed", "queued"]


async def test_a_long_answer_goes_on_where_it_stopped(office: BotOffice) -> None:
    marina = office.api.person()
    conversation_id = await dialog(office, marina)
    text = "слово " * 1500
    await office.world.agent_replies(conversation_id, text)
    office.api.fault_after("sendMessage", 1, throttled(1))
    await office.hand_over()
    assert len(office.api.texts(marina.id)) == 1
    await office.hand_everything_over()
    assert "".join(office.api.texts(marina.id)).split() == text.split()
    assert len(office.api.texts(marina.id)) == 3
