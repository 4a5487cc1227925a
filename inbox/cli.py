"""The command line: inbox serve | migrate | agent | channel | replay | demo | doctor | backup | restore."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from inbox import __version__
from inbox.runtime.bus import Bus
from inbox.runtime.clock import SystemClock
from inbox.runtime.connect import is_sqlite, open_database, sqlite_path
from inbox.runtime.database import Database
from inbox.runtime.secrets import Vault
from inbox.settings import BadSetting, Settings, read_settings

Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (2 for wrong settings or arguments)."""
    parsed = _parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ, parsed.config)
    except BadSetting as error:
        print(f"inbox: {error}", file=sys.stderr)
        return 2
    command: Command = parsed.command
    return command(settings, parsed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inbox", description="One inbox for every place a client writes from.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--config", type=Path, metavar="FILE", help="a TOML file with settings (INBOX_* variables win)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the product")
    serve.set_defaults(command=_serve)
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(command=_migrate)
    _add_upkeep(commands)
    from inbox.cli_channel import add_channel_commands
    from inbox.cli_people import add_agent_commands

    add_channel_commands(commands)
    add_agent_commands(commands)
    return parser


def _add_upkeep(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser("doctor", help="look for what can quietly go wrong")
    doctor.add_argument("--turns", action="store_true", help="also recompute every wait from the timeline (slow)")
    doctor.add_argument("--repair", action="store_true", help="with --turns: build waits that differ anew")
    doctor.set_defaults(command=_doctor)
    backup = commands.add_parser("backup", help="write one archive of everything, also while the product runs")
    backup.add_argument("archive", type=Path, nargs="?", help="default: inbox-<moment>.tar in the current folder")
    backup.set_defaults(command=_backup)
    restore = commands.add_parser("restore", help="put an archive in place (stop the server first)")
    restore.add_argument("archive", type=Path)
    restore.add_argument("--replace", action="store_true", help="set an existing database aside")
    restore.set_defaults(command=_restore)
    demo = commands.add_parser("demo", help="fill the database with believable dialogs over 90 days")
    demo.add_argument("--conversations", type=int, default=500, metavar="N")
    demo.add_argument("--seed", type=int, default=1)
    demo.set_defaults(command=_demo)


def _serve(settings: Settings, _parsed: argparse.Namespace) -> int:
    from inbox.app import serve

    return serve(settings)


def _migrate(settings: Settings, _parsed: argparse.Namespace) -> int:
    from inbox.migrations.run import migrate_database

    before, after = asyncio.run(migrate_database(settings.database))
    print(f"database: {before or 'empty'} -> {after}" if before != after else f"database: already at {after}")
    return 0


def _doctor(settings: Settings, parsed: argparse.Namespace) -> int:
    from inbox.upkeep.doctor import Verdict, examine, examine_turns, repair_turns

    if is_sqlite(settings.database) and not sqlite_path(settings.database).exists():
        print(f"{Verdict.FAILURE.value:8} database: there is no database at {sqlite_path(settings.database)}")
        return 1

    async def run() -> int:
        async with _database(settings) as database:
            findings = await examine(database, settings)
            if parsed.turns and parsed.repair:
                findings.append(await repair_turns(database, _show_progress))
            if parsed.turns:
                findings += await examine_turns(database, _show_progress)
        for finding in findings:
            print(f"{finding.verdict.value:8} {finding.about}: {finding.words}")
        return int(any(finding.verdict is Verdict.FAILURE for finding in findings))

    return asyncio.run(run())


def _backup(settings: Settings, parsed: argparse.Namespace) -> int:
    from inbox.upkeep.backup import BackupRefused, back_up

    now = SystemClock().now()
    target: Path = parsed.archive or Path(f"inbox-{now:%Y%m%d-%H%M%S}.tar")
    try:
        manifest = asyncio.run(back_up(settings, target, now, _say))
    except BackupRefused as error:
        return _refuse(error)
    print(f"{target}: {sum(manifest.tables.values())} rows in {len(manifest.tables)} tables, {manifest.files} files")
    return 0


def _restore(settings: Settings, parsed: argparse.Namespace) -> int:
    from inbox.upkeep.backup import BackupRefused
    from inbox.upkeep.restore import restore

    try:
        manifest = restore(settings, parsed.archive, SystemClock().now(), _say, replace=parsed.replace)
    except BackupRefused as error:
        return _refuse(error)
    print(f"restored {sum(manifest.tables.values())} rows and {manifest.files} files of {manifest.made_at}")
    return 0


def _demo(settings: Settings, parsed: argparse.Namespace) -> int:
    from inbox.demo.fill import fill

    started = time.monotonic()
    vault = Vault.open(settings.secret_key, settings.data_dir)
    filled = fill(settings.database, parsed.conversations, parsed.seed, _show_progress, vault)
    print(f"{filled.conversations} conversations in {time.monotonic() - started:.1f} s. {filled.words}")
    return 0


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    """The database for one command, without the server."""
    database = open_database(settings.database, SystemClock(), Bus())
    try:
        yield database
    finally:
        await database.close()


def _say(words: str) -> None:
    print(f"{words} ...", file=sys.stderr)


def _refuse(error: Exception) -> int:
    print(f"inbox: {error}", file=sys.stderr)
    return 1


def _show_progress(done: int, total: int) -> None:
    """A progress bar on standard error; silent when nobody watches."""
    if not sys.stderr.isatty() or not total:
        return
    filled = done * 40 // total
    print(f"\r[{'#' * filled}{' ' * (40 - filled)}] {done}/{total}", end="\n" if done >= total else "", file=sys.stderr)
