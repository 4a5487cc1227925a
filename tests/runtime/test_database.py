"""Group commit: batches form by themselves, only the bad call fails, and events are announced after the commit."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from inbox.models import Tag
from inbox.runtime.bus import Bus
from inbox.runtime.clock import SystemClock
from inbox.runtime.connect import open_database
from inbox.runtime.database import Closed, Database, Tx
from tests.world import lay_schema


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "inbox.db"


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest_asyncio.fixture
async def database(file: Path, bus: Bus) -> AsyncIterator[Database]:
    url = f"sqlite:///{file}"
    await lay_schema(url)
    opened = open_database(url, SystemClock(), bus)
    yield opened
    await opened.close()


def add_tag(tx: Tx, name: str) -> int:
    key = tx.execute(insert(Tag), {"name": name, "name_key": name, "colour": "#000000"}).inserted_primary_key
    return int(key[0])


def tag_names(tx: Tx) -> list[str]:
    return list(tx.execute(select(Tag.name).order_by(Tag.id)).scalars())


async def test_calls_made_together_share_transactions(database: Database) -> None:
    await asyncio.gather(*(database.write(add_tag, f"tag {n}") for n in range(600)))
    assert len(await database.read(tag_names)) == 600
    assert database.calls == 600
    # The first batch has one call or all; the rest come in batches of at most 256.
    assert database.batches <= 5


async def test_what_is_queued_while_a_batch_runs_shares_its_commit(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def begin(tx: Tx) -> None:
        begun.set()
        go_on.wait(10)

    first = asyncio.create_task(database.write(begin))
    await asyncio.to_thread(begun.wait, 10)
    second = asyncio.ensure_future(database.write(add_tag, "newcomer"))
    await asyncio.sleep(0)
    assert database.queued == 1
    go_on.set()
    await asyncio.gather(first, second)
    assert (database.batches, database.calls) == (1, 2)
    assert await database.read(tag_names) == ["newcomer"]


async def test_only_the_bad_call_of_a_batch_fails(database: Database) -> None:
    def fail(tx: Tx) -> None:
        add_tag(tx, "half done")
        raise RuntimeError("no")

    writes = [database.write(add_tag, "a"), database.write(fail), database.write(add_tag, "b")]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(results[1], RuntimeError)
    assert await database.read(tag_names) == ["a", "b"]


async def test_a_cancelled_caller_does_not_undo_the_write(database: Database) -> None:
    waiting = asyncio.create_task(database.write(add_tag, "kept"))
    await asyncio.sleep(0)
    waiting.cancel()
    await database.write(add_tag, "after")
    assert await database.read(tag_names) == ["kept", "after"]


async def test_what_is_returned_is_on_disk(database: Database, file: Path) -> None:
    await database.write(add_tag, "safe")
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT name FROM tag").fetchall() == [("safe",)]
    other.close()


async def test_events_are_announced_once_per_batch_after_the_commit(database: Database, bus: Bus) -> None:
    def note(tx: Tx, number: int) -> None:
        tx.last_event_id = number

    async with bus.listen() as listener:
        await asyncio.gather(*(database.write(note, number) for number in (1, 2, 3)))
        assert await listener.wait(1)
        assert listener.announced == 3
        assert not await listener.wait(0)


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match="readonly"):
        await database.read(add_tag, "no")


async def test_closing_finishes_what_was_queued_and_refuses_the_rest(file: Path, database: Database) -> None:
    queued = [asyncio.create_task(database.write(add_tag, f"{n}")) for n in range(5)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*queued) == [1, 2, 3, 4, 5]
    with pytest.raises(Closed):
        await database.write(add_tag, "late")
