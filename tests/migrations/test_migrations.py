"""The migrations: they build what the models say, on both databases, and keep the rows that are there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, inspect, select, text

from inbox.actions.reply import Draft, reply
from inbox.migrations import run
from inbox.models import Base, Tag
from inbox.runtime.connect import Driver, is_sqlite, open_driver
from tests.servers_fixtures import Postgres, both_databases
from tests.world import open_world

T = TypeVar("T")

pytestmark = both_databases


class Bare:
    """A database at any revision, reached past the product's own reads and writes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.driver: Driver = open_driver(url)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do something on a connection."""
        return await self.driver.write(work)

    async def upgrade(self, revision: str) -> None:
        """Bring it to a revision as the product would, but not further."""

        def climb(connection: Connection) -> None:
            with connection.begin():
                command.upgrade(configured(connection), revision)

        await self.run(climb)


def configured(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(run.__file__).parent))
    config.attributes.update(connection=connection, batch=run.current_revision(connection) is not None)
    return config


def revisions() -> list[str]:
    scripts = ScriptDirectory(str(Path(run.__file__).parent))
    return [script.revision for script in scripts.walk_revisions()][::-1]


@pytest_asyncio.fixture
async def bare(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Bare]:
    """An empty database."""
    if is_sqlite(database_url):
        made = Bare(database_url)
        yield made
        await made.driver.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = Bare(await asyncio.to_thread(server.make_database, "template0"))
    yield made
    await made.driver.close()
    await asyncio.to_thread(server.drop_database, made.url)


def is_ours(thing: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Search tables differ per database and belong to no model."""
    table = name if kind == "table" else thing.table.name
    return not str(table).startswith("search_")


def differences(connection: Connection) -> list[Any]:
    with connection.begin():
        options = {"compare_type": True, "include_object": is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


async def test_the_migrations_build_what_the_models_say(bare: Bare) -> None:
    await run.migrate_database(bare.url)
    assert await bare.run(differences) == []


async def test_a_missing_column_would_be_noticed(bare: Bare) -> None:
    await run.migrate_database(bare.url)

    def forget(connection: Connection) -> None:
        with connection.begin():
            connection.execute(text("ALTER TABLE tag DROP COLUMN colour"))

    await bare.run(forget)
    assert [found[0] for found in await bare.run(differences)] == ["add_column"]


async def test_migrating_tells_where_it_came_from_and_does_nothing_twice(bare: Bare) -> None:
    assert await run.migrate_database(bare.url) == (None, revisions()[-1])
    assert await run.migrate_database(bare.url) == (revisions()[-1], revisions()[-1])


async def test_each_step_keeps_the_rows_of_the_one_before(bare: Bare) -> None:
    first, *later = revisions()
    await bare.upgrade(first)
    row = {"name": "VIP", "name_key": "vip", "colour": "#aa0000"}

    def fill(connection: Connection) -> None:
        with connection.begin():
            connection.execute(insert(Tag), row)

    def kept(connection: Connection) -> Any:
        with connection.begin():
            return connection.execute(select(Tag.name, Tag.name_key, Tag.colour)).one()

    await bare.run(fill)
    for revision in later:
        await bare.upgrade(revision)
        assert tuple(await bare.run(kept)) == tuple(row.values())
    assert await bare.run(differences) == []


async def test_a_failed_migration_leaves_nothing_behind(bare: Bare) -> None:
    def broken(connection: Connection) -> None:
        with connection.begin():
            command.upgrade(configured(connection), revisions()[0])
            connection.execute(text("SELECT no_such_column FROM tag"))

    with pytest.raises(Exception, match="no_such_column"):
        await bare.run(broken)
    assert await bare.run(run.current_revision) is None
    assert await bare.run(lambda connection: inspect(connection).get_table_names()) == []


async def test_a_database_in_use_migrates_again_without_losing_a_row(database_url: str) -> None:
    world = await open_world(database_url)
    message = await world.client_writes("Есть в наличии?")
    conversation = await world.conversation_of(message)
    await world.write(reply, world.actor("Анна"), conversation, Draft("one", "Да", 10**9))
    tables = [table for table in Base.metadata.sorted_tables if table.name != "alembic_version"]
    counted = [select(func.count()).select_from(table) for table in tables]
    before = [(await world.rows(statement))[0][0] for statement in counted]
    await run.migrate_database(database_url)
    assert [(await world.rows(statement))[0][0] for statement in counted] == before
    assert sum(before) > 10
    await world.database.close()
