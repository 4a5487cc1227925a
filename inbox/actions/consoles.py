"""Setting up an agents' console: a group claims it by a one-time code, its check is kept, its dialogs are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from connectors.console import ConsoleStep
from connectors.console_events import ConsoleClaimed
from inbox.actions.events import new_id, record
from inbox.models import Channel, Console, ConsoleChannel, ConsoleThread, ConsoleToken
from inbox.queries.event_log import newest_event_id
from inbox.rules.errors import NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

CODE_LIFE = timedelta(days=1)


def begin_console(tx: Tx, actor: Actor, channel_id: int, token_hash: str) -> int:
    """Make ready for a group that will name the code; earlier codes of the channel stop working. Returns its id."""
    require(actor, Permission.CHANNEL_MANAGE)
    alive = select(Channel.id).where(Channel.id == channel_id, Channel.removed_at.is_(None))
    if tx.execute(alive).scalar_one_or_none() is None:
        raise NotFound
    tx.execute(delete(ConsoleToken).where(ConsoleToken.channel_id == channel_id, ConsoleToken.agent_id.is_(None)))
    tx.execute(
        insert(ConsoleToken),
        {"token_hash": token_hash, "channel_id": channel_id, "expires_at": tx.now + CODE_LIFE},
    )
    known = tx.execute(select(Console.id).where(Console.channel_id == channel_id)).scalar_one_or_none()
    if known is not None:
        return int(known)
    values = {
        "channel_id": channel_id,
        "title": "",
        "state": "waiting",
        "routed_all": True,
        "cursor": newest_event_id(tx),
        "created_at": tx.now,
    }
    console_id = new_id(tx.execute(insert(Console), values))
    record(tx, actor, EventKind.CONSOLE_CHANGED, channel_id=channel_id, details={"state": "waiting"})
    return console_id


def claim_console(tx: Tx, actor: Actor, channel_id: int, event: ConsoleClaimed, token_hash: str) -> int | None:
    """A group named the code: it is the console from now on. Returns its id; None for a code that does not fit.

    Dialogs show from this moment; another group than before starts with threads of its own.
    """
    code = delete(ConsoleToken).where(
        ConsoleToken.token_hash == token_hash,
        ConsoleToken.channel_id == channel_id,
        ConsoleToken.agent_id.is_(None),
        ConsoleToken.expires_at > tx.now,
    )
    if not tx.execute(code).rowcount:
        return None
    console = tx.execute(select(Console.id, Console.space).where(Console.channel_id == channel_id)).one()
    title = clean_name(event.title)
    if console.space != event.space:
        _forget_threads(tx, console.id)
        values = {"space": event.space, "cursor": newest_event_id(tx)}
        tx.execute(update(Console).where(Console.id == console.id).values(values))
    unchecked = {"title": title, "state": "ok", "reason": None, "checked_at": None}
    tx.execute(update(Console).where(Console.id == console.id).values(unchecked))
    record(tx, actor, EventKind.CONSOLE_CHANGED, channel_id=channel_id, details={"state": "ok", "title": title})
    return int(console.id)


def move_console(tx: Tx, actor: Actor, channel_id: int, space: str, to: str) -> None:
    """The platform gave the group another name; its threads stay."""
    here = update(Console).where(Console.channel_id == channel_id, Console.space == space)
    tx.execute(here.values(space=to, checked_at=None))


def keep_steps(tx: Tx, actor: Actor, console_id: int, steps: Sequence[ConsoleStep]) -> None:
    """Note what a check of the group told: what is missing first is the reason shown."""
    missing = next((step for step in steps if not step.done), None)
    kept = {
        "steps": [[step.title, step.done, step.fix] for step in steps],
        "checked_at": tx.now,
    }
    tx.execute(update(Console).where(Console.id == console_id).values(kept))
    set_console_state(tx, actor, console_id, "ok" if missing is None else "degraded", missing.fix if missing else None)


def set_console_state(tx: Tx, actor: Actor, console_id: int, state: str, reason: str | None) -> None:
    """Note that a console works (ok) or does not (degraded); a fact if new."""
    changed = update(Console).where(
        Console.id == console_id, (Console.state != state) | Console.reason.is_distinct_from(reason)
    )
    if tx.execute(changed.values(state=state, reason=reason)).rowcount:
        channel_id = tx.execute(select(Console.channel_id).where(Console.id == console_id)).scalar_one()
        record(tx, actor, EventKind.CONSOLE_CHANGED, channel_id=channel_id, details={"state": state})


def route_console(tx: Tx, actor: Actor, channel_id: int, shown: Sequence[int] | None) -> None:
    """Choose whose dialogs are shown: those of these channels, or (None) of every channel."""
    require(actor, Permission.CHANNEL_MANAGE)
    console_id = _console_of(tx, channel_id)
    tx.execute(update(Console).where(Console.id == console_id).values(routed_all=shown is None))
    tx.execute(delete(ConsoleChannel).where(ConsoleChannel.console_id == console_id))
    alive = set(tx.execute(select(Channel.id).where(Channel.removed_at.is_(None))).scalars())
    for chosen in sorted(alive.intersection(shown or ())):
        tx.execute(insert(ConsoleChannel), {"console_id": console_id, "channel_id": chosen})
    record(tx, actor, EventKind.CONSOLE_CHANGED, channel_id=channel_id, details={"all": shown is None})


def check_console_again(tx: Tx, actor: Actor, channel_id: int) -> None:
    """Have the group checked at the worker's next look."""
    require(actor, Permission.CHANNEL_MANAGE)
    tx.execute(update(Console).where(Console.id == _console_of(tx, channel_id)).values(checked_at=None))


def remove_console(tx: Tx, actor: Actor, channel_id: int) -> None:
    """Stop showing dialogs in the group. What stands there stays; nothing written there goes to clients any more."""
    require(actor, Permission.CHANNEL_MANAGE)
    tx.execute(delete(Console).where(Console.id == _console_of(tx, channel_id)))
    tx.execute(delete(ConsoleToken).where(ConsoleToken.channel_id == channel_id, ConsoleToken.agent_id.is_(None)))
    record(tx, actor, EventKind.CONSOLE_REMOVED, channel_id=channel_id)


def _console_of(tx: Tx, channel_id: int) -> int:
    found = tx.execute(select(Console.id).where(Console.channel_id == channel_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return int(found)


def _forget_threads(tx: Tx, console_id: int) -> None:
    tx.execute(delete(ConsoleThread).where(ConsoleThread.console_id == console_id))
