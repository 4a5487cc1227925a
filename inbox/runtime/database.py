"""The database: one writer with group commit, a few readers, and the only `.commit(` of the product.

`await db.write(action, ...)` queues a call. The writer takes everything queued (at most 256 calls), and what is queued
while it is at that, runs it in one hop inside one transaction, and resolves the futures after the commit; the batch
forms itself, so there is no timer and no delay at low load. If a call raises, the batch is rolled back and its calls
run again one per transaction: only the bad one fails. `await db.read(query, ...)` is one hop to a reader.

Calls of a batch see each other's changes in order.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Executable

from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock
from inbox.runtime.unavailable import Unavailable, as_unavailable

P = ParamSpec("P")
T = TypeVar("T")

MAX_BATCH = 256


class Closed(Exception):
    """The database is closing: the call was not run and may be made again elsewhere."""


@dataclass(slots=True)
class Tx:
    """What actions and queries get: a connection inside a transaction, its moment, and the newest event it appended."""

    connection: Connection
    now: datetime
    last_event_id: int = 0
    _raw: Any = field(default=None, init=False)

    @property
    def sqlite(self) -> sqlite3.Connection | None:
        """SQLite's own connection, inside the same transaction; None on another database."""
        if self._raw is None and self.connection.dialect.name == "sqlite":
            self._raw = self.connection.connection.driver_connection
        raw: sqlite3.Connection | None = self._raw
        return raw

    def execute(
        self, statement: Executable, parameters: dict[str, Any] | Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run one Core statement."""
        return self.connection.execute(statement, parameters)

    def savepoint(self) -> AbstractContextManager[Any]:
        """A block whose changes are undone when it raises, while the rest of the transaction stands."""
        return self.connection.begin_nested()


class Driver(Protocol):
    """A kind of database: runs plain functions on its connections, by thread (SQLite) or greenlet (PostgreSQL)."""

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Run on the writer's connection; `function` begins and ends its transactions itself."""
        ...

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run on one of the readers' connections."""
        ...

    async def close(self) -> None:
        """Let running functions end, then disconnect."""
        ...


@dataclass(slots=True)
class _Call:
    """A queued write and who waits for it."""

    function: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Database:
    """Reads and writes for the whole process. Make one with `runtime.connect.open_database`."""

    def __init__(self, driver: Driver, clock: Clock, bus: Bus) -> None:
        """Use an opened driver; nothing runs until the first call."""
        self._driver = driver
        self._clock = clock
        self._bus = bus
        self._queue: deque[_Call] = deque()
        self._drain: asyncio.Task[None] | None = None
        self._closing = False
        self.batches = 0
        self.calls = 0

    async def write(self, action: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action in the next batch; returns its result after the commit, or raises what it raised.

        Raises Unavailable when the database is locked, full or gone. A caller that is cancelled while it waits does
        not undo the write.
        """
        if self._closing:
            raise Closed
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Call(lambda tx: action(tx, *args, **kwargs), future))
        if self._drain is None:
            self._drain = asyncio.create_task(self._drain_queue())
        return await future

    async def read(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on a snapshot of its own; raises Unavailable when the database is gone."""

        def run(connection: Connection) -> T:
            with connection.begin():
                return query(Tx(connection, self._clock.now()), *args, **kwargs)

        try:
            return await self._driver.read(run)
        except Exception as error:
            raise as_unavailable(error) from error

    async def close(self) -> None:
        """Refuse new writes, finish the queued ones, disconnect."""
        self._closing = True
        if self._drain is not None:
            await self._drain
        await self._driver.close()

    @property
    def queued(self) -> int:
        """How many writes wait for a batch; a metric."""
        return len(self._queue)

    async def _drain_queue(self) -> None:
        try:
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
                await self._write_batch(batch)
        finally:
            self._drain = None

    async def _write_batch(self, batch: list[_Call]) -> None:
        try:
            last_event_id = await self._driver.write(
                lambda connection: _run_batch(connection, batch, self._queue, self._clock)
            )
        except Exception as error:  # noqa: BLE001 - whatever broke the connection, the waiting callers must hear of it.
            last_event_id = 0
            for call in batch:
                call.error = call.error or as_unavailable(error)
        self.batches += 1
        self.calls += len(batch)
        if last_event_id:
            self._bus.publish(last_event_id)
        for call in batch:
            if call.future.done():
                continue
            if call.error is None:
                call.future.set_result(call.result)
            else:
                call.future.set_exception(call.error)


def _run_batch(connection: Connection, batch: list[_Call], queue: deque[_Call], clock: Clock) -> int:
    """Run the calls in one transaction, or, when one of them raises, each in its own. Returns the newest event id."""
    try:
        return _run_together(connection, _with_newcomers(batch, queue), clock)
    except Exception as error:  # noqa: BLE001 - each call is run again alone, and the guilty one gets its error.
        known = as_unavailable(error)
        if len(batch) == 1 or isinstance(known, Unavailable):
            # Whoever waited for a lock would only wait again, call by call, and everybody behind them.
            for call in batch:
                call.error = known
            return 0
    last_event_id = 0
    for call in batch:
        call.error = None
        try:
            last_event_id = max(last_event_id, _run_together(connection, [call], clock))
        except Exception as error:  # noqa: BLE001 - it is handed to the caller who asked for this write.
            call.error = as_unavailable(error)
    return last_event_id


def _with_newcomers(batch: list[_Call], queue: deque[_Call]) -> Iterator[_Call]:
    """The calls of a batch, then those that are queued while it runs: they share its commit, and wait for no other."""
    yield from batch
    while queue and len(batch) < MAX_BATCH:
        batch.append(queue.popleft())
        yield batch[-1]


def _run_together(connection: Connection, calls: Iterable[_Call], clock: Clock) -> int:
    transaction = connection.begin()
    try:
        tx = Tx(connection, clock.now())
        for call in calls:
            tx.now = clock.now()
            call.result = call.function(tx)
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise
    return tx.last_event_id
