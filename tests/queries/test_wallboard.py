"""The wallboard: who waits, who is here since when, the last hour, what passed its target today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.actions.agents import change_status
from inbox.actions.assign import assign
from inbox.actions.presence import be_present
from inbox.actions.prioritise import prioritise
from inbox.actions.resolve import dismiss, resolve
from inbox.actions.sla import run_clocks
from inbox.actions.sla_policies import PolicyDraft, add_policy
from inbox.models import AgentPresence
from inbox.models.base import to_milliseconds
from inbox.queries.breaches import Breach, breaches
from inbox.queries.wallboard import AgentLine, Wallboard, wallboard
from inbox.rules.errors import NotAllowed
from inbox.rules.permissions import Actor
from inbox.rules.sla import Conditions
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
    assert (await board(world)).breaches.number == 1
    await world.agent_replies(before)
    world.clock.advance(minutes=2)
    assert (await board(world)).breaches.number == 2
    quick = await dialog(world, "quick")
    world.clock.advance(minutes=4)
    await world.agent_replies(quick)
    assert (await board(world)).breaches.number == 2
    world.clock.advance(days=1)
    assert (await board(world)).breaches.number == 0


async def missed(world: World) -> list[Breach]:
    """The list behind the figure, read page by page of one."""
    found: list[Breach] = []
    before = None
    while True:
        lines, count = await world.read(breaches, world.actor("Борис"), before=before, limit=1)
        if not lines:
            assert (count.number, count.last_at) == (len(found), found[0].at if found else None)
            assert (await board(world)).breaches == count
            return found
        found += lines
        before = (to_milliseconds(lines[0].at), lines[0].key)


async def test_targets_are_missed_by_their_policies_and_else_by_the_usual_target(world: World) -> None:
    boris, anna, gleb = world.actor("Борис"), world.agents["Анна"], world.agents["Глеб"]
    assert await missed(world) == []
    # Usually the first answer has five minutes, the next ten; the policy gives the first one ten.
    usual = await dialog(world, "usual")
    await world.write(assign, boris, usual, anna)
    await world.write(add_policy, world.actor("Вера"), PolicyDraft("Всем", 600, None, None, in_hours=False))
    ruled = await dialog(world, "ruled")
    await world.write(assign, boris, ruled, gleb)
    world.clock.advance(minutes=6)
    # Whom it goes to later was not responsible.
    await world.write(assign, boris, usual, gleb)
    assert [(one.conversation_id, one.agent_name) for one in await missed(world)] == [(usual, "Анна")]
    world.clock.advance(minutes=5)
    await world.write(run_clocks, Actor.system())
    await world.write(assign, boris, ruled, anna)
    await world.agent_replies(ruled)
    await world.client_writes(address="ruled")
    world.clock.advance(minutes=31)
    started = world.clock.now() - timedelta(minutes=42)
    assert [
        (one.conversation_id, one.kind, one.target_seconds, one.agent_name, (one.at - started) // timedelta(minutes=1))
        for one in await missed(world)
    ] == [
        (ruled, "next_response", 600, "Анна", 21),
        (ruled, "first_response", 600, "Глеб", 10),
        (usual, "first_response", 300, "Анна", 5),
    ]
    # What needed no answer misses no usual target.
    await world.write(dismiss, world.actor("Анна"), usual, "")
    assert [one.conversation_id for one in await missed(world)] == [ruled, ruled]
    world.clock.advance(days=1)
    assert await missed(world) == []


async def test_a_wait_that_its_policy_lets_go_is_measured_by_the_usual_target(world: World) -> None:
    anna = world.actor("Анна")
    urgent = PolicyDraft("Срочно", 120, None, None, in_hours=False, conditions=Conditions(priority="urgent"))
    await world.write(add_policy, world.actor("Вера"), urgent)
    calm, hot = await dialog(world, "calm"), await dialog(world, "hot")
    for one in (calm, hot):
        await world.write(prioritise, anna, one, "urgent")
    await world.write(prioritise, anna, calm, "normal")
    world.clock.advance(minutes=3)
    await world.write(run_clocks, Actor.system())
    await world.write(prioritise, anna, hot, "normal")
    assert [(one.conversation_id, one.target_seconds) for one in await missed(world)] == [(hot, 120)]
    world.clock.advance(minutes=3)
    # What was missed already is not missed twice.
    found = [(one.conversation_id, one.target_seconds) for one in await missed(world)]
    assert found == [(calm, 300), (hot, 120)]
    await world.agent_replies(calm)
    assert len(await missed(world)) == 2


async def test_it_is_for_managers(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.read(wallboard, world.actor("Анна"))
