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

    def book(self, channel_id: int, address: str, per_second: float | None, address_pause: float) -> float:
        """Take the next place; returns how long to wait for it."""
        now = self._monotonic()
        start = now
        if per_second:
            start = max(start, self._channels.get(channel_id, now))
        if address_pause:
            start = max(start, self._addresses.get((channel_id, address), now))
        if per_second:
            self._channels[channel_id] = start + 1 / per_second
        if address_pause:
            self._addresses[channel_id, address] = start + address_pause
            self._addresses.move_to_end((channel_id, address))
            while len(self._addresses) > MOST_ADDRESSES:
                self._addresses.popitem(last=False)
        return start - now

    def hold(self, channel_id: int, seconds: float) -> None:
        """The platform asked the whole account to wait."""
        until = self._monotonic() + seconds
        self._channels[channel_id] = max(until, self._channels.get(channel_id, until))

    def busy(self, ahead: float) -> list[int]:
        """Channels whose next place is more than so many seconds away: nothing more is claimed for them now."""
        now = self._monotonic()
        return [channel_id for channel_id, free_at in self._channels.items() if free_at - now > ahead]

    async def wait(self, channel_id: int, address: str, per_second: float | None, address_pause: float) -> None:
        """Take the next place and wait for it."""
        delay = self.book(channel_id, address, per_second, address_pause)
        if delay > 0:
            await asyncio.sleep(delay)
