"""From the fact log to the visitors' browsers: nobody polls, one read serves every dialog that changed.

Sockets of one visitor form a group. A fact about the group's dialog marks it; the loop reads what is new for all
marked groups in one hop and sends each group one serialised text.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol

import orjson

from inbox.queries.event_log import Fact
from inbox.rules.events import EventKind
from inbox.runtime.database import Closed, Database, Tx
from widget.history import Known, changed, dialogs_of
from widget.protocol import ShownMessage, State, Told
from widget.standing import Desk, desk, staff, state_of
from widget.visitors import stay

log = logging.getLogger(__name__)

# Seconds between looks at the clock: working hours begin, agents leave, visitors stay.
TICK_SECONDS = 30.0
_CHANGES_MESSAGE = frozenset({
    EventKind.MESSAGE_EDITED, EventKind.MESSAGE_DELETED, EventKind.ATTACHMENT_READY, EventKind.ATTACHMENT_FAILED,
})  # fmt: skip
_MOVES_DESK = frozenset({EventKind.AGENT_PRESENCE, EventKind.AGENT_CHANGED, EventKind.HOURS_CHANGED})


class Connection(Protocol):
    """One open line to a browser: a socket or a waiting poll."""

    def tell(self, text: str) -> None:
        """Queue a frame; never blocks."""
        ...

    def stop(self) -> None:
        """End it after what is queued."""
        ...


@dataclass(eq=False, slots=True)
class Group:
    """All open lines of one visitor. `cursor`: the newest message they were given."""

    channel_id: int
    address: str
    known: Known | None = None
    cursor: int = 0
    state: State = field(default_factory=State)
    lines: set[Connection] = field(default_factory=set)
    # Empty for nearly all of a thousand idle chats, and an empty set is five times as large as no set.
    touched: frozenset[int] = frozenset()
    dialogs: frozenset[int] = frozenset()

    def tell(self, told: Told) -> None:
        """Send one frame to every line."""
        text = told.dump()
        for line in tuple(self.lines):
            line.tell(text)


class Push:
    """The open chats of this process."""

    def __init__(self, database: Database) -> None:
        """Nothing is open; `run` does the sending."""
        self._database = database
        self._groups: dict[tuple[int, str], Group] = {}
        self._by_dialog: dict[int, Group] = {}
        self._by_contact: dict[int, set[Group]] = defaultdict(set)
        self._marked: set[Group] = set()
        self._desks: dict[int, Desk] = {}
        self._desks_stale = False
        self._wake = asyncio.Event()

    @property
    def open_lines(self) -> int:
        """How many sockets and polls are open; a metric."""
        return sum(len(group.lines) for group in self._groups.values())

    def join(self, channel_id: int, address: str, line: Connection) -> Group:
        """Add a line to its visitor's group."""
        group = self._groups.setdefault((channel_id, address), Group(channel_id, address))
        group.lines.add(line)
        return group

    def know(self, group: Group, known: Known, conversation_id: int | None) -> None:
        """The visitor is in the database: facts about them now reach the group."""
        group.known = known
        self._by_contact[known.contact_id].add(group)
        if conversation_id is not None:
            group.dialogs |= {conversation_id}
            self._by_dialog[conversation_id] = group

    def leave(self, group: Group, line: Connection) -> bool:
        """Take a line away; True when it was the visitor's last one."""
        group.lines.discard(line)
        if group.lines:
            return False
        if self._groups.get((group.channel_id, group.address)) is group:
            del self._groups[group.channel_id, group.address]
        for dialog in group.dialogs:
            if self._by_dialog.get(dialog) is group:
                del self._by_dialog[dialog]
        if group.known is not None:
            self._by_contact[group.known.contact_id].discard(group)
            if not self._by_contact[group.known.contact_id]:
                del self._by_contact[group.known.contact_id]
        self._marked.discard(group)
        return True

    def mark(self, group: Group, message_id: int | None = None) -> None:
        """Something of this group is new."""
        if message_id is not None:
            group.touched |= {message_id}
        self._marked.add(group)
        self._wake.set()

    def follow(self, facts: Sequence[Fact]) -> None:
        """Facts from the log, in order; called by the hub after each commit."""
        for fact in facts:
            if fact.kind in _MOVES_DESK:
                self._desks_stale = True
                self._wake.set()
            if fact.kind is EventKind.CHANNEL_REMOVED:
                self._shut(fact.channel_id)
            group = self._by_dialog.get(fact.conversation_id or 0)
            groups: Iterable[Group] = (group,) if group else tuple(self._by_contact.get(fact.contact_id or 0, ()))
            for found in groups:
                self.mark(found, fact.message_id if fact.kind in _CHANGES_MESSAGE else None)

    def agent_typing(self, conversation_id: int, name: str | None) -> None:
        """An agent types in this dialog (None: stopped)."""
        group = self._by_dialog.get(conversation_id)
        if group is not None:
            group.tell(Told("typing", {"name": name, "on": name is not None}))

    def close(self) -> None:
        """End every line (graceful stop); browsers come back by themselves."""
        for group in tuple(self._groups.values()):
            for line in tuple(group.lines):
                line.stop()

    async def run(self) -> None:
        """Send until cancelled."""
        loop = asyncio.get_running_loop()
        next_tick = loop.time() + TICK_SECONDS
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(next_tick):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._send_marked()
                if self._desks_stale or loop.time() >= next_tick:
                    await self._look_around(stays=loop.time() >= next_tick)
            except Closed:
                return
            except Exception:
                # One bad dialog must not silence all chats; their pages ask again when they reconnect.
                log.exception("site chat failed to push")
            if loop.time() >= next_tick:
                next_tick = loop.time() + TICK_SECONDS

    async def _send_marked(self) -> None:
        groups = [group for group in self._marked if group.known is not None]
        self._marked.clear()
        if not groups:
            return
        wanted = [
            (group.channel_id, group.known, group.cursor, tuple(group.touched)) for group in groups if group.known
        ]
        for group in groups:
            group.touched = frozenset()
        for group, (messages, state) in zip(groups, await self._database.read(_news, wanted), strict=True):
            for message in messages:
                group.tell(Told("message", {"message": message}))
                group.cursor = max(group.cursor, message.id)
            if state != group.state:
                group.state = state
                group.tell(Told("state", {"state": state, "rev": revision(state)}))

    async def _look_around(self, *, stays: bool) -> None:
        self._desks_stale = False
        channels = {group.channel_id for group in self._groups.values()}
        desks = await self._database.read(_desks, channels)
        for group in self._groups.values():
            here = desks.get(group.channel_id)
            if here is not None and here != self._desks.get(group.channel_id):
                group.tell(Told("state", {"state": asdict(here)}))
                group.state = replace(group.state, **asdict(here))
                if group.known is not None:
                    self.mark(group)
        self._desks = desks
        present = [group.known.address_id for group in self._groups.values() if group.known is not None]
        if stays and present:
            await self._database.write(stay, present)

    def _shut(self, channel_id: int | None) -> None:
        for group in tuple(self._groups.values()):
            if group.channel_id == channel_id:
                group.tell(Told("error", {"code": "channel", "text": ""}))
                for line in tuple(group.lines):
                    line.stop()


def revision(state: State, changed: Sequence[ShownMessage] = ()) -> str:
    """A short name of a state and of changed messages; a poll that knows it need not be answered at once."""
    return format(zlib.crc32(orjson.dumps((state, tuple(changed)))), "x")


def _news(
    tx: Tx, wanted: Sequence[tuple[int, Known, int, tuple[int, ...]]]
) -> list[tuple[tuple[ShownMessage, ...], State]]:
    behind = {channel_id: staff(tx, channel_id) for channel_id in {channel_id for channel_id, *_ in wanted}}
    found = []
    for channel_id, known, cursor, touched in wanted:
        dialogs = dialogs_of(tx, known.address_id)
        found.append((changed(tx, dialogs, cursor, touched), state_of(tx, dialogs, behind[channel_id])))
    return found


def _desks(tx: Tx, channels: Iterable[int]) -> dict[int, Desk]:
    return {channel_id: desk(tx, channel_id) for channel_id in channels}
