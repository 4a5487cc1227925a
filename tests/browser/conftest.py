"""A real server that is set up through its first-run page, for real browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.office import Office
from tests.server import Server


@pytest_asyncio.fixture
async def office(tmp_path: Path, chromium: Browser) -> AsyncIterator[Office]:
    """The product on an empty folder, before anybody set it up."""
    server = Server(tmp_path / "data")
    server.data_dir.mkdir()
    await server.start()
    try:
        office = Office(server, chromium)
        yield office
        assert office.problems == []
    finally:
        server.stop()
