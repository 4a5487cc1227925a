"""The fixture `world`: see tests/world.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.world import World, open_world


@pytest_asyncio.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A world on a fresh SQLite file, or on PostgreSQL too where a test asks for `both_databases`."""
    made = await open_world(database_url)
    yield made
    await made.database.close()
