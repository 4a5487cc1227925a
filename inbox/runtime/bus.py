"""The in-process bus: tells listeners that the event log has grown. It carries ids only, never content."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Listener:
    """One reader of the event log, woken when there is something beyond what it has read."""

    def __init__(self) -> None:
        """Start with nothing announced."""
        self.announced = 0
        self._wake = asyncio.Event()

    def announce(self, event_id: int) -> None:
        """Note that the log has grown to `event_id`."""
        self.announced = max(self.announced, event_id)
        self._wake.set()

    async def wait(self, timeout_seconds: float) -> bool:
        """Wait until something was announced or the time is up; True when announced.

        The time limit is the safety poll: a bus may lose an announcement, the log may not.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        finally:
            self._wake.clear()
        return True


class Bus:
    """Announces the newest event id to every listener of this process."""

    def __init__(self) -> None:
        """Start without listeners."""
        self._listeners: set[Listener] = set()

    def publish(self, event_id: int) -> None:
        """Announce that the log has grown to `event_id`."""
        for listener in self._listeners:
            listener.announce(event_id)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[Listener]:
        """A listener for the length of the block."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
