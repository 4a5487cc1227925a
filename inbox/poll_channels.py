"""Asking platforms for news where they do not tell them: one poller for each account, across all processes.

A poller holds a lease in the database while it lives. It stores where to go on from only after the bodies are in the
journal, so a crash between the two brings them once more, and the journal knows them.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

import connectors
from connectors.contract import ChannelMisconfigured, Polled, Request, SendError, Throttled
from inbox.actions.channels import set_channel_state
from inbox.actions.ingest import note_heard
from inbox.actions.polling import keep_cursor
from inbox.channel_work import is_polled
from inbox.equipment import Equipment
from inbox.leased_tasks import Hold, Job, LeasedTasks
from inbox.queries.channels import ChannelRow, working_channels
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.take_in import LARGE_BODY, Intake, KnownChannel

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
        self.tasks = LeasedTasks(equipment.database, "poll")

    async def look(self) -> int:
        """Bring the pollers in line with the channels of this moment; returns how many run."""
        rows = [row for row in await self._with.database.read(working_channels) if is_polled(self._with, row)]
        return await self.tasks.fit({row.id: Job(row.config, partial(self._poll_while_held, row)) for row in rows})

    async def stop(self) -> None:
        """End every poller."""
        await self.tasks.stop()

    async def _poll_while_held(self, row: ChannelRow, hold: Hold) -> None:
        known = KnownChannel(row.id, connectors.find(row.kind), self._with.config(row.kind, row.config))
        cursor, pause, heard_at, failing = row.poll_cursor, FIRST_PAUSE_SECONDS, 0.0, row.state != "ok"
        while True:
            if not await hold():
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
        if any(len(body) >= LARGE_BODY for body in polled.bodies):
            # A large one is read beside the loop, and the next one must not overtake it.
            for request in requests:
                await self._intake.take(known, request)
        else:
            # Together, so that they share a commit; in order, because the writer's queue is one.
            await asyncio.gather(*(self._intake.take(known, request) for request in requests))
        if polled.cursor != cursor:
            await self._with.database.write(keep_cursor, _SYSTEM, known.channel_id, polled.cursor)
        return polled.cursor

    async def _note_failure(self, channel_id: int, error: SendError) -> None:
        state = "reconnect" if isinstance(error, ChannelMisconfigured) else "degraded"
        if not isinstance(error, Throttled):
            await self._with.database.write(set_channel_state, _SYSTEM, channel_id, state, error.reason or None, "poll")
