"""One relay for each console across all processes, and the look at its group now and then."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from datetime import timedelta

from inbox.actions.leases import drop_lease, take_lease
from inbox.console.relay import IDLE_SECONDS, ConsoleRelay
from inbox.equipment import Equipment
from inbox.queries.consoles import WorkingConsole, working_consoles
from inbox.rules.permissions import Actor
from inbox.runtime.database import Closed

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
CHECK_EVERY = timedelta(minutes=10)
# No wait is longer than this, and no request than line.REQUEST_SECONDS: the lease is kept through both.
LONGEST_WAIT_SECONDS = 5.0
PROBLEM_SECONDS = 5.0

_SYSTEM = Actor.system()


class ConsoleRelays:
    """Starts, ends and restarts relays as consoles come, change and go."""

    def __init__(self, equipment: Equipment) -> None:
        """Nothing runs before `look`."""
        self._with = equipment
        self._holder = secrets.token_hex(8)
        self._running: dict[int, tuple[object, asyncio.Task[None]]] = {}
        self.failures = 0

    async def look(self) -> int:
        """Bring the relays in line with the consoles of this moment; returns how many run."""
        rows = {row.id: row for row in await self._with.database.read(working_consoles)}
        for console_id, (told, task) in list(self._running.items()):
            row = rows.get(console_id)
            if row is None or told != _told(row) or task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                del self._running[console_id]
        for console_id, row in rows.items():
            if console_id not in self._running:
                self._running[console_id] = (_told(row), asyncio.create_task(self._run(row)))
        return len(self._running)

    async def stop(self) -> None:
        """End every relay and give the leases back."""
        tasks = [task for _, task in self._running.values()]
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, row: WorkingConsole) -> None:
        name = f"console:{row.id}"
        try:
            await self._keep_in_line(row, name)
        except Closed:
            pass
        except Exception:
            self.failures += 1
            log.exception("a console's relay ended; it starts again", extra={"channel": row.channel_id})
            await asyncio.sleep(PROBLEM_SECONDS)
        finally:
            with contextlib.suppress(Closed):
                await self._with.database.write(drop_lease, _SYSTEM, name, self._holder)

    async def _keep_in_line(self, row: WorkingConsole, name: str) -> None:
        relay = ConsoleRelay(self._with, row, time.monotonic)
        checked_at, held_until = row.checked_at, 0.0
        async with self._with.bus.listen() as listener:
            while True:
                if time.monotonic() > held_until:
                    if not await self._with.database.write(take_lease, _SYSTEM, name, self._holder, LEASE_SECONDS):
                        await asyncio.sleep(IDLE_SECONDS)
                        continue
                    held_until = time.monotonic() + LEASE_SECONDS / 4
                now = self._with.clock.now()
                if checked_at is None or now - checked_at > CHECK_EVERY:
                    checked_at = now
                    await relay.check()
                pause = await relay.step()
                if pause > IDLE_SECONDS:
                    await asyncio.sleep(min(pause, LONGEST_WAIT_SECONDS))
                elif pause:
                    # News of the log end the wait; the pace is asked again before anything goes out.
                    await listener.wait(pause)


def _told(row: WorkingConsole) -> object:
    """What a relay was started with. A check that is asked for again starts it anew."""
    return row.config, row.space, row.checked_at is None
