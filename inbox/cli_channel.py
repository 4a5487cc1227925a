"""`inbox channel add|list|check|remove` and `inbox replay`: what the settings page does, for scripts."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pydantic import ValidationError

import connectors
from inbox.actions.channels import add_channel, remove_channel, set_channel_state
from inbox.channel_work import channel_url, checked, locked_config, replay_failed
from inbox.migrations.run import migrate_database
from inbox.queries.channels import ChannelRow, channel_by_id, channel_list
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor
from inbox.runtime.bus import Bus
from inbox.runtime.clock import SystemClock
from inbox.runtime.connect import open_database
from inbox.runtime.database import Database
from inbox.runtime.secrets import Vault
from inbox.settings import Settings

Work = Callable[[Database, Settings], Awaitable[int]]


def add_channel_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put the commands into the parser."""
    channel = commands.add_parser("channel", help="connect, list, check and remove channels")
    verbs = channel.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="connect an account; prints its address")
    add.add_argument("kind", choices=connectors.kinds())
    add.add_argument("--name", required=True)
    add.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", dest="values")
    add.set_defaults(command=_add)
    verbs.add_parser("list", help="all channels with their state").set_defaults(command=_list)
    for verb, about, command in (
        ("check", "ask the platform whether it works", _check),
        ("remove", "disconnect", _remove),
    ):
        parser = verbs.add_parser(verb, help=about)
        parser.add_argument("id", type=int)
        parser.set_defaults(command=command)
    replay = commands.add_parser("replay", help="read bodies again that could not be read")
    replay.add_argument("--channel", type=int, metavar="ID", help="only of this channel")
    replay.set_defaults(command=_replay)


def _add(settings: Settings, parsed: argparse.Namespace) -> int:
    values = dict(pair.partition("=")[::2] for pair in parsed.values)
    try:
        locked = locked_config(Vault.open(settings.secret_key, settings.data_dir), parsed.kind, values)
    except ValidationError as error:
        for mistake in error.errors(include_input=False, include_url=False):
            print(f"inbox: {'.'.join(map(str, mistake['loc']))}: {mistake['msg']}", file=sys.stderr)
        return 2

    async def work(database: Database, settings: Settings) -> int:
        channel_id = await database.write(add_channel, Actor.system(), parsed.kind, parsed.name, locked)
        row = await database.read(channel_by_id, Actor.system(), channel_id)
        print(f"{row.id}  {row.name}  {channel_url(settings.base_url, row)}")
        return 0

    return _run(settings, work)


def _list(settings: Settings, _parsed: argparse.Namespace) -> int:
    async def work(database: Database, settings: Settings) -> int:
        for line in await database.read(channel_list, Actor.system()):
            row = line.channel
            print(f"{row.id}  {row.kind:10} {row.state:10} {row.name}  {channel_url(settings.base_url, row)}")
        return 0

    return _run(settings, work)


def _check(settings: Settings, parsed: argparse.Namespace) -> int:
    async def work(database: Database, settings: Settings) -> int:
        row: ChannelRow = await database.read(channel_by_id, Actor.system(), parsed.id)
        health = await checked(Vault.open(settings.secret_key, settings.data_dir), row, settings)
        await database.write(set_channel_state, Actor.system(), row.id, health.state, health.reason or None)
        print(f"{row.name}: {health.state}{': ' + health.reason if health.reason else ''}")
        return int(health.state != "ok")

    return _run(settings, work)


def _remove(settings: Settings, parsed: argparse.Namespace) -> int:
    async def work(database: Database, settings: Settings) -> int:
        await database.write(remove_channel, Actor.system(), parsed.id)
        print(f"channel {parsed.id} is disconnected; its dialogs stay")
        return 0

    return _run(settings, work)


def _replay(settings: Settings, parsed: argparse.Namespace) -> int:
    async def work(database: Database, settings: Settings) -> int:
        vault = Vault.open(settings.secret_key, settings.data_dir)
        good, bad = await replay_failed(database, vault, parsed.channel)
        print(f"{good} bodies read, {bad} still cannot be read")
        return int(bad > 0)

    return _run(settings, work)


def _run(settings: Settings, work: Work) -> int:
    async def run() -> int:
        await migrate_database(settings.database)
        async with _opened(settings) as database:
            return await work(database, settings)

    try:
        return asyncio.run(run())
    except DomainError as error:
        print(f"inbox: {error.key}", file=sys.stderr)
        return 1


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings.database, SystemClock(), Bus())
    try:
        yield database
    finally:
        await database.close()
