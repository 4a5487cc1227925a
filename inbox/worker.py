"""Loops beside the pages: hand messages over, fetch media, wake what is due. Each counts its failures and goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from inbox.actions.assign import begin_shifts, release_absent
from inbox.actions.deliver import claim_deliveries
from inbox.actions.deliver_amendments import claim_amendments
from inbox.actions.fetched import forget_uploads
from inbox.actions.index_search import BATCH, keep_words
from inbox.actions.resolve import wake_snoozed
from inbox.actions.sla import run_clocks
from inbox.console.notices import Notices
from inbox.console.relays import ConsoleRelays
from inbox.equipment import Equipment
from inbox.fetch_media import MediaFetcher
from inbox.hand_over import SEND_SECONDS, HandOver
from inbox.look_after_channels import ChannelCare
from inbox.poll_channels import LOOK_SECONDS, Pollers
from inbox.queries.owed import anything_owed
from inbox.queries.unindexed import unindexed
from inbox.roll_up_facts import roll_up_facts
from inbox.rules.permissions import Actor
from inbox.runtime.database import Closed
from inbox.send_reports import ReportSender
from inbox.take_in import Intake

log = logging.getLogger(__name__)

TIMER_SECONDS = 5.0
INDEX_SECONDS = 1.0
DELIVER_POLL_SECONDS = 2.0
CARE_SECONDS = 15.0
NOTICE_SECONDS = 5.0
# Seconds of a channel's own pace that may be claimed ahead; the lease is much longer.
AHEAD_SECONDS = 2.0
# A shift that began within this time drains the queue: several turns of the timer, so that none is missed.
SHIFT_SECONDS = 30
# How long an agent may be away before waiting dialogs move on.
GRACE_SECONDS = 120

_SYSTEM = Actor.system()


class Worker:
    """Runs inside `inbox serve`. Safe in several processes: deliveries are leased, timers are conditional updates."""

    def __init__(self, equipment: Equipment, intake: Intake) -> None:
        """Nothing runs before `run`."""
        self._database = equipment.database
        self._bus = equipment.bus
        self._media = MediaFetcher(equipment)
        self._hand_over = HandOver(equipment)
        self._pollers = Pollers(equipment, intake)
        self._care = ChannelCare(equipment)
        self._claiming = asyncio.Lock()
        self._consoles = ConsoleRelays(equipment)
        self._notices = Notices(equipment)
        self._reports = ReportSender(equipment)
        self._sending: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.failures = 0

    async def run(self) -> None:
        """Run every loop until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver_loop())
            group.create_task(self._every(TIMER_SECONDS, self._timers))
            group.create_task(self._every(DELIVER_POLL_SECONDS, self._media.fetch_due))
            group.create_task(self._every(INDEX_SECONDS, self._index))
            group.create_task(self._every(TIMER_SECONDS, self._roll_up))
            group.create_task(self._every(LOOK_SECONDS, self._pollers.look))
            group.create_task(self._every(LOOK_SECONDS, self._care.meet_strangers))
            group.create_task(self._every(LOOK_SECONDS, self._consoles.look))
            group.create_task(self._every(NOTICE_SECONDS, self._notices.tell))
            group.create_task(self._every(NOTICE_SECONDS, self._reports.send_due))
            group.create_task(self._every(CARE_SECONDS, self._care.check_due))

    async def stop(self) -> None:
        """Claim nothing new and let the sends that are under way end."""
        self._stopping = True
        await self._pollers.stop()
        async with self._claiming:
            # What is being claimed at this moment is sent as well: nobody else would know that it was not.
            pass
        await self._consoles.stop()
        await self._reports.stop()
        if self._sending:
            await asyncio.wait(self._sending, timeout=SEND_SECONDS)

    async def deliver_due(self) -> int:
        """Hand over everything that is due now; returns how many were claimed."""
        async with self._claiming:
            if not await self._database.read(anything_owed):
                return 0
            busy = self._hand_over.pace.busy(AHEAD_SECONDS)
            owed, changed = await asyncio.gather(
                self._database.write(claim_deliveries, _SYSTEM, busy), self._database.write(claim_amendments, _SYSTEM)
            )
            work = [self._hand_over.deliver(item) for item in owed] + [self._hand_over.amend(item) for item in changed]
            for item in work:
                task = asyncio.create_task(self._settled(item))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            return len(work)

    async def _settled(self, work: Awaitable[None]) -> None:
        """Let one message go wrong by itself; what could not be noted is claimed again after its lease."""
        try:
            await work
        except Closed:
            pass
        except Exception:
            self.failures += 1
            log.exception("what became of a message could not be stored")

    async def _deliver_loop(self) -> None:
        async with self._bus.listen() as listener:
            while not self._stopping:
                claimed = await self._guarded(self.deliver_due)
                if not claimed:
                    await listener.wait(DELIVER_POLL_SECONDS)
                else:
                    await asyncio.sleep(0)

    async def _timers(self) -> int:
        await self._database.write(wake_snoozed, _SYSTEM)
        await self._database.write(release_absent, _SYSTEM, GRACE_SECONDS)
        await self._database.write(run_clocks, _SYSTEM)
        await self._database.write(begin_shifts, _SYSTEM, SHIFT_SECONDS)
        return await self._database.write(forget_uploads, _SYSTEM)

    async def _index(self) -> int:
        """Bring the search index up to the newest fact, in small writes of what a reader prepared."""
        done = 0
        while not self._stopping and (found := await self._database.read(unindexed, BATCH)):
            await self._database.write(keep_words, _SYSTEM, found)
            done += found.facts
            if found.facts < BATCH:
                # What came meanwhile gathers for the next turn: to follow the writer step by step costs it more.
                break
        return done

    async def _roll_up(self) -> int:
        return await roll_up_facts(self._database, lambda: self._stopping)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
        while not self._stopping:
            await self._guarded(work)
            await asyncio.sleep(seconds)

    async def _guarded(self, work: Callable[[], Awaitable[int]]) -> int:
        try:
            return await work()
        except Closed:
            self._stopping = True
        except Exception:
            # A loop must outlive one bad row; the log and the counter tell that something is wrong.
            self.failures += 1
            log.exception("a worker loop failed")
            await asyncio.sleep(1)
        return 0
