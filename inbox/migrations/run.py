"""Bringing a database to the newest schema, and telling where it stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.pool import NullPool

from inbox.runtime.connect import is_sqlite, postgres_engine, sqlite_engine, sqlite_path


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    config.attributes["batch"] = connection is not None and current_revision(connection) is not None
    return config


def newest_revision() -> str:
    """The revision this code was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head


def current_revision(connection: Connection) -> str | None:
    """The revision of the connected database; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(connection: Connection) -> tuple[str | None, str]:
    """Upgrade inside one transaction; returns the revisions before and after. Running it again changes nothing."""
    with connection.begin():
        before = current_revision(connection)
        command.upgrade(_config(connection), "head")
    return before, newest_revision()


async def migrate_database(url: str) -> tuple[str | None, str]:
    """Upgrade the database of a URL; returns the revisions before and after."""
    if is_sqlite(url):
        return await asyncio.to_thread(_migrate_file, url)
    engine = postgres_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(migrate)
    finally:
        await engine.dispose()


def _migrate_file(url: str) -> tuple[str | None, str]:
    sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    engine = sqlite_engine(url)
    try:
        with engine.connect() as connection:
            return migrate(connection)
    finally:
        engine.dispose()


def write_revision(connection: Connection, message: str, revision_id: str) -> None:
    """Write a migration file from the difference between the models and the connected database (for developers)."""
    with connection.begin():
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=revision_id)
