"""Tasks that run in one process only: the lease decides, changes start them anew, failures do not end them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import select

from inbox.leased_tasks import Hold, Job, LeasedTasks
from inbox.models import Lease
from tests.world import World


class Runs:
    """What ran, in order, and where each run waits."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[str] = asyncio.Queue()

    def job(self, told: str) -> Job:
        """A job that says its name once it holds the lease, and then stays."""

        async def run(hold: Hold) -> None:
            while not await hold():
                await self.seen.put(f"{told} waits")
                await asyncio.Event().wait()
            await self.seen.put(told)
            await asyncio.Event().wait()

        return Job(told, run)


async def holders(world: World) -> list[str]:
    return [row.name for row in await world.rows(select(Lease.name))]


async def test_a_change_starts_it_anew_and_the_lease_goes_with_the_last(world: World) -> None:
    tasks, runs = LeasedTasks(world.database, "poll"), Runs()
    await tasks.fit({7: runs.job("old")})
    assert await runs.seen.get() == "old"
    await tasks.fit({7: runs.job("old")})
    assert runs.seen.empty()
    await tasks.fit({7: runs.job("new")})
    assert await runs.seen.get() == "new"
    # The old one has given its lease back before the new one took it: it must still be held.
    assert await holders(world) == ["poll:7"]
    await tasks.fit({})
    assert await holders(world) == []


async def test_two_processes_never_run_the_same(world: World) -> None:
    here, there, runs = LeasedTasks(world.database, "poll"), LeasedTasks(world.database, "poll"), Runs()
    await here.fit({7: runs.job("here")})
    assert await runs.seen.get() == "here"
    await there.fit({7: runs.job("there")})
    assert await runs.seen.get() == "there waits"
    await there.stop()
    # Ending the one that waits leaves the other's lease alone.
    assert await holders(world) == ["poll:7"]
    await here.stop()
    assert await holders(world) == []


async def test_what_breaks_is_counted_and_begins_again(world: World) -> None:
    tasks = LeasedTasks(world.database, "poll")
    broken = asyncio.Event()

    def breaking() -> Callable[[Hold], Awaitable[None]]:
        async def run(hold: Hold) -> None:
            broken.set()
            raise RuntimeError("a connector's mistake")

        return run

    await tasks.fit({7: Job("a", breaking())})
    await broken.wait()
    while not tasks.failures:
        await asyncio.sleep(0)
    runs = Runs()
    await tasks.fit({7: runs.job("b")})
    assert await runs.seen.get() == "b"
    await tasks.stop()
