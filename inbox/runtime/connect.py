"""Opens a database by its URL: SQLite in threads of our own, PostgreSQL on asyncpg."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock
from inbox.runtime.database import Database, Driver

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

READERS = 3
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # What was acknowledged survives a power cut; group commit makes the fsync nearly free.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=268435456",
    "PRAGMA temp_store=MEMORY",
)
# A failed statement is logged without its values: they are what clients wrote, and tokens.
_HIDE_PARAMETERS = True
# Every connection keeps its prepared statements; the product has some hundreds.
_CACHED_STATEMENTS = 512
# One number for every process of this product: event ids must become visible in the order of their commits.
_WRITER_LOCK = text("SELECT pg_advisory_xact_lock(7421650)")


def is_sqlite(url: str) -> bool:
    """Whether a database URL means a SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> Path:
    """The file behind a SQLite URL; raises ValueError when it names none."""
    database = make_url(url).database
    if not database:
        raise ValueError("the SQLite URL names no file")
    return Path(database)


def sqlite_engine(url: str, *, read_only: bool = False) -> Engine:
    """A synchronous engine on a SQLite file with our pragmas; writers take the lock when they begin."""
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args={"check_same_thread": False, "cached_statements": _CACHED_STATEMENTS},
        hide_parameters=_HIDE_PARAMETERS,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver's own transaction control is switched off: it begins late and would deadlock two writers.
        connection.isolation_level = None
        for pragma in (*_PRAGMAS, *(("PRAGMA query_only=ON",) if read_only else ())):
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # On the driver's own connection: every read and every batch begins with it.
        own: Any = connection.connection.driver_connection
        own.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class SqliteDriver:
    """One writer thread and a few reader threads, each with a connection of its own."""

    def __init__(self, url: str) -> None:
        """Open the file (made when missing)."""
        sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
        self._engines = (sqlite_engine(url), sqlite_engine(url, read_only=True))
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="db-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-reader")
        self._own = threading.local()
        self._connections: list[Connection] = []

    async def write(self, function: Callable[[Connection], T]) -> T:
        """One hop to the writer's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._run, 0, function)

    async def read(self, function: Callable[[Connection], T]) -> T:
        """One hop to a reader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._run, 1, function)

    async def close(self) -> None:
        """Wait for both pools, then close the connections."""
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._connections:
            connection.close()
        for engine in self._engines:
            engine.dispose()

    def _run(self, engine: int, function: Callable[[Connection], T]) -> T:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None or connection.invalidated:
            connection = self._engines[engine].connect()
            self._connections.append(connection)
            self._own.connection = connection
        return function(connection)


def postgres_engine(url: str, **options: Any) -> AsyncEngine:
    """An engine on PostgreSQL through asyncpg."""
    # Not needed, and not imported, with a file.
    from sqlalchemy.ext.asyncio import create_async_engine

    driver = make_url(url).set(drivername="postgresql+asyncpg")
    return create_async_engine(driver, hide_parameters=_HIDE_PARAMETERS, **options)


class PostgresDriver:
    """The same plain functions on asyncpg through SQLAlchemy's greenlet bridge."""

    def __init__(self, url: str) -> None:
        """Make the pool; it connects on first use."""
        self._engine = postgres_engine(url, pool_size=READERS + 1, pool_pre_ping=True)
        self._writing = asyncio.Lock()

        @event.listens_for(self._engine.sync_engine, "begin")
        def _begin(connection: Connection) -> None:
            if connection.get_execution_options().get("inbox_writer"):
                connection.execute(_WRITER_LOCK)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Run with the writers' lock, which every transaction of ours takes first."""
        async with self._writing, self._engine.connect() as connection:
            locked = await connection.execution_options(inbox_writer=True)
            return await locked.run_sync(function)

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run on a connection of the pool, on one snapshot."""
        async with self._engine.connect() as connection:
            snapshot = await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return await snapshot.run_sync(function)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()


def open_driver(url: str) -> Driver:
    """The driver for a URL (`sqlite:///path` or `postgresql://...`)."""
    return SqliteDriver(url) if is_sqlite(url) else PostgresDriver(url)


def open_database(url: str, clock: Clock, bus: Bus) -> Database:
    """A database ready for reads and writes; close it with `await database.close()`."""
    return Database(open_driver(url), clock, bus)
