"""Stopping on purpose: SIGTERM under load finishes what was begun, tells the sockets, and ends with 0."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import update

from inbox.actions.sessions import sign_in
from inbox.models import Agent
from inbox.rules.permissions import Actor
from inbox.runtime.clock import SystemClock
from inbox.web.guard import hash_token
from inbox.web.visit import SESSION_COOKIE
from tests.faults.test_kill import send_until_gone
from tests.server import ROOT, Server, add_signed_channel
from tests.world import World, open_world, sqlite_url

SENDERS = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that is not running yet, and not any more when the test is over, however it went."""
    made = Server(tmp_path / "data")
    yield made
    made.kill()


async def session_of(world: World, name: str) -> str:
    """A session of one of the cast, as the cookie has it."""
    token = "t0ken-of-a-test"
    await world.write(lambda tx: tx.execute(update(Agent).values(password_hash="!")))
    await world.write(
        sign_in, Actor.system(), world.agents[name], hash_token(token), remote="127.0.0.1", user_agent="Тест"
    )
    return token


@pytest.mark.faults
@pytest.mark.timeout(120)
async def test_sigterm_under_load_loses_nothing_and_tells_the_sockets(server: Server) -> None:
    server.data_dir.mkdir()
    # On the machine's clock, or the session would be over already.
    world = await open_world(sqlite_url(server.data_dir), clock=SystemClock())  # type: ignore[arg-type]
    token = await session_of(world, "Анна")
    await world.database.close()
    channel = add_signed_channel(server)
    await server.start()
    acknowledged: list[str] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=SENDERS + 1)) as http:
        cookies = {"Cookie": f"{SESSION_COOKIE}={token}", "Origin": server.url}
        tab = await http.ws_connect(f"{server.url}/stream", headers=cookies)
        load = [asyncio.create_task(send_until_gone(http, channel, n, 0, acknowledged)) for n in range(SENDERS)]
        while len(acknowledged) < 100 and not all(task.done() for task in load):
            await asyncio.sleep(0.002)
        code = asyncio.create_task(asyncio.to_thread(server.stop))
        while (frame := await tab.receive(timeout=20)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, 1012)
        await tab.close()
        await asyncio.gather(*load)
        assert await code == 0
    database = sqlite3.connect(server.data_dir / "inbox.db")
    stored = [row[0] for row in database.execute("SELECT external_id FROM message WHERE kind = 'incoming'")]
    database.close()
    assert len(acknowledged) >= 100
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Server(tmp_path / "data", port=taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "inbox", "serve"],
            cwd=ROOT, env=server.settings(), capture_output=True, text=True, timeout=50,
        )  # fmt: skip
    assert done.returncode == 1
    assert str(server.port) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(90)
async def test_a_failing_request_is_logged_with_its_number(server: Server, tmp_path: Path) -> None:
    await server.start()
    other = sqlite3.connect(server.data_dir / "inbox.db")
    other.execute("ALTER TABLE agent RENAME TO agent_gone")
    other.close()
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/login") as answer:
        number = answer.headers["X-Request-Id"]
        assert answer.status == 500
    assert server.stop() == 0
    lines = (tmp_path / "server.log").read_text(encoding="utf-8").splitlines()
    logged = [json.loads(line) for line in lines if line.startswith("{")]
    assert [line["route"] for line in logged if line.get("request_id") == number] == ["/login"]
