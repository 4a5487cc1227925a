"""A company over a data folder, ready to be measured: staff at work, a signed channel, a site chat, a signed-in agent."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from inbox.actions.channels import add_channel
from inbox.actions.sessions import sign_in
from inbox.actions.setup import FirstRun, is_set_up, set_up
from inbox.migrations.run import migrate_database
from inbox.models import Agent, Channel
from inbox.rules.permissions import Actor, Role
from inbox.runtime.bus import Bus
from inbox.runtime.clock import SystemClock
from inbox.runtime.connect import open_database
from inbox.runtime.database import Tx
from inbox.runtime.secrets import Vault
from inbox.web.guard import hash_token
from inbox.web.visit import SESSION_COOKIE
from tests.server import Server, SignedChannel, new_secret

STAFF = ("Анна", "Борис", "Глеб")
# Small, so that a load soon meets the rule where it works hardest: everybody is looked at and nobody is free.
CAPACITY = 5
# Nobody shall be held back: all of the load comes from one address.
_CHAT = {"network_connections": 100_000, "network_per_minute": 1_000_000, "visitor_per_minute": 100_000}


@dataclass
class Office:
    """The server over the folder, and the keys to it."""

    folder: Path
    server: Server
    secret: str = field(default_factory=new_secret)
    session: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    hook_token: str = ""
    chat_key: str = ""

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.server.data_dir / "inbox.db"

    @property
    def signed(self) -> SignedChannel:
        """The channel of signed HTTP."""
        return SignedChannel(f"{self.server.url}/hooks/api/{self.hook_token}", self.secret)

    @property
    def cookie(self) -> str:
        """The Cookie header of the first agent's browser."""
        return f"{SESSION_COOKIE}={self.session}"

    def staff_are_here(self) -> None:
        """Every agent counts as present from now on for a minute, as if their screens were open."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as connection:
            connection.execute("UPDATE agent SET last_seen_at = ?", (int(time.time() * 1000),))
            connection.commit()


async def open_office(folder: Path) -> Office:
    """Furnish a company over this folder, whose database may hold conversations already. No server is started."""
    office = Office(folder, Server(folder / "data"))
    office.server.data_dir.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{office.database}"
    await migrate_database(url)
    vault = Vault.open("", office.server.data_dir)
    database = open_database(url, SystemClock(), Bus())
    try:
        signed = vault.lock({"secret": office.secret}, {"secret"})
        tokens = await database.write(_furnish, signed, vault.lock(_CHAT, set()), hash_token(office.session))
        office.hook_token, office.chat_key = tokens
    finally:
        await database.close()
    return office


def _furnish(tx: Tx, signed: dict[str, Any], chat: dict[str, Any], session: str) -> tuple[str, str]:
    if not is_set_up(tx):
        set_up(tx, Actor.system(), FirstRun("Мебель", "ru", "Europe/Moscow", "Вера", "vera@shop.example", "-", "widget", "Сайт", {}))  # fmt: skip
    for number, name in enumerate(STAFF):
        values = {"name": name, "email": f"bench{number}@shop.example", "role": "agent", "password_hash": "-"}
        tx.execute(insert(Agent), {**values, "language": "ru", "time_zone": "Europe/Moscow", "created_at": tx.now})
    tx.execute(update(Agent).values(capacity=CAPACITY))
    admin = tx.execute(select(Agent.id).where(Agent.role == Role.ADMIN.value).limit(1)).scalar_one()
    sign_in(tx, Actor.system(), admin, session, remote="127.0.0.1", user_agent="bench")
    ids = [add_channel(tx, Actor.system(), kind, kind, config) for kind, config in (("api", signed), ("widget", chat))]
    hook, key = (tx.execute(select(Channel.token).where(Channel.id == channel)).scalar_one() for channel in ids)
    return hook, key


def resident_bytes(pid: int) -> int:
    """The memory of a process that stands in RAM now (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the process is gone")
