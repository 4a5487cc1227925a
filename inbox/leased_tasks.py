"""Tasks of which each runs in one process only: a lease in the database says in which."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from inbox.actions.leases import drop_lease, take_lease
from inbox.rules.permissions import Actor
from inbox.runtime.database import Closed, Database

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
PROBLEM_SECONDS = 5.0

_SYSTEM = Actor.system()

# Takes the lease or prolongs it; False while another process has it.
Hold = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Job:
    """What should run under one number. Another `told` (settings, say) ends it and starts it anew."""

    told: object
    run: Callable[[Hold], Awaitable[None]]


class LeasedTasks:
    """Keeps the running tasks in line with the wanted ones. `failures` counts tasks that broke and began again."""

    def __init__(self, database: Database, name: str) -> None:
        """`name` is the first part of the leases' names and of what is logged."""
        self._database = database
        self._name = name
        self._holder = secrets.token_hex(8)
        self._running: dict[int, tuple[object, asyncio.Task[None]]] = {}
        self.failures = 0

    async def fit(self, wanted: Mapping[int, Job]) -> int:
        """End what is not wanted so any more, start what is missing; returns how many run."""
        for number, (told, task) in list(self._running.items()):
            job = wanted.get(number)
            if job is None or told != job.told or task.done():
                del self._running[number]
                await _ended([task])
        for number, job in wanted.items():
            if number not in self._running:
                self._running[number] = (job.told, asyncio.create_task(self._run(number, job)))
        return len(self._running)

    async def stop(self) -> None:
        """End every task and give the leases back, so that the next process need not wait for them."""
        tasks = [task for _, task in self._running.values()]
        self._running.clear()
        await _ended(tasks)

    async def _run(self, number: int, job: Job) -> None:
        name = f"{self._name}:{number}"

        async def hold() -> bool:
            return await self._database.write(take_lease, _SYSTEM, name, self._holder, LEASE_SECONDS)

        try:
            await job.run(hold)
        except Closed:
            pass
        except Exception:
            self.failures += 1
            log.exception("a task ended; it starts again", extra={"task": name})
            await asyncio.sleep(PROBLEM_SECONDS)
        finally:
            # When the database is closed already, the lease ends by itself.
            with contextlib.suppress(Closed):
                await self._database.write(drop_lease, _SYSTEM, name, self._holder)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
