"""A small world to test in: a real SQLite file, a clock driven by hand, and a named cast.

Анна answers clients, Борис manages, Вера administers; Глеб is a second agent. The client is Марина.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import insert, select

from connectors.contract import MessageReceived
from inbox.actions.receive import receive
from inbox.actions.reply import Draft, reply
from inbox.migrations.run import migrate, migrate_database
from inbox.models import Agent, Channel, Company, Conversation, Message
from inbox.roll_up_facts import roll_up_facts
from inbox.rules.permissions import Actor, Role
from inbox.runtime.bus import Bus
from inbox.runtime.connect import is_sqlite, open_database, sqlite_engine, sqlite_path
from inbox.runtime.database import Database, Tx

P = ParamSpec("P")
T = TypeVar("T")

# A Tuesday, 12:00 in Moscow.
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    moment: datetime = START

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment

    def advance(self, **parts: float) -> datetime:
        """Move forward, e.g. `advance(minutes=7)`."""
        self.moment += timedelta(**parts)
        return self.moment


@dataclass
class World:
    """The database with its clock and bus, and shortcuts for what tests do all the time."""

    database: Database
    clock: HandClock
    bus: Bus
    url: str
    agents: dict[str, int] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    channel_id: int = 0
    received: int = 0

    async def write(self, action: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an action and commit."""
        return await self.database.write(action, *args, **kwargs)

    async def read(self, query: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query."""
        return await self.database.read(query, *args, **kwargs)

    def actor(self, name: str) -> Actor:
        """An agent of the cast as an actor."""
        return Actor.agent(self.agents[name], self.roles[name])

    async def rows(self, statement: Any) -> list[Any]:
        """All rows of a select."""
        return await self.database.read(lambda tx: list(tx.execute(statement).all()))

    async def roll_up(self) -> None:
        """Everything that is over is rolled up for the reports."""
        await roll_up_facts(self.database)

    async def client_writes(self, text: str = "Здравствуйте!", *, address: str = "marina", **event: Any) -> int:
        """The client writes; returns the message id."""
        self.received += 1
        arrived = MessageReceived(
            address=address, external_id=event.pop("external_id", f"in-{self.received}"), text=text, **event
        )
        message_id = await self.write(receive, Actor.channel(self.channel_id), self.channel_id, arrived)
        assert message_id is not None
        return message_id

    async def agent_replies(self, conversation_id: int, text: str = "Добрый день!", *, name: str = "Анна") -> int:
        """An agent of the cast answers; returns the message id."""
        self.received += 1
        draft = Draft(client_id=f"out-{self.received}", text=text, seen_message_id=10**9)
        return await self.write(reply, self.actor(name), conversation_id, draft)

    async def conversation_of(self, message_id: int) -> int:
        """The conversation that a message is in."""
        found = await self.rows(select(Message.conversation_id).where(Message.id == message_id))
        return int(found[0][0])

    async def conversation(self, conversation_id: int) -> Any:
        """The stored row of a conversation."""
        return (await self.rows(select(Conversation.__table__).where(Conversation.id == conversation_id)))[0]

    async def online(self, *names: str) -> None:
        """Put agents at their screens."""
        moment = self.clock.now()

        def seen(tx: Tx) -> None:
            for name in names:
                tx.execute(Agent.__table__.update().where(Agent.id == self.agents[name]).values(last_seen_at=moment))

        await self.write(seen)


CAST = {"Анна": Role.AGENT, "Глеб": Role.AGENT, "Борис": Role.MANAGER, "Вера": Role.ADMIN}
_LATIN = {"Анна": "anna", "Глеб": "gleb", "Борис": "boris", "Вера": "vera"}


async def open_world(url: str, clock: HandClock | None = None) -> World:
    """A migrated database with a company, the cast and one channel of kind `api`."""
    clock = clock or HandClock()
    bus = Bus()
    await lay_schema(url)
    database = open_database(url, clock, bus)
    world = World(database, clock, bus, url)
    await world.write(_people, world)
    return world


def _people(tx: Tx, world: World) -> None:
    tx.execute(
        insert(Company),
        {"id": 1, "name": "Дубрава", "language": "ru", "time_zone": "Europe/Moscow", "created_at": tx.now},
    )
    for name, role in CAST.items():
        values = {
            "email": f"{_LATIN[name]}@example.com",
            "name": name,
            "role": role.value,
            "password_hash": "!",
            "language": "ru",
            "time_zone": "Europe/Moscow",
            "created_at": tx.now,
        }
        world.agents[name] = tx.execute(insert(Agent), values).inserted_primary_key[0]
        world.roles[name] = role
    values = {"kind": "api", "name": "CRM", "token": "test-channel", "config": {}, "created_at": tx.now}
    world.channel_id = tx.execute(insert(Channel), values).inserted_primary_key[0]


async def lay_schema(url: str) -> None:
    """Bring a database to the newest schema: a SQLite file that is not there yet is a copy of one migrated before."""
    if is_sqlite(url) and not sqlite_path(url).exists():
        sqlite_path(url).write_bytes(_migrated_file())
    else:
        await migrate_database(url)


@functools.cache
def _migrated_file() -> bytes:
    """What every migration makes of an empty file, once per process: it takes as long as most tests."""
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite_engine(sqlite_url(Path(folder)))
        with engine.connect() as connection:
            migrate(connection)
        engine.dispose()
        return (Path(folder) / "inbox.db").read_bytes()


def sqlite_url(folder: Path) -> str:
    """The URL of a database file in a folder."""
    return f"sqlite:///{folder / 'inbox.db'}"
