"""Loops beside the pages: hand messages over, fetch media, wake what is due. Each counts its failures and goes on."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

import connectors
from connectors.contract import MediaKind, Outgoing, OutgoingMedia, Rejected, SendError, Unreachable
from inbox.actions.assign import release_absent
from inbox.actions.deliver import Owed, claim_deliveries, log_exchange, mark_failed, mark_sent
from inbox.actions.fetched import forget_uploads
from inbox.actions.index_search import index_search
from inbox.actions.resolve import wake_snoozed
from inbox.actions.roll_up import roll_up
from inbox.fetch_media import MediaFetcher
from inbox.rules.permissions import Actor
from inbox.rules.splitting import split_text
from inbox.rules.texts import N_
from inbox.runtime.blobs import Blobs
from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock
from inbox.runtime.database import Closed, Database
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from inbox.settings import Settings

log = logging.getLogger(__name__)

TIMER_SECONDS = 5.0
INDEX_SECONDS = 1.0
DELIVER_POLL_SECONDS = 2.0
SEND_SECONDS = 35.0
# How long an agent may be away before waiting dialogs move on.
GRACE_SECONDS = 120

_SYSTEM = Actor.system()


class Worker:
    """Runs inside `inbox serve`. Safe in several processes: deliveries are leased, timers are conditional updates."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        net: GuardedNet,
        vault: Vault,
        blobs: Blobs,
        settings: Settings,
    ) -> None:
        """Nothing runs before `run`."""
        self._clock = clock
        self._database = database
        self._bus = bus
        self._net = net
        self._vault = vault
        self._blobs = blobs
        self._settings = settings
        self._media = MediaFetcher(database, net, vault, blobs, settings.max_upload_bytes)
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

    async def stop(self) -> None:
        """Claim nothing new and let the sends that are under way end."""
        self._stopping = True
        if self._sending:
            await asyncio.wait(self._sending, timeout=SEND_SECONDS)

    async def deliver_due(self) -> int:
        """Hand over everything that is due now; returns how many were claimed."""
        owed = await self._database.write(claim_deliveries, _SYSTEM)
        for item in owed:
            task = asyncio.create_task(self._deliver(item))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return len(owed)

    async def _deliver_loop(self) -> None:
        async with self._bus.listen() as listener:
            while not self._stopping:
                claimed = await self._guarded(self.deliver_due)
                if not claimed:
                    await listener.wait(DELIVER_POLL_SECONDS)
                else:
                    await asyncio.sleep(0)

    async def _deliver(self, owed: Owed) -> None:
        declared = connectors.find(owed.channel_kind)
        capabilities = declared.capabilities
        started = time.monotonic()
        problem: SendError | None = None
        ids: tuple[str, ...] = ()
        try:
            if owed.interrupted and not capabilities.idempotent_send:
                raise Unreachable(N_("The server stopped while this message was going out."), maybe_sent=True)
            config = declared.config.model_validate(self._vault.unlock(owed.config))
            async with asyncio.timeout(SEND_SECONDS):
                ids = tuple(
                    await declared.send(
                        self._outgoing(owed, capabilities.max_text, capabilities.text_unit), config, self._net
                    )
                )
        except SendError as error:
            problem = error
        except TimeoutError:
            problem = Unreachable(N_("The channel did not answer in time."), maybe_sent=True)
        except Exception:
            log.exception("a connector broke", extra={"channel": owed.channel_id, "delivery": owed.delivery_id})
            self.failures += 1
            problem = Rejected(N_("The channel's connector failed; the log has the details."))
        duration = int((time.monotonic() - started) * 1000)
        words = None if problem is None else problem.reason
        await self._database.write(log_exchange, _SYSTEM, owed, "send", words, duration)
        if problem is None:
            await self._database.write(mark_sent, _SYSTEM, owed, ids)
        else:
            await self._database.write(
                mark_failed,
                _SYSTEM,
                owed,
                problem,
                idempotent=capabilities.idempotent_send,
                jitter=random.random(),  # noqa: S311 - spreads retries, keeps no secret.
            )

    def _outgoing(self, owed: Owed, limit: int, unit: str) -> Outgoing:
        def reader(key: str) -> Callable[[], Awaitable[bytes]]:
            return lambda: self._blobs.read(key)

        media = tuple(
            OutgoingMedia(
                MediaKind(file.kind),
                file.name,
                file.mime,
                file.size,
                reader(file.blob_key),
                f"{self._settings.base_url}/files/{file.token}",
            )
            for file in owed.files
        )
        parts = split_text(owed.text, limit, unit)
        return Outgoing(
            dedup_key=owed.dedup_key,
            address=owed.address,
            text=owed.text,
            parts=parts,
            at=owed.at,
            now=self._clock.now(),
            media=media,
            reply_to=owed.reply_to,
            agent_name=owed.agent_name,
        )

    async def _timers(self) -> int:
        await self._database.write(wake_snoozed, _SYSTEM)
        await self._database.write(release_absent, _SYSTEM, GRACE_SECONDS)
        await self._database.write(roll_up, _SYSTEM)
        return await self._database.write(forget_uploads, _SYSTEM)

    async def _index(self) -> int:
        """Bring the search index up to the newest fact, in small writes."""
        done = 0
        while not self._stopping and (count := await self._database.write(index_search, _SYSTEM)):
            done += count
        return done

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
