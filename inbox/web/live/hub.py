"""Tails the event log and keeps every tab's page true.

One task per process: wait for the bus (or one second, because a bus may lose an announcement and the log may not),
read the new facts, mark what they make stale on each tab, draw every stale region once per kind of viewer, send.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from inbox.queries.event_log import Fact, facts_after, newest_event_id
from inbox.rules.errors import DomainError
from inbox.rules.events import EventKind
from inbox.runtime.bus import Bus
from inbox.runtime.database import Database, Tx
from inbox.web.live.presence import DrawCompany, Presence
from inbox.web.live.region import Region
from inbox.web.live.subscriber import Subscriber

log = logging.getLogger(__name__)

SAFETY_POLL_SECONDS = 1.0
# Facts read at once; a backlog beyond this many is a refresh, not a replay.
MAX_REPLAY = 200

# Close codes: the session is over; come again (the server stops, or the agent's role or language changed).
SIGNED_OUT = 4001
COME_AGAIN = 1012


class Hub:
    """All live tabs of this process, and whoever else follows the log (the site chat's sockets)."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        regions: Sequence[Region],
        draw_company: DrawCompany,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Draw these regions; `monotonic` gives seconds for pauses."""
        self._database = database
        self._bus = bus
        self._regions = regions
        self._monotonic = monotonic
        self._subscribers: set[Subscriber] = set()
        self._wake_at: float | None = None
        self._followers: list[Callable[[Sequence[Fact]], None]] = []
        self.presence = Presence(self.subscribers, draw_company)
        self.cursor = 0

    def follow(self, follower: Callable[[Sequence[Fact]], None]) -> None:
        """Call `follower` with each batch of facts (in order) for the life of the hub; it must not block or raise."""
        self._followers.append(follower)

    def subscribers(self) -> Iterable[Subscriber]:
        """The tabs that listen now."""
        return tuple(self._subscribers)

    def add(self, subscriber: Subscriber) -> None:
        """A tab begins to listen."""
        self._subscribers.add(subscriber)
        self.presence.looked(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """A tab is gone."""
        self._subscribers.discard(subscriber)
        self.presence.left(subscriber)

    async def catch_up(self, subscriber: Subscriber, since: int) -> None:
        """Bring a tab that was drawn at event `since` to now: a small gap is drawn, a large one is a refresh."""
        facts = await self._database.read(facts_after, since, MAX_REPLAY + 1)
        if len(facts) > MAX_REPLAY or since > self.cursor:
            subscriber.refresh()
            return
        self._mark([subscriber], facts)
        await self._draw([subscriber])

    async def run(self) -> None:
        """Follow the log until cancelled."""
        self.cursor = await self._database.read(newest_event_id)
        async with self._bus.listen() as listener:
            while True:
                await listener.wait(self._patience())
                try:
                    await self._advance()
                except Exception:
                    # The stream must outlive a bad fact: every tab re-reads its page, the log keeps the reason.
                    log.exception("stream failed to draw; all tabs refresh")
                    for subscriber in self._subscribers:
                        subscriber.refresh()

    def close(self, code: int) -> None:
        """Tell every socket to end with this close code (graceful stop)."""
        for subscriber in self._subscribers:
            subscriber.closing = code
            subscriber.refresh()

    async def _advance(self) -> None:
        facts = await self._database.read(facts_after, self.cursor, MAX_REPLAY)
        if facts:
            self.cursor = facts[-1].id
            self._mark(self._subscribers, facts)
            for follower in self._followers:
                follower(facts)
        await self._draw(self._subscribers)

    def _mark(self, subscribers: Iterable[Subscriber], facts: Sequence[Fact]) -> None:
        for subscriber in subscribers:
            for fact in facts:
                if fact.agent_id == subscriber.signed_in.agent_id:
                    _end_if_over(subscriber, fact)
                for region in self._regions:
                    target = region.stale_by(fact, subscriber.page)
                    if target is not None:
                        subscriber.stale[region.name, target] = region

    def _patience(self) -> float:
        """Seconds until something that was held back may be drawn, else the safety poll."""
        if self._wake_at is None:
            return SAFETY_POLL_SECONDS
        return min(SAFETY_POLL_SECONDS, max(0.0, self._wake_at - self._monotonic()))

    async def _draw(self, subscribers: Iterable[Subscriber]) -> None:
        now = self._monotonic()
        self._wake_at = None
        work: dict[Subscriber, list[tuple[Region, int]]] = defaultdict(list)
        for subscriber in subscribers:
            for (name, target), region in list(subscriber.stale.items()):
                ready_at = subscriber.drawn_at.get((name, target), -region.pause_seconds) + region.pause_seconds
                if ready_at > now:
                    self._wake_at = min(self._wake_at or ready_at, ready_at)
                    continue
                del subscriber.stale[name, target]
                if region.pause_seconds:
                    subscriber.drawn_at[name, target] = now
                work[subscriber].append((region, target))
        if work:
            for subscriber, slots in (await self._database.read(_draw_all, dict(work))).items():
                subscriber.send(orjson.dumps({"id": self.cursor, **slots}).decode())


def _end_if_over(subscriber: Subscriber, fact: Fact) -> None:
    """Close the socket of a session that was ended; after a change of the agent it comes again with new rights."""
    session_id = (fact.details or {}).get("session_id")
    if (
        fact.kind in (EventKind.SESSION_REVOKED, EventKind.SESSION_ENDED)
        and session_id == subscriber.signed_in.session_id
    ):
        subscriber.closing = SIGNED_OUT
        subscriber.refresh()
    elif fact.kind in (EventKind.AGENT_CHANGED, EventKind.AGENT_DEACTIVATED):
        subscriber.closing = COME_AGAIN
        subscriber.refresh()


def _draw_all(tx: Tx, work: dict[Subscriber, list[tuple[Region, int]]]) -> dict[Subscriber, dict[str, str]]:
    """Draw everything on one snapshot; equal drawings are made once. The result is each tab's frame by slots."""
    drawn: dict[Any, str] = {}
    result: dict[Subscriber, dict[str, str]] = {}
    for subscriber, wanted in work.items():
        slots: dict[str, str] = {}
        for region, target in wanted:
            own = (subscriber.signed_in.agent_id, subscriber.page) if region.own_drawing else None
            key = (region.name, target, subscriber.drawing_key, own)
            if key not in drawn:
                try:
                    drawn[key] = region.render(tx, subscriber.actor, subscriber.view, subscriber.page, target)
                except DomainError:
                    # Not theirs to see, or gone meanwhile: nothing to draw.
                    drawn[key] = ""
            if drawn[key]:
                slots[region.slot] = slots.get(region.slot, "") + drawn[key]
        if slots:
            result[subscriber] = slots
    return result
