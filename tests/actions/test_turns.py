"""Whatever happens in whatever order, the stored turns equal the rule over the timeline."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from connectors.contract import Echo, MessageReceived
from inbox.actions.assign import assign, release
from inbox.actions.business_hours import change_hours
from inbox.actions.rebuild_turns import rebuild_turns
from inbox.actions.receive import receive
from inbox.actions.receive_changes import receive_event
from inbox.actions.reply import Draft, note, reply
from inbox.actions.resolve import dismiss, reopen, resolve, snooze, wake_snoozed
from inbox.models import Conversation, Turn, TurnSegment
from inbox.queries.turn_recount import recount_turns, turn_differences
from inbox.rules.business_hours import Interval
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor
from inbox.rules.schedules import COMPANY, Owner, OwnerKind, Schedule
from inbox.rules.wait_lengths import Lengths
from tests.servers_fixtures import both_databases
from tests.world import START, World

CLIENTS = ("a", "b", "c")


def quietly(done: int, total: int) -> None:
    """Nobody watches the progress."""


async def one_step(world: World, dice: random.Random, number: int) -> None:
    """Something that a busy day could bring, perhaps refused by the product."""
    channel = Actor.channel(world.channel_id)
    conversations = [row[0] for row in await world.rows(_ids())]
    anybody = world.actor(dice.choice(list(world.agents)))
    late = timedelta(seconds=dice.choice((0, 0, 0, 45, 600)))
    at = world.clock.now() - late
    address = dice.choice(CLIENTS)
    if not conversations or dice.random() < 0.35:
        event = MessageReceived(address=address, external_id=f"in-{number}", text="?", at=at)
        await world.write(receive, channel, world.channel_id, event)
        return
    target = dice.choice(conversations)
    draft = Draft(client_id=f"out-{number}", text="!", force=True)
    steps: list[Any] = [
        lambda: world.write(reply, anybody, target, draft),
        lambda: world.write(reply, anybody, target, draft),
        lambda: world.write(note, anybody, target, draft),
        lambda: world.write(assign, anybody, target, dice.choice([*world.agents.values(), None])),
        lambda: world.write(resolve, anybody, target),
        lambda: world.write(reopen, anybody, target),
        lambda: world.write(snooze, anybody, target, world.clock.now() + timedelta(minutes=5)),
        lambda: world.write(wake_snoozed, Actor.system()),
        lambda: world.write(dismiss, anybody, target, dice.choice(("", "Спасибо"))),
        lambda: world.write(release, Actor.system(), dice.choice(list(world.agents.values())), waiting_only=False),
        lambda: world.write(
            receive_event, channel, world.channel_id, Echo(address, f"echo-{number}", "из приложения", at)
        ),
        lambda: change_some_hours(world, dice),
        lambda: world.online(*dice.sample(list(world.agents), 2)),
    ]
    await dice.choice(steps)()


def _ids() -> Any:
    return select(Conversation.id)


@pytest.mark.parametrize("seed", range(6))
async def test_stored_turns_equal_the_timeline(world: World, seed: int) -> None:
    dice = random.Random(seed)
    refused = 0
    for number in range(150):
        world.clock.advance(seconds=dice.choice((0, 1, 7, 90, 1200, 40_000)))
        try:
            await one_step(world, dice, number)
        except DomainError:
            refused += 1
    assert refused < 60, "the steps must mostly be possible for this test to mean anything"
    assert await world.read(turn_differences, quietly) == []


async def change_some_hours(world: World, dice: random.Random) -> None:
    """The company's week or somebody's shift becomes another one."""
    opens = dice.randrange(0, 1200)
    week = tuple(Interval(weekday, opens, opens + dice.randrange(60, 600)) for weekday in range(dice.randrange(1, 7)))
    owner = dice.choice((COMPANY, Owner(OwnerKind.AGENT, dice.choice(list(world.agents.values())))))
    schedule = dice.choice((None, Schedule("Europe/Moscow", week, "ru")))
    await world.write(change_hours, world.actor("Вера"), owner, schedule)


async def test_a_client_who_was_given_up_waits_on_when_the_dialog_is_opened_again(world: World) -> None:
    anna, wrote = world.actor("Анна"), world.clock.now()
    dialog = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=5)
    await world.write(resolve, anna, dialog)
    world.clock.advance(days=2)
    await world.write(reopen, anna, dialog)
    assert (await world.conversation(dialog)).waiting_since == wrote
    await world.write(resolve, anna, dialog)
    assert (await world.conversation(dialog)).waiting_since is None
    world.clock.advance(days=1)
    # Answering opens it again too.
    await world.agent_replies(dialog)
    three_days = 3 * 86_400 + 300
    found = await world.rows(select(Turn.number, Turn.outcome, Turn.clock_seconds, Turn.answered_by_id))
    assert found == [(1, "answered", three_days, world.agents["Анна"])]
    assert await world.read(turn_differences, quietly) == []


SPOILED = [
    {"closed_at": START + timedelta(seconds=1)},
    {"clock_seconds": 119},
    {"shift_seconds": 1},
    {"last_business_seconds": 1},
    {"started_by_us": True},
    {"agent_id": None, "last_message_id": 7},
]


@pytest.mark.parametrize("spoiled", SPOILED)
async def test_a_spoiled_turn_is_found_and_repaired(world: World, spoiled: dict[str, Any]) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=2)
    await world.agent_replies(conversation_id)
    kept = await world.rows(select(Turn.__table__))
    await world.write(lambda tx: tx.execute(update(Turn).values(**spoiled)))
    differences = await world.read(turn_differences, quietly)
    assert len(differences) == 1
    assert f"conversation {conversation_id}" in differences[0]
    assert await world.write(rebuild_turns, Actor.system(), range(1, 100)) == 1
    assert await world.read(turn_differences, quietly) == []
    assert await world.rows(select(Turn.__table__)) == kept


@pytest.mark.parametrize("seed", range(2))
async def test_turns_that_are_lost_are_built_anew(world: World, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(80):
        world.clock.advance(seconds=dice.choice((1, 90, 1200, 40_000)))
        with contextlib.suppress(DomainError):
            await one_step(world, dice, number)
    # The hours may have become others since; a wait that is lost is counted by those of now.
    lost = {"id", "business_hours_id", *(name for name in Lengths._fields if "clock" not in name)}
    columns = [column for column in Turn.__table__.c if column.name not in lost]
    everything = select(*columns).order_by(Turn.conversation_id, Turn.number)
    states = select(Conversation.id, Conversation.waiting_since, Conversation.turn_count).order_by(Conversation.id)
    before, stood = await world.rows(everything), await world.rows(states)
    await world.write(lambda tx: tx.execute(delete(Turn).where(Turn.id % 3 > 0)))
    await world.write(lambda tx: tx.execute(update(Conversation).values(waiting_since=None)))
    assert await world.write(rebuild_turns, Actor.system(), range(1, 10_000)) > 0
    assert await world.read(turn_differences, quietly) == []
    assert await world.rows(everything) == before
    assert await world.rows(states) == stood


async def test_waits_of_an_older_version_are_counted_by_the_repair(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=2)
    await world.agent_replies(conversation_id)
    older = {"shift_seconds": None, "last_shift_seconds": None}
    await world.write(lambda tx: tx.execute(update(Turn).values(older)))
    await world.write(lambda tx: tx.execute(update(TurnSegment).values(older)))
    found = await world.read(recount_turns, quietly)
    assert (found.differences, found.uncounted) == ((), 1)
    await world.write(rebuild_turns, Actor.system(), range(1, 100))
    assert (await world.read(recount_turns, quietly)).uncounted == 0
    # Nobody held the dialog for two minutes; it became Anna's with her answer.
    assert [tuple(row) for row in await world.rows(select(Turn.shift_seconds))] == [(120,)]
    parts = select(TurnSegment.agent_id, TurnSegment.shift_seconds).order_by(TurnSegment.id)
    assert [tuple(row) for row in await world.rows(parts)] == [(None, 120), (world.agents["Анна"], 0)]


pytestmark = both_databases
