"""One relay for each console across all processes, and the look at its group now and then."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial

from inbox.console.relay import IDLE_SECONDS, ConsoleRelay
from inbox.equipment import Equipment
from inbox.leased_tasks import LEASE_SECONDS, Hold, Job, LeasedTasks
from inbox.queries.consoles import WorkingConsole, working_consoles

CHECK_EVERY = timedelta(minutes=10)
# No wait is longer than this, and no request than line.REQUEST_SECONDS: the lease is kept through both.
LONGEST_WAIT_SECONDS = 5.0


class ConsoleRelays:
    """Starts, ends and restarts relays as consoles come, change and go."""

    def __init__(self, equipment: Equipment) -> None:
        """Nothing runs before `look`."""
        self._with = equipment
        self.tasks = LeasedTasks(equipment.database, "console")

    async def look(self) -> int:
        """Bring the relays in line with the consoles of this moment; returns how many run."""
        rows = await self._with.database.read(working_consoles)
        return await self.tasks.fit({row.id: Job(_told(row), partial(self._keep_in_line, row)) for row in rows})

    async def stop(self) -> None:
        """End every relay."""
        await self.tasks.stop()

    async def _keep_in_line(self, row: WorkingConsole, hold: Hold) -> None:
        relay = ConsoleRelay(self._with, row, time.monotonic)
        checked_at, held_until = row.checked_at, 0.0
        async with self._with.bus.listen() as listener:
            while True:
                if time.monotonic() > held_until:
                    if not await hold():
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
