"""How long `inbox serve` on an existing file needs to its first page, and how heavy the chat is for a visitor."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import time
from statistics import median

import aiohttp
import orjson

from tests.load.figures import CHAT, LOADER, START, Figure
from tests.load.office import Office
from widget.appearance import loader_settings
from widget.assets import Assets
from widget.connector import WidgetConfig

STARTS = 5


async def measure_start(office: Office) -> Figure:
    """Seconds from the command to the sign-in page, the median of a few starts."""
    seconds = []
    for _ in range(STARTS):
        started = time.perf_counter()
        office.server.launch()
        try:
            async with aiohttp.ClientSession() as session, asyncio.timeout(30):
                while not await _answers(session, f"{office.server.url}/login"):
                    await asyncio.sleep(0.01)
            seconds.append(time.perf_counter() - started)
        finally:
            office.server.stop()
    return Figure(START, median(seconds), f"median of {STARTS}")


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    with contextlib.suppress(aiohttp.ClientError):
        async with session.get(url) as answer:
            return answer.status == 200
    return False


def weigh_chat() -> list[Figure]:
    """What a visitor's browser loads, as it is served."""
    assets = Assets.read()
    settings = orjson.dumps(loader_settings("k" * 22, WidgetConfig(), assets.launcher)).decode()
    loader = len(gzip.compress(assets.loader.replace("__SETTINGS__", settings).encode(), 9))
    whole = loader + len(assets.chat.packed) + len(assets.sheet.packed)
    return [Figure(LOADER, loader / 1024), Figure(CHAT, whole / 1024)]
