"""The wallboard: who waits, who is here since when, the last hour, what passed its target today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.actions.agents import change_status
from inbox.actions.assign import assign
from inbox.actions.presence import be_present
from inbox.actions.resolve import dismiss, resolve
from inbox.models import AgentPresence
from inbox.queries.wallboard import AgentLine, Wallboard, wallboard
from inbox.rules.errors import NotAllowed
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases


async def board(world: World) -> Wallboard:
    return await world.read(wallboard, world.actor("Борис"))


def line(shown: Wallboard, name: str) -> AgentLine:
    return next(agent for agent in shown.agents if agent.name == name)


async def dialog(world: World, address: str) -> int:
    return await world.conversation_of(await world.client_writes(address=address))


async def test_who_waits_and_who_holds_them(world: World) -> None:
    first = await dialog(world, "a")
    world.clock.advance(minutes=2)
    second = await dialog(world, "b")
    await world.write(assign, world.actor("Борис"), second, world.agents["Анна"])
    answered = await dialog(world, "c")
    await world.agent_replies(answered, name="Анна")
    shown = await board(world)
    assert (shown.waiting, shown.open, shown.unassigned) == (2, 3, 1)
    assert [row.id for row in shown.rows] == [first, second]
    anna = line(shown, "Анна")
    assert (anna.open, anna.waiting, anna.capacity) == (2, 1, 10)
    assert line(shown, "Глеб").open == 0


async def test_who_is_here_and_since_when(world: World) -> None:
    came = world.clock.now()
    await world.write(be_present, world.actor("Анна"))
    world.clock.advance(seconds=40)
    await world.write(be_present, world.actor("Анна"))
    await world.write(be_present, world.actor("Глеб"))
    assert (line(await board(world), "Анна").status, line(await board(world), "Анна").since) == ("available", came)
    world.clock.advance(seconds=30)
    paused = world.clock.now()
    await world.write(change_status, world.actor("Анна"), "busy")
    assert (line(await board(world), "Анна").status, line(await board(world), "Анна").since) == ("busy", paused)
    # Here first, then who is busy, then who has never come.
    assert [agent.status for agent in (await board(world)).agents] == ["available", "busy", "offline", "offline"]
    world.clock.advance(seconds=61)
    gone = line(await board(world), "Анна")
    assert (gone.status, gone.since) == ("offline", came + timedelta(seconds=40))


async def test_the_ledger_of_presence(world: World) -> None:
    anna, began = world.actor("Анна"), world.clock.now()
    for seconds in (0, 20, 20, 20):
        world.clock.advance(seconds=seconds)
        await world.write(be_present, anna)
    await world.write(change_status, anna, "away")
    world.clock.advance(seconds=20)
    await world.write(be_present, anna)
    world.clock.advance(hours=2)
    await world.write(change_status, anna, "available")
    ledger = AgentPresence
    found = await world.rows(select(ledger.status, ledger.started_at, ledger.ended_at).order_by(ledger.id))
    told = [
        (row.status, int((row.started_at - began).total_seconds()), int((row.ended_at - began).total_seconds()))
        for row in found
    ]
    # An hour between two beats is no presence.
    assert told == [("available", 0, 60), ("away", 60, 80), ("available", 7280, 7280)]


async def test_the_last_hour_by_its_waits(world: World) -> None:
    old = await dialog(world, "old")
    world.clock.advance(minutes=61)
    await world.agent_replies(old)
    # Within the hour: 1, 2 and 4 minutes, one resolved unanswered, one dismissed, one that has waited for a minute.
    for address, minutes in (("a", 1), ("b", 2), ("c", 4)):
        conversation_id = await dialog(world, address)
        world.clock.advance(minutes=minutes)
        await world.agent_replies(conversation_id)
    await world.write(resolve, world.actor("Анна"), await dialog(world, "d"))
    await world.write(dismiss, world.actor("Анна"), await dialog(world, "e"), "")
    await dialog(world, "f")
    world.clock.advance(minutes=1)
    hour = (await board(world)).hour
    assert (hour.total, hour.p50, hour.p90, hour.waiting) == (4, 120, None, 1)


async def test_what_passed_its_target_today(world: World) -> None:
    # It is 12:00 in Moscow and the target is five minutes. Go on to 23:58.
    world.clock.advance(hours=11, minutes=58)
    before = await dialog(world, "before")
    world.clock.advance(minutes=1)
    # Passes its target at 00:04, on the new day; the first one at 00:03.
    await dialog(world, "across")
    world.clock.advance(minutes=4)
    assert (await board(world)).late_today == 1
    await world.agent_replies(before)
    world.clock.advance(minutes=2)
    assert (await board(world)).late_today == 2
    quick = await dialog(world, "quick")
    world.clock.advance(minutes=4)
    await world.agent_replies(quick)
    assert (await board(world)).late_today == 2
    world.clock.advance(days=1)
    assert (await board(world)).late_today == 0


async def test_it_is_for_managers(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.read(wallboard, world.actor("Анна"))
