"""The fixtures `desk` and `new_desk`: the whole product over a fresh world, or before set-up. See tests/desk.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from inbox.runtime.bus import Bus
from inbox.runtime.connect import open_database
from tests.desk import Desk, open_desk
from tests.world import HandClock, World, lay_schema, sqlite_url


@pytest_asyncio.fixture
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    """The application on a port, with the cast of the world."""
    async with open_desk(world, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def new_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The application on a port over an empty database."""
    url, clock, bus = sqlite_url(tmp_path), HandClock(), Bus()
    await lay_schema(url)
    world = World(open_database(url, clock, bus), clock, bus, url)
    async with open_desk(world, tmp_path) as made:
        yield made
    await world.database.close()
