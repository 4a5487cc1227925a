"""Leases: one holder at a time, prolonged by the holder, taken over when they end."""

from __future__ import annotations

from inbox.actions.leases import drop_lease, take_lease
from inbox.rules.permissions import Actor
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases

_SYSTEM = Actor.system()


async def take(world: World, holder: str) -> bool:
    return await world.write(take_lease, _SYSTEM, "poll:1", holder, 60)


async def test_one_holder_at_a_time(world: World) -> None:
    assert await take(world, "a")
    assert not await take(world, "b")
    world.clock.advance(seconds=50)
    assert await take(world, "a")
    world.clock.advance(seconds=50)
    assert not await take(world, "b")
    world.clock.advance(seconds=11)
    assert await take(world, "b")
    assert not await take(world, "a")


async def test_what_is_given_back_is_free_and_only_the_holder_gives_it_back(world: World) -> None:
    assert await take(world, "a")
    await world.write(drop_lease, _SYSTEM, "poll:1", "b")
    assert not await take(world, "b")
    await world.write(drop_lease, _SYSTEM, "poll:1", "a")
    assert await take(world, "b")
