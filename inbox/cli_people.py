"""`inbox agent add|list|link`: staff for scripts, and the way back in when every administrator lost the password."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
from functools import partial

from inbox.actions.agents import invite_agent, make_link
from inbox.migrations.run import migrate_database
from inbox.queries.agents import agent_list
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor, Role
from inbox.runtime.bus import Bus
from inbox.runtime.clock import SystemClock
from inbox.runtime.connect import open_database
from inbox.runtime.secrets import hash_token
from inbox.settings import Settings


def add_agent_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put the commands into the parser."""
    agent = commands.add_parser("agent", help="invite people, list them, make a new password link")
    verbs = agent.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="invite somebody; prints the link")
    add.add_argument("--name", required=True)
    add.add_argument("--email", required=True)
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.AGENT.value)
    add.set_defaults(command=_add)
    verbs.add_parser("list", help="everybody").set_defaults(command=_list)
    link = verbs.add_parser("link", help="a link to set a new password")
    link.add_argument("id", type=int)
    link.set_defaults(command=_link)


def _add(settings: Settings, parsed: argparse.Namespace) -> int:
    token = secrets.token_urlsafe(24)
    invite = partial(invite_agent, token_hash=hash_token(token))
    return _write(settings, token, invite, parsed.name, parsed.email, parsed.role)


def _link(settings: Settings, parsed: argparse.Namespace) -> int:
    token = secrets.token_urlsafe(24)
    return _write(settings, token, make_link, parsed.id, hash_token(token))


def _write(settings: Settings, token: str, action: object, *arguments: object) -> int:
    async def run() -> None:
        await migrate_database(settings.database)
        database = open_database(settings.database, SystemClock(), Bus())
        try:
            await database.write(action, Actor.system(), *arguments)  # type: ignore[arg-type]
        finally:
            await database.close()

    try:
        asyncio.run(run())
    except DomainError as error:
        print(f"inbox: {error.key}", file=sys.stderr)
        return 1
    print(f"{settings.base_url}/links/{token}")
    return 0


def _list(settings: Settings, _parsed: argparse.Namespace) -> int:
    async def run() -> int:
        await migrate_database(settings.database)
        database = open_database(settings.database, SystemClock(), Bus())
        try:
            for line in await database.read(agent_list, Actor.system()):
                print(
                    f"{line.id}  {line.role:8} {line.name} <{line.email}>{'  deactivated' if line.deactivated else ''}"
                )
        finally:
            await database.close()
        return 0

    return asyncio.run(run())
