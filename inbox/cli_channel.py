"""`inbox channel add|list|check|remove` and `inbox replay`: what the settings page does, for scripts."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pydantic import ValidationError

import connectors
from inbox.channel_work import channel_url, check_channel, replay_failed
from inbox.connect_channel import connect_channel, disconnect_channel
from inbox.equipment import Equipment
from inbox.migrations.run import migrate_database
from inbox.queries.channels import ChannelRow, channel_by_id, channel_list
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor
from inbox.runtime.blobs import Blobs
from inbox.runtime.bus import Bus
from inbox.runtime.clock import SystemClock
from inbox.runtime.connect import open_database
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault
from inbox.settings import Settings

Work = Callable[[Equipment], Awaitable[int]]


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
    known = connectors.find(parsed.kind).config.model_fields
    for pair in parsed.values:
        name, equals, _ = pair.partition("=")
        if name not in known or not equals:
            print(f"inbox: --set {name}: expected FIELD=VALUE with one of {', '.join(known)}", file=sys.stderr)
            return 2
    values = dict(pair.partition("=")[::2] for pair in parsed.values)

    async def work(equipment: Equipment) -> int:
        try:
            channel_id = await connect_channel(equipment, Actor.system(), parsed.kind, parsed.name, values)
        except ValidationError as error:
            for mistake in error.errors(include_input=False, include_url=False):
                print(f"inbox: {'.'.join(map(str, mistake['loc']))}: {mistake['msg']}", file=sys.stderr)
            return 2
        row = await equipment.database.read(channel_by_id, Actor.system(), channel_id)
        print(f"{row.id}  {row.name}  {channel_url(settings.base_url, row)}")
        return 0

    return _run(settings, work)


def _list(settings: Settings, _parsed: argparse.Namespace) -> int:
    async def work(equipment: Equipment) -> int:
        for line in await equipment.database.read(channel_list, Actor.system()):
            row = line.channel
            print(f"{row.id}  {row.kind:10} {row.state:10} {row.name}  {channel_url(settings.base_url, row)}")
        return 0

    return _run(settings, work)


def _check(settings: Settings, parsed: argparse.Namespace) -> int:
    async def work(equipment: Equipment) -> int:
        row: ChannelRow = await equipment.database.read(channel_by_id, Actor.system(), parsed.id)
        health = await check_channel(equipment, Actor.system(), row)
        print(f"{row.name}: {health.state}{': ' + health.reason if health.reason else ''}")
        return int(health.state != "ok")

    return _run(settings, work)


def _remove(settings: Settings, parsed: argparse.Namespace) -> int:
    async def work(equipment: Equipment) -> int:
        await disconnect_channel(equipment, Actor.system(), parsed.id)
        print(f"channel {parsed.id} is disconnected; its dialogs stay")
        return 0

    return _run(settings, work)


def _replay(settings: Settings, parsed: argparse.Namespace) -> int:
    async def work(equipment: Equipment) -> int:
        good, bad = await replay_failed(equipment.database, equipment.vault, parsed.channel)
        print(f"{good} bodies read, {bad} still cannot be read")
        return int(bad > 0)

    return _run(settings, work)


def _run(settings: Settings, work: Work) -> int:
    async def run() -> int:
        await migrate_database(settings.database)
        async with _equipped(settings) as equipment:
            return await work(equipment)

    try:
        return asyncio.run(run())
    except DomainError as error:
        print(f"inbox: {error.key}", file=sys.stderr)
        return 1


@asynccontextmanager
async def _equipped(settings: Settings) -> AsyncIterator[Equipment]:
    """What the work on channels needs, for one command."""
    clock, bus = SystemClock(), Bus()
    equipment = Equipment(
        database=open_database(settings.database, clock, bus),
        bus=bus,
        clock=clock,
        net=GuardedNet(allow_private=settings.allow_private_network),
        vault=Vault.open(settings.secret_key, settings.data_dir),
        blobs=Blobs(settings.data_dir / "files"),
        settings=settings,
    )
    await equipment.net.open()
    try:
        yield equipment
    finally:
        await equipment.net.close()
        await equipment.database.close()
