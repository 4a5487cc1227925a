"""A product whose channel is a bot of the fake Telegram, moved by a test: pollers, worker, intake over one world."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from inbox.channel_work import locked_config
from inbox.equipment import Equipment
from inbox.models import Channel, Delivery, Message
from inbox.poll_channels import Pollers
from inbox.take_in import Intake
from inbox.worker import Worker
from tests.faults.office import make_worker, open_equipment, show_no_typing
from tests.platforms.telegram import TOKEN, BotApi
from tests.world import World

SOON_SECONDS = 20.0


@dataclass
class BotOffice:
    """The world's channel is the bot; nothing is asked of Telegram before the test says so."""

    api: BotApi
    equipment: Equipment
    worker: Worker
    pollers: Pollers
    world: World
    more: list[Pollers] = field(default_factory=list)

    async def take_in(self, count: int) -> None:
        """Poll until so many messages of clients are stored."""
        await self.pollers.look()
        await self.until(lambda: self._counted(count))

    async def _counted(self, count: int) -> bool:
        return len(await self.incoming()) >= count

    async def until(self, true: Callable[[], Awaitable[Any]]) -> None:
        """Wait for a fact, looking again whenever something was written."""
        async with asyncio.timeout(SOON_SECONDS), self.world.bus.listen() as listener:
            while not await true():
                await listener.wait(0.2)

    async def incoming(self) -> list[Any]:
        """What clients wrote, as stored, oldest first."""
        return await self.world.rows(select(Message.__table__).where(Message.kind == "incoming").order_by(Message.id))

    async def hand_over(self) -> int:
        """One round of the worker to its end; returns how much it claimed."""
        claimed = await self.worker.deliver_due()
        await self.worker.stop()
        return claimed

    async def hand_everything_over(self) -> None:
        """Round after round until nothing is owed."""
        for _ in range(60):
            await self.hand_over()
            if not {"queued", "sending"} & set(await self.states()):
                return
            self.world.clock.advance(hours=1)
        raise AssertionError(f"still owed: {await self.states()}")

    async def states(self) -> list[str]:
        """The states of all deliveries, oldest first."""
        return [row.state for row in await self.world.rows(select(Delivery.state).order_by(Delivery.id))]

    async def channel(self, channel_id: int | None = None) -> Any:
        """The stored row of the channel."""
        wanted = select(Channel.__table__).where(Channel.id == (channel_id or self.world.channel_id))
        return (await self.world.rows(wanted))[0]

    async def add_bot(self, token: str) -> int:
        """One more bot with a channel of its own; returns the channel's id."""
        self.api.add_bot(token)
        values = {
            "kind": "telegram",
            "name": token[:7],
            "token": f"hook-{token[:7]}",
            "created_at": self.world.clock.now(),
        }
        row = {**values, "config": self._locked(token)}
        return int(await self.world.write(lambda tx: tx.execute(insert(Channel), row).inserted_primary_key[0]))

    def _locked(self, token: str) -> dict[str, Any]:
        return locked_config(self.equipment.vault, "telegram", {"token": token, "base_url": self.api.url})

    async def configure(self) -> None:
        """Make the world's channel the bot."""
        values = {"kind": "telegram", "name": "Бот", "config": self._locked(TOKEN)}
        await self.world.write(
            lambda tx: tx.execute(update(Channel).where(Channel.id == self.world.channel_id).values(values))
        )

    def another_process(self) -> Pollers:
        """The pollers of one more process over the same database; they end with the office."""
        intake = Intake(self.equipment.database, self.equipment.net, show_no_typing)
        self.more.append(Pollers(self.equipment, intake))
        return self.more[-1]


@contextlib.asynccontextmanager
async def open_bot_office(world: World, folder: Path, **knobs: Any) -> AsyncIterator[BotOffice]:
    """The fake Telegram, and the product in front of it."""
    api = BotApi(**knobs)
    async with api.run(), open_equipment(world, folder) as equipment:
        intake = Intake(equipment.database, equipment.net, show_no_typing)
        office = BotOffice(api, equipment, make_worker(equipment), Pollers(equipment, intake), world)
        await office.configure()
        try:
            yield office
        finally:
            for pollers in (office.pollers, *office.more):
                await pollers.stop()
            await office.worker.stop()
