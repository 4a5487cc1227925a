"""The fixture `desk`: the whole product over a fresh world. See tests/desk.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.desk import Desk, open_desk
from tests.world import World


@pytest_asyncio.fixture
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    """The application on a port, with the cast of the world."""
    async with open_desk(world, tmp_path) as made:
        yield made
