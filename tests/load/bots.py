"""A bot with a backlog: updates of many chats asked from a fake Telegram, how fast and in how much memory.

`python -m tests.load.bots` measures this alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from tests.load.figures import BOT_LOST, BOT_MEMORY, BOT_RATE, BOT_REST, Figure, row, table
from tests.load.office import Office, open_office, resident_bytes
from tests.platforms.telegram import TOKEN, BotApi

CHATS = 1000
UPDATES = 10_000
LONGEST_SECONDS = 240.0


async def measure_bot(office: Office, updates: int = UPDATES, chats: int = CHATS) -> list[Figure]:
    """Rate and memory of a backlog, and what of it was lost or out of order. The office's server must not run."""
    api = BotApi(checked=False)
    async with api.run():
        options = ("--set", f"token={TOKEN}", "--set", f"base_url={api.url}")
        await asyncio.to_thread(office.server.run, "channel", "add", "telegram", "--name", "Bot", *options)
        await office.server.start()
        assert office.server.process is not None
        pid = office.server.process.pid
        async with asyncio.timeout(60):
            while api.bot.poller is None:
                await asyncio.sleep(0.05)
        at_rest = resident_bytes(pid)
        people = [api.person(f"Клиент {number}") for number in range(chats)]
        sent: dict[str, list[str]] = defaultdict(list)
        started = time.perf_counter()
        for number in range(updates):
            person = people[number % chats]
            text = f"Подскажите, когда привезут заказ № {number}?"
            person.writes(text)
            sent[str(person.id)].append(text)
        async with asyncio.timeout(LONGEST_SECONDS):
            while _count(office.database) < updates:
                await asyncio.sleep(0.05)
        seconds = time.perf_counter() - started
        grown = resident_bytes(pid)
    got = _texts(office.database)
    wrong = sum(got[address] != texts for address, texts in sent.items()) + sum(map(len, got.values())) - updates
    note = f"{updates:,} updates of {chats:,} chats"
    return [
        Figure(BOT_RATE, updates / seconds, note),
        Figure(BOT_LOST, wrong),
        Figure(BOT_REST, at_rest / 2**20),
        Figure(BOT_MEMORY, grown / 2**20, note),
    ]


def _count(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection:
        return int(connection.execute("SELECT count(*) FROM message WHERE kind = 'incoming'").fetchone()[0])


def _texts(database: Path) -> dict[str, list[str]]:
    """What each chat's dialogs hold, in the order of the screen's ids."""
    found: dict[str, list[str]] = defaultdict(list)
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection:
        rows = connection.execute(
            "SELECT address.external_id, message.text FROM message"
            " JOIN conversation ON conversation.id = message.conversation_id"
            " JOIN address ON address.id = conversation.address_id"
            " WHERE message.kind = 'incoming' ORDER BY message.id"
        )
        for address, text in rows:
            found[address].append(text)
    return found


def main() -> None:
    """Measure and print."""

    async def measure(folder: Path) -> list[Figure]:
        office = await open_office(folder)
        try:
            return await measure_bot(office)
        finally:
            office.server.kill()

    with tempfile.TemporaryDirectory(prefix="inbox-bench-") as folder:
        print(table([row(figure) for figure in asyncio.run(measure(Path(folder) / "bot"))]))


if __name__ == "__main__":
    main()
