"""A product whose channel leads to a customer's own system on loopback, both in the hands of a test."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

import connectors.api
from connectors.contract import Typing
from inbox.channel_work import locked_config
from inbox.equipment import Equipment
from inbox.models import Channel, Delivery
from inbox.runtime.blobs import Blobs
from inbox.runtime.database import Database
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from inbox.runtime.unavailable import Unavailable
from inbox.settings import Settings
from inbox.take_in import Intake
from inbox.worker import Worker
from tests.platforms.customer import Customer
from tests.world import World

# The same channel at a customer's that keeps whatever comes, also the second time. See the fixture `fragile`.
CONNECTOR = replace(
    connectors.api.CONNECTOR,
    kind="fragile",
    capabilities=replace(connectors.api.CONNECTOR.capabilities, idempotent_send=False),
)


@dataclass
class Office:
    """The worker of a product, its world and the customer's system. Nothing moves unless the test says so."""

    equipment: Equipment
    worker: Worker
    world: World
    customer: Customer

    async def hand_over(self) -> int:
        """One round of the worker to its end; returns how many messages it claimed."""
        claimed = await self.worker.deliver_due()
        await self.worker.stop()
        return claimed

    async def hand_everything_over(self) -> None:
        """Round after round, ever further apart as retries are, until nothing is owed."""
        for turn in range(100):
            await self.hand_over()
            if not {"queued", "sending"} & set(await self.states()):
                return
            self.world.clock.advance(seconds=min(5 * 1.2**turn, 3600.0))
        raise AssertionError(f"still owed: {await self.states()}")

    async def states(self) -> list[str]:
        """The states of all deliveries, oldest first."""
        return [row.state for row in await self.world.rows(select(Delivery.state).order_by(Delivery.id))]


@contextlib.asynccontextmanager
async def open_equipment(world: World, folder: Path) -> AsyncIterator[Equipment]:
    """What a worker needs, over the world and a network that may reach loopback."""
    settings = Settings(data_dir=folder, allow_private_network=True)
    net = GuardedNet(allow_private=True)
    await net.open()
    blobs = Blobs(folder / "files")
    try:
        yield Equipment(world.database, world.bus, world.clock, net, Vault("test"), blobs, settings)
    finally:
        await net.close()


@contextlib.asynccontextmanager
async def open_office(world: World, folder: Path, customer: Customer, kind: str = "api") -> AsyncIterator[Office]:
    """A worker over the world, whose channel leads to the customer's system, which must listen already."""
    async with open_equipment(world, folder) as equipment:
        await point(world, equipment.vault, customer, kind)
        worker = make_worker(equipment)
        yield Office(equipment, worker, world, customer)
        await worker.stop()


class ForgetfulDatabase:
    """A database that hands out work and is gone when somebody wants to note what became of it."""

    def __init__(self, database: Database) -> None:
        """Claims reach the real one."""
        self._database = database

    async def read(self, query: Any, *arguments: Any, **named: Any) -> Any:
        """Reading works."""
        return await self._database.read(query, *arguments, **named)

    async def write(self, action: Any, *arguments: Any, **named: Any) -> Any:
        """Claiming works, nothing else does."""
        if not action.__name__.startswith("claim_"):
            raise Unavailable
        return await self._database.write(action, *arguments, **named)


async def show_no_typing(_channel_id: int, _typing: Typing) -> None:
    """Nobody looks."""


def make_worker(equipment: Equipment) -> Worker:
    """A worker that is moved by hand."""
    return Worker(equipment, Intake(equipment.database, equipment.net, show_no_typing))


async def vanish_after_sending(office: Office) -> Worker:
    """Leave what a worker leaves that hands messages over and is killed before it can note that."""
    forgetful: Any = ForgetfulDatabase(office.world.database)
    worker = make_worker(replace(office.equipment, database=forgetful))
    assert await worker.deliver_due()
    await worker.stop()
    return worker


async def owe(world: World, count: int, answers: int) -> dict[str, list[str]]:
    """Owe `answers` answers to each of `count` new clients."""
    owed: dict[str, list[str]] = {}
    for number in range(count):
        address = f"client-{number}"
        conversation_id = await world.conversation_of(await world.client_writes("Есть вопрос", address=address))
        owed[address] = [f"{address}: ответ {turn} 🙂" for turn in range(answers)]
        for text in owed[address]:
            await world.agent_replies(conversation_id, text)
    return owed


async def point(world: World, vault: Vault, customer: Customer, kind: str = "api") -> None:
    """Lead the world's channel to the customer's system."""
    locked = locked_config(vault, kind, {"secret": customer.secret, "url": f"{customer.url}/answers"})
    row = update(Channel).where(Channel.id == world.channel_id).values(kind=kind, config=locked)
    await world.write(lambda tx: tx.execute(row))
