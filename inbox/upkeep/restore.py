"""`inbox restore`: unpacks an archive beside the data, proves it, and only then moves it into place."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

import orjson

from inbox.runtime.connect import is_sqlite, sqlite_path
from inbox.settings import Settings
from inbox.upkeep.backup import DATABASE, FILES, MANIFEST, SECRET_KEY, BackupRefused, Manifest, Progress, count_rows


def restore(settings: Settings, archive: Path, now: datetime, progress: Progress, *, replace: bool) -> Manifest:
    """Put an archive in place of the data; raises BackupRefused and then has changed nothing.

    An existing database is refused unless `replace`; it is then set aside as `inbox.db.before-<moment>`, not deleted.
    The server must be stopped.
    """
    if not is_sqlite(settings.database):
        raise BackupRefused("This inbox uses PostgreSQL: restore the copy with pg_restore.")
    target = sqlite_path(settings.database)
    if target.exists() and not replace:
        raise BackupRefused(f"{target} exists already. Stop the server and add --replace to set it aside.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as name:
        folder = Path(name)
        progress("unpacking")
        manifest = _unpack(archive, folder)
        progress("checking the database")
        _check_database(folder / DATABASE, manifest)
        progress("checking the files")
        _check_files(folder / FILES, manifest)
        progress("moving into place")
        _move(folder, settings.data_dir, target, now)
    return manifest


def _unpack(archive: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        return Manifest(**orjson.loads((folder / MANIFEST).read_bytes()))
    except (OSError, tarfile.TarError, orjson.JSONDecodeError, TypeError) as error:
        raise BackupRefused(f"{archive} is not a whole backup of this product: {error}") from error


def _check_database(file: Path, manifest: Manifest) -> None:
    try:
        connection = sqlite3.connect(file)
        try:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        finally:
            connection.close()
        if verdict != "ok":
            raise BackupRefused(f"The database in the archive is damaged: {verdict}")
        found = count_rows(file)
    except sqlite3.Error as error:
        raise BackupRefused(f"The database in the archive cannot be read: {error}") from error
    if found != manifest.tables:
        raise BackupRefused("The database in the archive does not have the rows that its manifest names.")


def _check_files(folder: Path, manifest: Manifest) -> None:
    paths = [path for path in folder.glob("*/*") if path.is_file()]
    if len(paths) != manifest.files:
        raise BackupRefused(f"The archive holds {len(paths)} files, its manifest names {manifest.files}.")
    for path in paths:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != path.name:
                raise BackupRefused(f"The file {path.name} in the archive is damaged.")


def _move(folder: Path, data_dir: Path, target: Path, now: datetime) -> None:
    aside = f".before-{now:%Y%m%d-%H%M%S}"
    for path in (target, target.with_name(target.name + "-wal"), target.with_name(target.name + "-shm")):
        if path.exists():
            path.rename(path.with_name(path.name + aside))
    (folder / DATABASE).rename(target)
    if (folder / SECRET_KEY).exists():
        shutil.copy2(folder / SECRET_KEY, data_dir / SECRET_KEY)
    for path in (folder / FILES).glob("*/*"):
        place = data_dir / FILES / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
