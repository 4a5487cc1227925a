"""Asking platforms for news where they do not tell them: one poller for each account, across all processes.

A poller holds a lease in the database while it lives. It stores where to go on from only after the bodies are in the
journal, so a crash between the two brings them once more, and the journal knows them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from typing import Any

import connectors
from connectors.contract import ChannelMisconfigured, Polled, Request, SendError, Throttled
from inbox.actions.channels import set_channel_state
from inbox.actions.ingest import note_heard
from inbox.actions.leases import drop_lease, take_lease
from inbox.actions.polling import keep_cursor
from inbox.channel_work import is_polled
from inbox.equipment import Equipment
from inbox.queries.channels import ChannelRow, working_channels
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.database import Closed
from inbox.take_in import Intake, KnownChannel

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
LOOK_SECONDS = 2.0
POLL_SECONDS = 50.0
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
HEARD_SECONDS = 5.0

_SYSTEM = Actor.system()


class Pollers:
    """Starts, ends and restarts the pollers as channels come, change and go."""

    def __init__(self, equipment: Equipment, intake: Intake) -> None:
        """Nothing is asked before `look`."""
        self._with = equipment
        self._intake = intake
        self._holder = secrets.token_hex(8)
        self._running: dict[int, tuple[dict[str, Any], asyncio.Task[None]]] = {}
        self.failures = 0

    async def look(self) -> int:
        """Bring the pollers in line with the channels of this moment; returns how many run."""
        wanted = {row.id: row for row in await self._with.database.read(working_channels) if is_polled(self._with, row)}
        for channel_id, (config, task) in list(self._running.items()):
            row = wanted.get(channel_id)
            if row is None or row.config != config or task.done():
                task.cancel()
                del self._running[channel_id]
        for channel_id, row in wanted.items():
            if channel_id not in self._running:
                self._running[channel_id] = (row.config, asyncio.create_task(self._run(row)))
        return len(self._running)

    async def stop(self) -> None:
        """End every poller and give the leases back, so that the next process need not wait for them."""
        tasks = [task for _, task in self._running.values()]
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, row: ChannelRow) -> None:
        name = f"poll:{row.id}"
        try:
            await self._poll_while_held(row, name)
        except Closed:
            pass
        except Exception:
            self.failures += 1
            log.exception("a poller ended; it starts again", extra={"channel": row.id})
        finally:
            await self._give_back(name)

    async def _give_back(self, name: str) -> None:
        # When the database is closed already, the lease ends by itself.
        with contextlib.suppress(Closed):
            await self._with.database.write(drop_lease, _SYSTEM, name, self._holder)

    async def _poll_while_held(self, row: ChannelRow, name: str) -> None:
        known = KnownChannel(row.id, connectors.find(row.kind), self._with.config(row.kind, row.config))
        cursor, pause, heard_at, failing = row.poll_cursor, FIRST_PAUSE_SECONDS, 0.0, row.state != "ok"
        while True:
            if not await self._with.database.write(take_lease, _SYSTEM, name, self._holder, LEASE_SECONDS):
                await asyncio.sleep(LOOK_SECONDS)
                continue
            try:
                polled = await self._ask(known, cursor)
            except SendError as error:
                failing = True
                await self._note_failure(row.id, error)
                wanted = error.retry_after if isinstance(error, Throttled) else None
                await asyncio.sleep(max(pause, wanted or 0.0))
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            if failing:
                await self._with.database.write(set_channel_state, _SYSTEM, row.id, "ok", None, "poll")
            pause, failing = FIRST_PAUSE_SECONDS, False
            cursor = await self._keep(known, polled, cursor)
            if polled.bodies and time.monotonic() - heard_at > HEARD_SECONDS:
                heard_at = time.monotonic()
                await self._with.database.write(note_heard, _SYSTEM, row.id)

    async def _ask(self, known: KnownChannel, cursor: str | None) -> Polled:
        poll = known.declared.poll
        if poll is None:
            raise ChannelMisconfigured(N_("This channel cannot be polled."))
        try:
            async with asyncio.timeout(POLL_SECONDS):
                return await poll(known.config, cursor, self._with.net)
        except TimeoutError:
            return Polled((), cursor)

    async def _keep(self, known: KnownChannel, polled: Polled, cursor: str | None) -> str | None:
        now = self._with.clock.now()
        requests = [Request("POLL", {}, {}, body, now) for body in polled.bodies]
        # Together, so that they share a commit; in order, because the writer's queue is one.
        await asyncio.gather(*(self._intake.take(known, request) for request in requests))
        if polled.cursor != cursor:
            await self._with.database.write(keep_cursor, _SYSTEM, known.channel_id, polled.cursor)
        return polled.cursor

    async def _note_failure(self, channel_id: int, error: SendError) -> None:
        state = "reconnect" if isinstance(error, ChannelMisconfigured) else "degraded"
        if not isinstance(error, Throttled):
            await self._with.database.write(set_channel_state, _SYSTEM, channel_id, state, error.reason or None, "poll")
