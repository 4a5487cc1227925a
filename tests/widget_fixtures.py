"""The fixture `site`: the product's side of the chat on one port, a customer's site on another. See tests/site.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.site import Site, open_site
from tests.world import World


@pytest_asyncio.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Site]:
    """A site chat over a fresh world."""
    async with open_site(world, tmp_path) as made:
        yield made
