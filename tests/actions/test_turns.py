"""Whatever happens in whatever order, the stored turns equal the rule over the timeline."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Echo, MessageReceived
from inbox.actions.assign import assign, release
from inbox.actions.receive import receive
from inbox.actions.receive_changes import receive_event
from inbox.actions.reply import Draft, note, reply
from inbox.actions.resolve import dismiss, reopen, resolve, snooze, wake_snoozed
from inbox.queries.report_turns import turn_differences
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor
from tests.servers_fixtures import both_databases
from tests.world import START, World

CLIENTS = ("a", "b", "c")


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
        lambda: world.online(*dice.sample(list(world.agents), 2)),
    ]
    await dice.choice(steps)()


def _ids() -> Any:
    from sqlalchemy import select

    from inbox.models import Conversation

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
    assert await world.read(turn_differences, lambda done, total: None) == []


@pytest.mark.parametrize("spoiled", [{"closed_at": START + timedelta(seconds=1)}, {"clock_seconds": 119}])
async def test_a_spoiled_turn_is_found(world: World, spoiled: dict[str, Any]) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=2)
    await world.agent_replies(conversation_id)
    from sqlalchemy import update

    from inbox.models import Turn

    await world.write(lambda tx: tx.execute(update(Turn).values(**spoiled)))
    differences = await world.read(turn_differences, lambda done, total: None)
    assert len(differences) == 1
    assert f"conversation {conversation_id}" in differences[0]


pytestmark = both_databases
