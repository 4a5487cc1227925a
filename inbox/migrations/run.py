"""Bringing a database to the newest schema, and telling where it stands.

Alembic is imported only when there is something to do: nearly every start finds the schema as it should be.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.pool import NullPool

from inbox.runtime.connect import is_sqlite, postgres_engine, sqlite_engine, sqlite_path

if TYPE_CHECKING:
    from alembic.config import Config


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    config.attributes["batch"] = connection is not None and current_revision(connection) is not None
    return config


def newest_revision() -> str:
    """The revision this code was written for: the number before the name of the newest file."""
    return max(path.name.partition("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*_*.py"))


def current_revision(connection: Connection) -> str | None:
    """The revision of the connected database; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


def migrate(connection: Connection) -> tuple[str | None, str]:
    """Upgrade inside one transaction; returns the revisions before and after. Running it again changes nothing."""
    with connection.begin():
        before = current_revision(connection)
        if before == newest_revision():
            return before, before
        from alembic import command

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
    from alembic import command

    with connection.begin():
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=revision_id)
