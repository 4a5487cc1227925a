"""The work of each agent, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from inbox.actions.agents import change_status
from inbox.actions.assign import assign
from inbox.actions.company import change_company
from inbox.actions.presence import be_present
from inbox.actions.resolve import resolve
from inbox.queries.report_filter import ReportFilter
from inbox.queries.report_people import Person, people
from inbox.rules.errors import NotAllowed
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases
TODAY = ReportFilter(date(2026, 11, 24), date(2026, 11, 24))


async def line(world: World, name: str) -> Person:
    found = await world.read(people, world.actor("Борис"), TODAY)
    return next(person for person in found if person.name == name)


async def test_time_at_the_screen(world: World) -> None:
    anna = world.actor("Анна")
    for _ in range(4):
        await world.write(be_present, anna)
        world.clock.advance(seconds=20)
    # 60 seconds until the fourth beat; the change of status comes 20 seconds later, and then a pause of 20.
    await world.write(change_status, anna, "away")
    world.clock.advance(seconds=20)
    await world.write(be_present, anna)
    found = await line(world, "Анна")
    assert (found.present_seconds, found.available_seconds) == (100, 80)
    assert (await line(world, "Глеб")).present_seconds == 0


async def test_waits_hand_overs_and_ratings(world: World) -> None:
    await world.write(change_company, world.actor("Вера"), {"asks_rating": True})
    first = await world.conversation_of(await world.client_writes(address="a"))
    world.clock.advance(minutes=1)
    await world.agent_replies(first, name="Анна")
    await world.client_writes(address="a")
    await world.write(assign, world.actor("Анна"), first, world.agents["Глеб"])
    world.clock.advance(minutes=3)
    await world.agent_replies(first, name="Глеб")
    await world.write(resolve, world.actor("Глеб"), first)
    await world.client_writes("2", address="a")
    ignored = await world.conversation_of(await world.client_writes(address="b"))
    await world.write(assign, world.actor("Борис"), ignored, world.agents["Глеб"])
    await world.write(resolve, world.actor("Глеб"), ignored)
    anna, gleb = await line(world, "Анна"), await line(world, "Глеб")
    assert (anna.waits, anna.never, anna.handed_on, anna.resolved, anna.rated) == (1, 0, 1, 0, 0)
    assert (gleb.waits, gleb.never, gleb.handed_on, gleb.resolved) == (2, 1, 0, 2)
    assert (anna.p50, anna.p90, gleb.p50, gleb.p90) == (60, 60, 180, None)
    assert (gleb.ratings, gleb.good_share) == ((0, 1, 0, 0, 0), 0.0)
    assert anna.good_share is None


async def test_it_is_for_managers(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.read(people, world.actor("Анна"), TODAY)
