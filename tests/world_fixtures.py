"""The fixture `world`: see tests/world.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.world import World, open_world, sqlite_url


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A world on a fresh SQLite file."""
    made = await open_world(sqlite_url(tmp_path))
    yield made
    await made.database.close()
