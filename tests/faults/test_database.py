"""A locked, full or missing database: a clear "not now", nothing lost, nothing twice, and work goes on afterwards."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import select, text, update

from inbox.channel_work import locked_config
from inbox.models import Channel, Message
from inbox.web.visit import RESOURCES
from tests.desk import Desk, open_desk
from tests.server import SignedChannel, new_secret
from tests.servers_fixtures import Postgres
from tests.world import World, open_world


class Platform:
    """A platform that repeats a message until it hears 2xx, as all of them do."""

    def __init__(self, desk: Desk, http: aiohttp.ClientSession, secret: str) -> None:
        self.desk = desk
        self.http = http
        self.channel = SignedChannel(f"{desk.base}/hooks/api/test-channel", secret)

    async def tell(self, external_id: str, text_: str = "Здравствуйте") -> tuple[int, Any]:
        """Post one message; returns the status and the headers."""
        body = json.dumps({"contact": {"external_id": "c"}, "message": {"external_id": external_id, "text": text_}})
        headers = self.channel.sign(f"evt-{external_id}", body.encode(), self.desk.world.clock.now())
        async with self.http.post(self.channel.url, data=body, headers=headers) as answer:
            return answer.status, answer.headers

    async def stored(self) -> list[str]:
        """The ids of the clients' messages that are there, oldest first."""
        statement = select(Message.external_id).where(Message.kind == "incoming").order_by(Message.id)
        return [row.external_id for row in await self.desk.world.rows(statement)]


async def connect(desk: Desk, http: aiohttp.ClientSession) -> Platform:
    secret = new_secret()
    locked = locked_config(desk.app[RESOURCES].vault, "api", {"secret": secret})
    row = update(Channel).where(Channel.id == desk.world.channel_id).values(config=locked)
    await desk.world.write(lambda tx: tx.execute(row))
    return Platform(desk, http, secret)


@pytest_asyncio.fixture
async def platform(desk: Desk) -> AsyncIterator[Platform]:
    async with aiohttp.ClientSession() as http:
        yield await connect(desk, http)


async def set_pragma(desk: Desk, pragma: str) -> None:
    """Set something of the writer's own connection."""
    await desk.world.write(lambda tx: tx.connection.exec_driver_sql(f"PRAGMA {pragma}"))


async def test_a_locked_database_is_a_clear_not_now(desk: Desk, platform: Platform) -> None:
    assert (await platform.tell("m-0"))[0] == 200
    conversation_id = (await desk.world.rows(select(Message.conversation_id)))[0].conversation_id
    anna = await desk.browser("Анна")
    await set_pragma(desk, "busy_timeout = 300")
    other = sqlite3.connect(desk.world.url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    loop = asyncio.get_running_loop()
    started = loop.time()
    answers = await asyncio.gather(*(platform.tell(f"m-{number}") for number in range(1, 41)))
    # One wait for the lock, or two: never one for every message.
    assert loop.time() - started < 5
    assert {status for status, _ in answers} == {503}
    assert {headers["Retry-After"] for _, headers in answers} == {"5"}
    form = {"kind": "reply", "text": "Добрый день", "client_id": "c-1", "seen_message_id": "1"}
    refused = await anna.post(f"/conversations/{conversation_id}/messages", form)
    assert refused.status == 503
    assert "Попробуйте через минуту" in refused.text
    assert (await anna.get(f"/conversations/{conversation_id}")).status == 200, "reading needs no lock"
    assert (await anna.get("/ready")).status == 200
    other.execute("ROLLBACK")
    other.close()
    again = await asyncio.gather(*(platform.tell(f"m-{number}") for number in range(41)))
    assert {status for status, _ in again} == {200}
    assert sorted(await platform.stored()) == sorted(f"m-{number}" for number in range(41))
    sent = await anna.post(f"/conversations/{conversation_id}/messages", form)
    assert sent.status in (200, 303, 409)


async def test_a_full_disk_loses_nothing_that_was_acknowledged(desk: Desk, platform: Platform) -> None:
    pages = await desk.world.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    await set_pragma(desk, f"max_page_count = {pages + 100}")
    long = "Очень длинное сообщение. " * 400
    heard: dict[str, int] = {}
    for number in range(200):
        name = f"m-{number}"
        heard[name], _ = await platform.tell(name, long)
        if heard[name] != 200:
            break
    assert set(heard.values()) == {200, 503}, "the disk must have become full"
    acknowledged = [name for name, status in heard.items() if status == 200]
    assert await platform.stored() == acknowledged
    assert (await platform.tell("m-short"))[0] in (200, 503)
    await set_pragma(desk, "max_page_count = 1000000")
    for name in heard:
        assert (await platform.tell(name, long))[0] == 200
    stored = [name for name in await platform.stored() if name != "m-short"]
    assert stored == list(heard)


async def test_a_database_that_is_broken_is_told_to_the_balancer(desk: Desk) -> None:
    stranger = await desk.stranger()
    other = sqlite3.connect(desk.world.url.removeprefix("sqlite:///"))
    other.execute("ALTER TABLE event RENAME TO event_gone")
    other.close()
    answer = await stranger.get("/ready")
    assert (answer.status, json.loads(answer.text)) == (503, {"status": "unavailable"})
    assert (await stranger.get("/health")).status == 200
    other = sqlite3.connect(desk.world.url.removeprefix("sqlite:///"))
    other.execute("ALTER TABLE event_gone RENAME TO event")
    other.close()
    assert (await stranger.get("/ready")).status == 200


@pytest.mark.postgres
async def test_a_postgres_that_goes_away_and_comes_back(postgres: Postgres, postgres_url: str, tmp_path: Path) -> None:
    world: World = await open_world(postgres_url)
    name = postgres_url.rpartition("/")[2]
    async with open_desk(world, tmp_path) as desk, aiohttp.ClientSession() as http:
        platform = await connect(desk, http)
        stranger = await desk.stranger()
        assert (await platform.tell("m-1"))[0] == 200
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres.execute(f"SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = '{name}'")
        assert (await platform.tell("m-2"))[0] == 503
        assert (await stranger.get("/ready")).status == 503
        assert (await stranger.get("/health")).status == 200
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert (await stranger.get("/ready")).status == 200
        assert (await platform.tell("m-2"))[0] == 200
        assert (await platform.tell("m-3", "с нулём: \0"))[0] == 200
        assert await platform.stored() == ["m-1", "m-2", "m-3"]
        assert (await world.rows(text("SELECT count(*) FROM inbound WHERE state = 'failed'")))[0][0] == 0
    await world.database.close()
