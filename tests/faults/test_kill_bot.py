"""`kill -9` while a bot is asked for news: what Telegram holds is stored exactly once, each chat in its order."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import defaultdict
from pathlib import Path

import pytest

from tests.platforms.telegram import TOKEN, BotApi
from tests.server import Server

CHATS = 50
MESSAGES_EACH = 40
KILLS = 2


def stored(server: Server) -> list[tuple[str, str]]:
    """Address and text of every message of a client, as they came in."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "inbox.db", timeout=10)) as database:
        return database.execute(
            "SELECT address.external_id, message.text FROM message"
            " JOIN conversation ON conversation.id = message.conversation_id"
            " JOIN address ON address.id = conversation.address_id"
            " WHERE message.kind = 'incoming' ORDER BY message.id"
        ).fetchall()


def end_leases(server: Server) -> None:
    """A dead process holds its bot for a minute more; nobody waits for that here."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "inbox.db", timeout=10)) as database:
        database.execute("DELETE FROM lease")
        database.commit()


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_kill_9_while_asking_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    api = BotApi(checked=False)
    server = Server(tmp_path / "data")
    try:
        async with api.run():
            await asyncio.to_thread(server.run, "migrate")
            options = ("--set", f"token={TOKEN}", "--set", f"base_url={api.url}")
            await asyncio.to_thread(server.run, "channel", "add", "telegram", "--name", "Бот", *options)
            people = [api.person(f"Клиент {number}") for number in range(CHATS)]
            sent = defaultdict(list)
            for number in range(MESSAGES_EACH):
                for person in people:
                    person.writes(f"сообщение {number}")
                    sent[str(person.id)].append(f"сообщение {number}")
            whole = CHATS * MESSAGES_EACH
            for number in range(KILLS + 1):
                await server.start()
                before, wanted = len(stored(server)), whole * (number + 1) // (KILLS + 1)
                while len(stored(server)) < wanted:
                    await asyncio.sleep(0.01)
                if number < KILLS:
                    server.kill()
                    assert before < len(stored(server)) < whole, "the kill must come in the middle"
                    end_leases(server)
            got = defaultdict(list)
            for address, text in stored(server):
                got[address].append(text)
            assert got == sent
            assert server.stop() == 0
    finally:
        server.kill()
