"""`inbox backup`: one archive of everything, made while the product runs, and proved by counting its rows.

The archive is a tar with the database as of one moment, the files, the secret key and a manifest. The database is
copied through SQLite's online backup inside a read transaction, so that what was counted is exactly what was copied.
"""

from __future__ import annotations

import asyncio
import io
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiosqlite
import orjson

from inbox import __version__
from inbox.runtime.connect import is_sqlite, sqlite_path
from inbox.settings import Settings

MANIFEST = "manifest.json"
DATABASE = "inbox.db"
FILES = "files"
SECRET_KEY = "secret.key"  # noqa: S105 - the name of a file.

Progress = Callable[[str], None]


class BackupRefused(Exception):
    """The backup or restore cannot be done; the sentence says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself: rows per table, number of files, schema revision, version, moment (UTC)."""

    made_at: str
    version: str
    revision: str
    tables: dict[str, int]
    files: int


async def back_up(settings: Settings, target: Path, now: datetime, progress: Progress) -> Manifest:
    """Write the archive; raises BackupRefused. A half-written archive never stays under the target's name."""
    if not is_sqlite(settings.database):
        raise BackupRefused(
            "This inbox uses PostgreSQL: make the copy with pg_dump and keep the files folder beside it."
        )
    source = sqlite_path(settings.database)
    if not await asyncio.to_thread(source.exists):
        raise BackupRefused(f"There is no database at {source}.")
    if await asyncio.to_thread(target.exists):
        raise BackupRefused(f"{target} exists already.")
    await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder) / DATABASE
        progress("copying the database")
        tables, revision = await _copy_database(source, copy)
        progress("counting the copy")
        copied = await asyncio.to_thread(count_rows, copy)
        if copied != tables:
            raise BackupRefused(f"The copy differs from the original: {_difference(tables, copied)}")
        progress("packing the files")
        part = Path(folder) / "archive.tar"
        files = [path for path in (settings.data_dir / FILES).glob("*/*") if path.is_file()]
        manifest = Manifest(now.isoformat(), __version__, revision, tables, len(files))
        await asyncio.to_thread(_pack, part, copy, settings.data_dir, files, manifest)
        await asyncio.to_thread(part.replace, target)
    return manifest


def count_rows(file: Path) -> dict[str, int]:
    """Rows of every ordinary table of a SQLite file."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        names = [row[0] for row in connection.execute(_TABLES)]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 - names from the schema.
    finally:
        connection.close()


# Shadow tables of the search index are derived data: their counts change when SQLite merges segments.
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_index%'"
    " ORDER BY name"
)


async def _copy_database(source: Path, copy: Path) -> tuple[dict[str, int], str]:
    async with aiosqlite.connect(source, isolation_level=None) as connection, aiosqlite.connect(copy) as target:
        # The read transaction pins one snapshot for both the counting and the copying.
        await connection.execute("BEGIN")
        tables = {}
        for (name,) in await connection.execute_fetchall(_TABLES):
            rows = await connection.execute_fetchall(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - names from the schema.
            tables[name] = next(iter(rows))[0]
        revisions = await connection.execute_fetchall("SELECT version_num FROM alembic_version")
        await connection.backup(target)
        await connection.execute("ROLLBACK")
    return tables, next(iter(revisions))[0]


def _pack(part: Path, copy: Path, data_dir: Path, files: list[Path], manifest: Manifest) -> None:
    with tarfile.open(part, "w") as archive:
        body = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(body)
        archive.addfile(entry, io.BytesIO(body))
        archive.add(copy, DATABASE)
        if (data_dir / SECRET_KEY).exists():
            archive.add(data_dir / SECRET_KEY, SECRET_KEY)
        for path in files:
            archive.add(path, f"{FILES}/{path.parent.name}/{path.name}")


def _difference(expected: dict[str, int], found: dict[str, int]) -> str:
    names = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    return ", ".join(f"{name}: {expected.get(name, 0)} and {found.get(name, 0)} rows" for name in names)
