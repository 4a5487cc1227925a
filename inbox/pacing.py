"""How fast a channel may be spoken to: so many requests a second for an account, a pause for each person.

In memory on purpose: deliveries are leased, and what two processes send too fast the platform itself slows down.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

MOST_ADDRESSES = 10_000


class Pace:
    """When the next request of a channel, and the next message to an address, may leave. Times in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start with nobody spoken to."""
        self._monotonic = monotonic
        self._channels: dict[int, float] = {}
        self._addresses: OrderedDict[tuple[int, str], float] = OrderedDict()
        self._told: dict[int, dict[str, float]] = {}

    def book(self, channel_id: int, per_second: float | None) -> float:
        """Take the next place of an account; returns how long to wait for it."""
        now = self._monotonic()
        if not per_second and channel_id not in self._channels:
            return 0.0
        start = max(now, self._channels.get(channel_id, now))
        self._channels[channel_id] = start + (1 / per_second if per_second else 0.0)
        return start - now

    def book_address(self, channel_id: int, address: str, address_pause: float) -> float:
        """Take the next place of one person; returns how long to wait for it."""
        if not address_pause:
            return 0.0
        now = self._monotonic()
        start = max(now, self._addresses.get((channel_id, address), now))
        self._addresses[channel_id, address] = start + address_pause
        self._addresses.move_to_end((channel_id, address))
        while len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        return start - now

    def told_to_wait(self, channel_id: int, address: str, seconds: float) -> None:
        """The platform asked to wait and does not say for whom. A second person within that time: the whole account."""
        now = self._monotonic()
        waiting = self._told.setdefault(channel_id, {})
        others = [until for known, until in waiting.items() if known != address and until > now]
        self._told[channel_id] = {known: until for known, until in waiting.items() if until > now}
        self._told[channel_id][address] = now + seconds
        if others:
            self.hold(channel_id, seconds)

    def hold(self, channel_id: int, seconds: float) -> None:
        """The platform asked the whole account to wait."""
        until = self._monotonic() + seconds
        self._channels[channel_id] = max(until, self._channels.get(channel_id, until))

    def busy(self, ahead: float) -> list[int]:
        """Channels whose next place is more than so many seconds away: nothing more is claimed for them now."""
        now = self._monotonic()
        return [channel_id for channel_id, free_at in self._channels.items() if free_at - now > ahead]

    async def wait(self, channel_id: int, address: str, per_second: float | None, address_pause: float) -> None:
        """Wait for one's turn. A person's pause comes first: nobody else stands behind it."""
        await asyncio.sleep(self.book_address(channel_id, address, address_pause))
        await asyncio.sleep(self.book(channel_id, per_second))
