"""`kill -9` under load: whatever got its 2xx is there exactly once."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from tests.server import Server, SignedChannel, add_signed_channel

SENDERS = 200
KILLS = 5
# Every sender tries the next message until the server is gone.
MOST_MESSAGES_EACH = 200
KILL_AFTER_ACKNOWLEDGED = 400


async def send_until_gone(
    session: aiohttp.ClientSession, channel: SignedChannel, sender: int, round_: int, acknowledged: list[str]
) -> None:
    for number in range(MOST_MESSAGES_EACH):
        message_id = f"r{round_}-s{sender}-{number}"
        headers, body = channel.request(f"client-{sender % 50}", message_id, f"Сообщение {message_id} 👋")
        try:
            async with session.post(channel.url, data=body, headers=headers) as answer:
                if answer.status // 100 != 2:
                    return
                acknowledged.append(message_id)
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            return


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_survives_kill_9_exactly_once(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    await server.start()
    channel = add_signed_channel(server)
    acknowledged: list[str] = []
    for round_ in range(KILLS):
        if server.process is None:
            await server.start()
        before = len(acknowledged)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=SENDERS)) as session:
            senders = [
                asyncio.create_task(send_until_gone(session, channel, sender, round_, acknowledged))
                for sender in range(SENDERS)
            ]
            while len(acknowledged) - before < KILL_AFTER_ACKNOWLEDGED and not all(task.done() for task in senders):
                await asyncio.sleep(0.002)
            server.kill()
            await asyncio.gather(*senders)
        assert len(acknowledged) > before, "the load must have reached the server"
    await server.start()
    assert server.stop() == 0
    with sqlite3.connect(server.data_dir / "inbox.db") as database:
        stored = [row[0] for row in database.execute("SELECT external_id FROM message WHERE kind = 'incoming'")]
        broken = database.execute("SELECT count(*) FROM conversation WHERE last_message_id IS NULL").fetchone()[0]
    database.close()
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    assert broken == 0
