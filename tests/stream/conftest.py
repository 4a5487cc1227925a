"""The fixture `desk` of these tests: a product in which nothing happens by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.desk import Desk, open_desk
from tests.world import World


@pytest_asyncio.fixture
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    """Nothing happens unless a test does it: a worker's look at a channel, sooner or later, is a refresh as well."""
    async with open_desk(world, tmp_path, idle=True) as made:
        yield made
