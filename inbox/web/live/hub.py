"""Tails the event log and keeps every tab's page true.

One task per process: wait for the bus (or one second, because a bus may lose an announcement and the log may not),
read the new facts, mark what they make stale on each tab, draw every stale region once per kind of viewer, send.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from inbox.queries.event_log import Fact, facts_after, newest_event_id
from inbox.queries.shown_dialog import ShownDialog, shown_dialog
from inbox.rules.errors import DomainError
from inbox.rules.events import EventKind
from inbox.runtime.bus import Bus
from inbox.runtime.database import Database, Tx
from inbox.web.live.news import Recipient, find_news
from inbox.web.live.presence import TYPING_SECONDS, DrawCompany, Presence
from inbox.web.live.region import WHOLE_PAGE, Region
from inbox.web.live.subscriber import Subscriber

log = logging.getLogger(__name__)

SAFETY_POLL_SECONDS = 1.0
# Facts read at once; a backlog beyond this many is a refresh, not a replay.
MAX_REPLAY = 200
# Far beyond any event id, and within what a database can compare.
_HIGHEST = 1 << 62

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
        typing_seconds: float = TYPING_SECONDS,
    ) -> None:
        """Draw these regions; `monotonic` gives seconds for pauses."""
        self._database = database
        self._bus = bus
        self._regions = {kind: [region for region in regions if kind in region.kinds] for kind in EventKind}
        self._monotonic = monotonic
        # In the order in which they came.
        self._subscribers: dict[Subscriber, None] = {}
        # One drawing at a time: a frame that was read earlier must never overtake a newer one on its way to a tab.
        self._drawing = asyncio.Lock()
        self._wake_at: float | None = None
        self._followers: list[Callable[[Sequence[Fact]], None]] = []
        self.presence = Presence(self.subscribers, draw_company, typing_seconds)
        self.cursor = 0

    def follow(self, follower: Callable[[Sequence[Fact]], None]) -> None:
        """Call `follower` with each batch of facts (in order) for the life of the hub; it must not block or raise."""
        self._followers.append(follower)

    def subscribers(self) -> Iterable[Subscriber]:
        """The tabs that listen now."""
        return tuple(self._subscribers)

    def add(self, subscriber: Subscriber) -> None:
        """A tab begins to listen; `catch_up` must follow."""
        self._subscribers[subscriber] = None

    def remove(self, subscriber: Subscriber) -> None:
        """A tab is gone."""
        self._subscribers.pop(subscriber, None)
        self.presence.left(subscriber)

    async def catch_up(self, subscriber: Subscriber, since: int) -> None:
        """Bring a tab that was drawn at event `since` to now: a small gap is drawn, a large one is a refresh."""
        # First who may see what, then the gap: a fact between the two is marked by the tail, and perhaps drawn twice.
        subscriber.dialog = await self._database.read(_dialog_of, subscriber)
        newest = await self._database.read(newest_event_id)
        facts = await self._database.read(facts_after, min(since, _HIGHEST), MAX_REPLAY + 1)
        subscriber.behind = False
        if len(facts) > MAX_REPLAY or not 0 <= since <= newest:
            subscriber.refresh()
        else:
            subscriber.since = since
            self._mark([subscriber], facts)
            await self._draw([subscriber])
            await self._tell_news([subscriber], facts)
        self.presence.looked(subscriber)

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
            subscriber.end(code)

    async def _advance(self) -> None:
        read: list[Fact] = []
        # A batch that is not full was the last one: what came since has announced itself.
        while facts := await self._database.read(facts_after, self.cursor, MAX_REPLAY):
            read += facts
            self.cursor = facts[-1].id
            for subscriber in self._subscribers:
                _heed_own(subscriber, facts)
            self._mark(self._subscribers, facts)
            for follower in self._followers:
                follower(facts)
            if len(facts) < MAX_REPLAY:
                break
        self._wake_at = None
        await self._draw(self._subscribers)
        await self._tell_news(self._subscribers, read)

    def _mark(self, subscribers: Iterable[Subscriber], facts: Sequence[Fact]) -> None:
        for subscriber in subscribers:
            for fact in facts:
                for region in self._regions[fact.kind]:
                    target = region.stale_by(fact, subscriber.page, subscriber.dialog)
                    if target is not None:
                        subscriber.mark(region, target, fact.id)

    def _patience(self) -> float:
        """Seconds until something that was held back may be drawn, else the safety poll."""
        if self._wake_at is None:
            return SAFETY_POLL_SECONDS
        return min(SAFETY_POLL_SECONDS, max(0.0, self._wake_at - self._monotonic()))

    async def _draw(self, subscribers: Iterable[Subscriber]) -> None:
        async with self._drawing:
            known = [subscriber for subscriber in subscribers if not subscriber.behind]
            work = {subscriber: due for subscriber in known if (due := self._due(subscriber))}
            # Nothing is read before the facts that made it stale, so the frame is true for all of them.
            until = {tab: (tab.true_until(self.cursor), tab.page.address) for tab in work}
            drawn = await self._database.read(_draw_all, work) if work else {}
            for subscriber, slots in drawn.items():
                true_until, address = until[subscriber]
                if WHOLE_PAGE in slots:
                    subscriber.refresh()
                else:
                    subscriber.send(orjson.dumps({"id": true_until, "at": address, **slots}).decode())

    def _due(self, subscriber: Subscriber) -> list[tuple[Region, int]]:
        """Take from a tab what is stale and need not be held back any more."""
        now = self._monotonic()
        due = []
        for (name, target), entry in list(subscriber.stale.items()):
            pause = entry.region.pause_seconds
            ready_at = subscriber.drawn_at.get((name, target), -pause) + pause
            if ready_at > now:
                self._wake_at = min(self._wake_at or ready_at, ready_at)
                continue
            del subscriber.stale[name, target]
            if pause:
                subscriber.drawn_at[name, target] = now
            due.append((entry.region, target))
        return due

    async def _tell_news(self, subscribers: Iterable[Subscriber], facts: Sequence[Fact]) -> None:
        """Say to one tab of each agent what a sound and a notification are due for.

        The tail and a tab that catches up may have read the same facts: whoever comes first tells them.
        """
        tabs: dict[int, list[Subscriber]] = {}
        for subscriber in subscribers:
            tabs.setdefault(subscriber.signed_in.agent_id, []).append(subscriber)
        # By the first fact that they have not been told: nearly always it is the same for all.
        due: dict[int, list[Subscriber]] = {}
        for own in tabs.values():
            heard = max(tab.told for tab in own)
            unheard = next((fact.id for fact in facts if fact.id > heard), None)
            if unheard is not None:
                due.setdefault(unheard, []).append(_speaker(own))
        for subscriber in self._subscribers:
            if facts and subscriber.signed_in.agent_id in tabs:
                subscriber.told = max(subscriber.told, facts[-1].id)
        for first, speakers in due.items():
            await self._tell([fact for fact in facts if fact.id >= first], speakers)

    async def _tell(self, facts: Sequence[Fact], speakers: Sequence[Subscriber]) -> None:
        recipients = [Recipient(tab.actor, tab.view.language) for tab in speakers]
        told = await find_news(self._database, recipients, facts)
        for tab in speakers:
            for item in told.get(tab.signed_in.agent_id, ()):
                tab.send(orjson.dumps({"news": item}).decode())


def _speaker(tabs: Sequence[Subscriber]) -> Subscriber:
    """Of one agent's tabs the one in front, else the newest: seven tabs must not make seven sounds.

    An older one may be the same tab before its line broke, and nobody hears it.
    """
    return max(reversed(tabs), key=lambda tab: tab.active)


def _heed_own(subscriber: Subscriber, facts: Sequence[Fact]) -> None:
    """Close the socket of a session that was ended; after a change of the agent it comes again with new rights."""
    own = subscriber.signed_in
    for fact in facts:
        if fact.agent_id != own.agent_id:
            continue
        if fact.kind in (EventKind.SESSION_REVOKED, EventKind.SESSION_ENDED):
            if (fact.details or {}).get("session_id") == own.session_id:
                subscriber.end(SIGNED_OUT)
        elif fact.kind is EventKind.AGENT_DEACTIVATED:
            subscriber.end(SIGNED_OUT)
        elif fact.kind is EventKind.AGENT_CHANGED:
            subscriber.end(COME_AGAIN)
        elif fact.kind is EventKind.AGENT_PRESENCE and fact.details:
            # One's own status stands on the rail of every page, and was chosen in another tab.
            subscriber.refresh()


def _dialog_of(tx: Tx, subscriber: Subscriber) -> ShownDialog | None:
    """The dialog that a tab shows; None when there is none, or none that its agent may see."""
    if subscriber.page.conversation_id is None:
        return None
    try:
        return shown_dialog(tx, subscriber.actor, subscriber.page.conversation_id)
    except DomainError:
        return None


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
                drawn[key] = _draw_one(tx, subscriber, region, target)
            if drawn[key]:
                slots[region.slot] = slots.get(region.slot, "") + drawn[key]
        if slots:
            result[subscriber] = slots
    return result


def _draw_one(tx: Tx, subscriber: Subscriber, region: Region, target: int) -> str:
    try:
        return region.render(tx, subscriber.actor, subscriber.view, subscriber.page, target)
    except DomainError:
        # Not theirs to see, or gone meanwhile: nothing to draw.
        return ""
