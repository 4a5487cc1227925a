"""The demo tells the truth in every number: what it stores is what the actions would have stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from inbox.cli import main
from inbox.demo.fill import CHUNK, Filled, fill_database
from inbox.models import (
    Agent,
    Channel,
    Company,
    Contact,
    Conversation,
    Delivery,
    Event,
    Message,
    ReportColumn,
    Touch,
    Turn,
)
from inbox.queries.search import search
from inbox.queries.turn_recount import turn_differences
from inbox.roll_up_facts import roll_up_facts
from inbox.rules.permissions import Actor, Role
from inbox.runtime.bus import Bus
from inbox.runtime.connect import open_database
from inbox.runtime.database import Database, Tx
from inbox.runtime.passwords import password_fits
from inbox.runtime.secrets import Vault
from tests.migrations.moments import found_moments, stored_moments
from tests.servers_fixtures import both_databases
from tests.world import HandClock, sqlite_url

N = 260


def silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """The database with the clock of the demo."""
    database = open_database(url, HandClock(), Bus())
    try:
        yield database
    finally:
        await database.close()


async def filled(url: str, conversations: int = N, seed: int = 1) -> Filled:
    """The demo as of the standing clock."""
    return await fill_database(url, conversations, seed, silent, Vault("key"), HandClock())


async def counted(database: Database, model: Any, *conditions: Any) -> int:
    """How many rows there are."""
    statement = select(func.count()).select_from(model).where(*conditions)
    return await database.read(lambda tx: int(tx.execute(statement).scalar_one()))


async def spread(database: Database, column: Any) -> dict[Any, int]:
    """How often each value of a column is there."""
    statement = select(column, func.count()).group_by(column)
    return await database.read(lambda tx: dict(tx.execute(statement).all()))


def rolled(tx: Tx) -> list[tuple[Any, ...]]:
    """The roll-up in a form to compare."""
    return sorted(tuple(row) for row in tx.execute(select(ReportColumn.__table__)))


@both_databases
async def test_every_wait_is_what_the_timeline_says(database_url: str) -> None:
    await filled(database_url)
    async with opened(database_url) as database:
        assert await counted(database, Conversation) == N
        assert await database.read(turn_differences, silent) == []
        outcomes = await spread(database, Turn.outcome)
        assert set(outcomes) == {None, "answered", "dismissed", "unanswered"}
        assert outcomes["answered"] > N
        moments = await database.read(stored_moments)
        assert len(moments) > 1.5 * N
        assert await database.write(found_moments) == moments


@both_databases
async def test_the_rolled_days_equal_a_recount(database_url: str) -> None:
    await filled(database_url)
    async with opened(database_url) as database:
        stored = await database.read(rolled)
        assert len({row[1] for row in stored}) > 85
        await database.write(lambda tx: tx.execute(delete(ReportColumn)) and None)
        await roll_up_facts(database)
        assert await database.read(rolled) == stored


@both_databases
async def test_messages_and_clients_can_be_found(database_url: str) -> None:
    await filled(database_url)
    async with opened(database_url) as database:
        manager = Actor.agent(1, Role.ADMIN)
        found = await database.read(search, manager, "доставкой")
        assert found.messages
        name = (await database.read(lambda tx: tx.execute(select(Contact.name).where(Contact.name != "")).first()))[0]
        assert (await database.read(search, manager, name)).clients
        newest = await database.read(lambda tx: tx.execute(select(func.max(Event.id))).scalar_one())
        cursor = await database.read(
            lambda tx: tx.connection.exec_driver_sql("SELECT event_id FROM search_state").scalar_one()
        )
        assert cursor == newest


@both_databases
async def test_new_rows_get_new_ids_afterwards(database_url: str) -> None:
    await filled(database_url, 20)
    await filled(database_url, 20, seed=2)
    async with opened(database_url) as database:
        assert await counted(database, Conversation) == 40
        assert await database.read(turn_differences, silent) == []


async def test_every_state_is_there(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    await filled(url, 600)
    async with opened(url) as database:
        states = await spread(database, Conversation.status)
        assert set(states) == {"open", "snoozed", "resolved"}
        open_ = Conversation.status == "open"
        assert await counted(database, Conversation, open_, Conversation.assignee_id.is_(None)) > 0
        assert await counted(database, Conversation, open_, Conversation.waiting_since.is_not(None)) > 5
        assert await counted(database, Conversation, open_, Conversation.waiting_since.is_(None)) > 5
        assert await counted(database, Conversation, Conversation.reopened_at.is_not(None)) > 5
        assert set(await spread(database, Message.kind)) == {"incoming", "outgoing", "note", "activity"}
        assert set(await spread(database, Delivery.state)) >= {"sent", "delivered", "read", "failed"}
        assert len(await spread(database, Touch.lead_source_id)) > 8
        assert await counted(database, Conversation, Conversation.lead_source_id.is_(None)) > 50
        assert await counted(database, Channel) == 3
        future = await counted(database, Message, Message.at > HandClock().now())
        assert future == 0


async def test_more_dialogs_than_one_chunk_are_all_there(tmp_path: Path) -> None:
    url, seen = sqlite_url(tmp_path), []
    await fill_database(url, CHUNK + 5, 1, lambda done, total: seen.append((done, total)), None, HandClock())
    assert seen == [(CHUNK, CHUNK + 5), (CHUNK + 5, CHUNK + 5)]
    async with opened(url) as database:
        assert await counted(database, Conversation) == CHUNK + 5


async def test_the_same_seed_tells_the_same_story(tmp_path: Path) -> None:
    told = []
    for number, seed in enumerate((7, 7, 8)):
        url = sqlite_url(tmp_path / str(number))
        await filled(url, 40, seed)
        async with opened(url) as database:
            rows = await database.read(lambda tx: tx.execute(select(Message.at, Message.kind, Message.text)).all())
            told.append([tuple(row) for row in rows])
    assert told[0] == told[1]
    assert told[0] != told[2]


async def test_the_printed_password_opens_it(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    done = await filled(url, 4)
    assert done.login is not None
    assert done.password is not None
    assert done.password in done.words
    async with opened(url) as database:
        row = await database.read(
            lambda tx: tx.execute(select(Agent.password_hash, Agent.role).where(Agent.email == done.login)).one()
        )
        assert row.role == "admin"
        assert await password_fits(row.password_hash, done.password)


async def test_a_company_that_exists_is_left_as_it_is(world: Any) -> None:
    message = await world.client_writes("Настоящий вопрос")
    real = await world.conversation_of(message)
    before = (
        await world.rows(select(Company.__table__)),
        await world.rows(select(Channel.id, Channel.name, Channel.config)),
    )
    done = await filled(world.url, 30)
    assert done.login is None
    assert "stay as they are" in done.words
    after = (
        await world.rows(select(Company.__table__)),
        await world.rows(select(Channel.id, Channel.name, Channel.config)),
    )
    assert after == before
    assert (await world.conversation(real)).last_message_id == message
    assert (
        await world.rows(select(Agent.id).where(Agent.email.like("%@domdub.example"), Agent.password_hash.is_not(None)))
        == []
    )
    found = await world.read(search, world.actor("Анна"), "настоящий")
    assert [hit.message_id for hit in found.messages] == [message]
    assert await world.read(turn_differences, silent) == []


def test_the_command_makes_a_clean_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INBOX_DATA_DIR", str(tmp_path / "fresh"))
    assert main(["demo", "--conversations", "30"]) == 0
    said = capsys.readouterr().out
    assert "30 conversations in" in said
    assert "Sign in as vera@domdub.example with the password" in said
    assert main(["doctor", "--turns"]) == 0
    findings = capsys.readouterr().out
    assert "FAILURE" not in findings
    assert "every stored wait equals" in findings
