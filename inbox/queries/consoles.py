"""Agents' consoles as actions, the worker and the settings see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from inbox.models import Agent, AgentAccount, Channel, Console, ConsoleChannel, ConsolePost, ConsoleThread
from inbox.rules.permissions import Actor, Permission, Role, require
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class LinkedAgent:
    """An agent behind a messenger's account."""

    actor: Actor
    name: str
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class KnownThread:
    """A thread of a console, by the platform's name for it."""

    id: int
    console_id: int
    conversation_id: int


@dataclass(frozen=True, slots=True)
class WorkingConsole:
    """A console that has a group, with its channel as the worker needs it; `config` is still locked."""

    id: int
    channel_id: int
    channel_kind: str
    config: dict[str, Any]
    space: str
    state: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """What the settings show of a console. `shown` are the channels whose dialogs it shows (None: all)."""

    title: str
    connected: bool
    state: str
    reason: str | None
    steps: tuple[tuple[str, bool, str], ...]
    checked_at: datetime | None
    shown: frozenset[int] | None
    channels: Mapping[int, str]
    linked: tuple[str, ...]


def linked_agent(tx: Tx, channel_id: int, person: str) -> LinkedAgent | None:
    """The working agent whose account this is; None when nobody has linked it."""
    row = tx.execute(
        select(Agent.id, Agent.role, Agent.name, Agent.language, Agent.time_zone)
        .join(AgentAccount, AgentAccount.agent_id == Agent.id)
        .where(AgentAccount.channel_id == channel_id, AgentAccount.person == person, Agent.deactivated_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    return LinkedAgent(Actor.agent(row.id, Role(row.role)), row.name, row.language, row.time_zone)


def known_thread(tx: Tx, channel_id: int, space: str, thread: str) -> KnownThread | None:
    """The thread of ours that a platform calls so; None for any other place."""
    row = tx.execute(
        select(ConsoleThread.id, ConsoleThread.console_id, ConsoleThread.conversation_id)
        .join(Console, Console.id == ConsoleThread.console_id)
        .where(Console.channel_id == channel_id, Console.space == space, ConsoleThread.thread == thread)
    ).one_or_none()
    return None if row is None else KnownThread(*row)


def posted_message(tx: Tx, thread_id: int, external_id: str) -> int | None:
    """The message that a post of the thread shows; of several in one post the newest."""
    return tx.execute(
        select(ConsolePost.message_id)
        .where(
            ConsolePost.console_thread_id == thread_id,
            ConsolePost.external_id == external_id,
            ConsolePost.message_id.is_not(None),
        )
        .order_by(ConsolePost.message_id.desc())
        .limit(1)
    ).scalar_one_or_none()


def working_consoles(tx: Tx) -> list[WorkingConsole]:
    """Every console with a group whose channel works."""
    rows = tx.execute(
        select(
            Console.id,
            Console.channel_id,
            Channel.kind,
            Channel.config,
            Console.space,
            Console.state,
            Console.checked_at,
        )
        .join(Channel, Channel.id == Console.channel_id)
        .where(Console.space.is_not(None), Channel.removed_at.is_(None), Channel.state != "reconnect")
        .order_by(Console.id)
    )
    return [WorkingConsole(*row) for row in rows]


def console_page(tx: Tx, actor: Actor, channel_id: int) -> ConsolePage | None:
    """The console of a channel for its settings; None when none was begun."""
    require(actor, Permission.CHANNEL_READ)
    row = tx.execute(select(Console.__table__).where(Console.channel_id == channel_id)).one_or_none()
    if row is None:
        return None
    shown = frozenset(
        tx.execute(select(ConsoleChannel.channel_id).where(ConsoleChannel.console_id == row.id)).scalars()
    )
    alive = select(Channel.id, Channel.name).where(Channel.removed_at.is_(None)).order_by(Channel.name)
    linked = (
        select(Agent.name)
        .join(AgentAccount, AgentAccount.agent_id == Agent.id)
        .where(AgentAccount.channel_id == channel_id, Agent.deactivated_at.is_(None))
        .order_by(Agent.name)
    )
    return ConsolePage(
        title=row.title,
        connected=row.space is not None,
        state=row.state,
        reason=row.reason,
        steps=tuple((str(title), bool(done), str(fix)) for title, done, fix in row.steps or ()),
        checked_at=row.checked_at,
        shown=None if row.routed_all else shown,
        channels={channel.id: channel.name for channel in tx.execute(alive)},
        linked=tuple(tx.execute(linked).scalars()),
    )
