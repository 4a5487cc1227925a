"""A real browser over a real server that was set up through its first-run page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.office import Office
from tests.server import Server

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium, or Playwright's own where the system has none."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        await browser.close()


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
