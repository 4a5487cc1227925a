"""One dialog of the demo from its first line to its end, as rows.

It is told step by step, as receive, assign, reply and resolve would write it, and a turn is kept beside as
rules/response_times.py defines it: `inbox doctor --turns` finds no difference. Moments are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from inbox.demo.calendar import WorkingTime
from inbox.demo.people import Client, Player
from inbox.demo.rows import Rows
from inbox.models import (
    Assignment,
    Conversation,
    ConversationMoment,
    ConversationTag,
    Delivery,
    Event,
    Message,
    Turn,
    TurnSegment,
)
from inbox.rules.wait_lengths import Lengths

_OPENED = '{"kind":"conversation.opened"}'


@dataclass(slots=True)
class _Wait:
    """The open turn."""

    id: int
    number: int
    opened_at: int
    holder: int | None
    first_message: int
    last_message: int
    last_at: int
    segments: list[tuple[int | None, int]] = field(default_factory=list)


class Dialog:
    """A conversation while it is told. Every method is one thing that happens, at a moment not before the last."""

    def __init__(self, rows: Rows, hours: Mapping[int, WorkingTime], client: Client, at: int) -> None:
        """The client is about to write; `source` and `touch_id` may be set before they do."""
        self._rows = rows
        self._hours = hours[client.stage.id]
        self.client = client
        self.id = rows.reserve(Conversation)
        self.opened_at = self.at = at
        self.status = "open"
        self.holder: Player | None = None
        self.source: int | None = None
        self.touch_id: int | None = None
        self._reopened_at: int | None = None
        self._resolved_at: int | None = None
        self._snoozed_until: int | None = None
        self._wait: _Wait | None = None
        self._turns = 0
        self._last = (0, at)
        # Kind, moment and holder of each time that it began, ended or went on.
        self._moments: list[tuple[str, int, int | None]] = [("new", at, None)]
        self._read_up_to: int | None = None
        self._activity("conversation.opened", None, _OPENED, None)

    @property
    def waiting(self) -> bool:
        """Whether the client waits for an answer."""
        return self._wait is not None

    def client_writes(self, at: int, text: str) -> None:
        """A message comes in: a turn opens, or its burst goes on."""
        self.at = at
        message = self._message("incoming", None, text, None, external=True)
        self._last = (message, at)
        holder = self.holder.id if self.holder else None
        self._event("message.received", "channel", None, message, holder, None)
        wait = self._wait
        if wait is None:
            self._turns += 1
            turn = self._rows.reserve(Turn)
            self._wait = _Wait(turn, self._turns, at, holder, message, message, at, [(holder, at)])
        else:
            wait.last_message, wait.last_at = message, at

    def assign(self, at: int, to: Player | None, by: Player | None, mode: str, reasons: str = "[]") -> None:
        """The dialog becomes somebody's, by the rule (`by` None) or by hand."""
        self.at = at
        previous = self.holder.id if self.holder else None
        target = to.id if to else None
        kind = "agent" if by else "system"
        actor = by.id if by else None
        key = self._rows.add(Assignment, self.id, target, previous, kind, actor, mode, reasons, at)
        if self._wait is not None and self._wait.holder != target:
            self._wait.segments.append((target, at))
            self._wait.holder = target
        self.holder = to
        if previous is None and to is not None:
            self._moments = [(what, when, held or to.id) for what, when, held in self._moments]
        words = {"name": to.name if to else None, "mode": mode, "assignment_id": key}
        name = "conversation.assigned" if to else "conversation.unassigned"
        self._activity(name, by, _dumps({"kind": name, **words}), _dumps(words), target)

    def agent_writes(self, at: int, by: Player, text: str, fate: str, error: str | None = None) -> None:
        """An answer goes out and ends the wait. `fate` is the state that its delivery came to."""
        if self.holder is None:
            self.assign(at, by, by, "by_hand")
        self.at = at
        message = self._message("outgoing", by, text, None)
        self._last = (message, at)
        arrived = at + 900 if fate in ("delivered", "read") else None
        sent = None if fate in ("failed", "unknown") else at + 300
        # Read after a moment; what follows in the dialog may be earlier only by seconds.
        read = at + 4000 if fate == "read" else None
        client = self.client
        self._rows.add(
            Delivery, message, client.stage.id, client.address_id, fate, 1, error, at, sent, arrived, read
        )  # fmt: skip
        if fate == "read":
            self._read_up_to = message
        self._close(at, "answered", by.id, message, None)
        if self.status == "snoozed":
            self._wake(by)
        self._event("message.replied", "agent", by, message, by.id, None)

    def note(self, at: int, by: Player, text: str) -> None:
        """A line that the client never sees."""
        self.at = at
        message = self._message("note", by, text, None)
        self._last = (message, at)
        self._event("message.noted", "agent", by, message, None, None, whole=False)

    def tag(self, by: Player, tag_id: int, name: str) -> None:
        """A tag is put on."""
        self._rows.put(ConversationTag, self.id, tag_id)
        words = {"tag": name}
        kind = "conversation.tagged"
        self._activity(kind, by, _dumps({"kind": kind, **words}), _dumps(words))

    def dismiss(self, at: int, by: Player, reason: str) -> None:
        """The client needs no answer."""
        self.at = at
        self._close(at, "dismissed", None, None, reason or None)
        words = {"reason": reason}
        kind = "conversation.dismissed"
        self._activity(kind, by, _dumps({"kind": kind, **words}), _dumps(words))

    def resolve(self, at: int, by: Player) -> None:
        """The episode ends; whoever still waits was never answered."""
        self.at = at
        self._close(at, "unanswered", None, None, None)
        self.status, self._resolved_at, self._snoozed_until = "resolved", at, None
        self._moments.append(("resolved", at, self.holder.id if self.holder else by.id))
        self._activity("conversation.resolved", by, '{"kind":"conversation.resolved"}', None)

    def reopen(self, at: int) -> None:
        """The client is about to write again to a resolved dialog."""
        self.at = at
        self.status, self._resolved_at, self._reopened_at = "open", None, at
        self._moments.append(("reopened", at, self.holder.id if self.holder else None))
        self._activity("conversation.reopened", None, '{"kind":"conversation.reopened"}', None)

    def snooze(self, at: int, by: Player, until: int) -> None:
        """The dialog is put aside."""
        self.at = at
        self.status, self._snoozed_until = "snoozed", until
        words = {"until": until}
        kind = "conversation.snoozed"
        self._activity(kind, by, _dumps({"kind": kind, **words}), _dumps(words))

    def end(self) -> None:
        """Write down how the conversation stands, and the turn that is still open."""
        wait = self._wait
        if wait is not None:
            self._put_turn(wait, None, None, None, None, None)
        message, at = self._last
        client = self.client
        self._rows.put(
            Conversation, self.id, client.stage.id, client.address_id, client.contact_id, self.status,
            self.holder.id if self.holder else None, self.opened_at, self._reopened_at, self._resolved_at,
            self._snoozed_until, wait.opened_at if wait else None, message, at, self._read_up_to, self._turns,
            self.source, self.touch_id,
        )  # fmt: skip

        for kind, moment, holder in self._moments:
            self._rows.add(ConversationMoment, self.id, kind, moment, client.stage.id, self.source, holder)

    def _wake(self, by: Player) -> None:
        self.status, self._snoozed_until = "open", None
        self._activity("conversation.unsnoozed", by, '{"kind":"conversation.unsnoozed"}', None)

    def _close(self, at: int, outcome: str, by: int | None, answer: int | None, reason: str | None) -> None:
        wait = self._wait
        if wait is not None:
            self._put_turn(wait, at, outcome, by, answer, reason)
            self._wait = None

    def _put_turn(
        self, wait: _Wait, at: int | None, outcome: str | None, by: int | None, answer: int | None, reason: str | None
    ) -> None:
        ends = [start for _, start in wait.segments[1:]]
        parts = [(*part, end) for part, end in zip(wait.segments, (*ends, at), strict=True)]
        hours_id = None if at is None else self._hours.hours_id
        self._rows.put(
            Turn, wait.id, self.id, wait.number, self.client.stage.id, self.source, wait.holder, wait.first_message,
            wait.last_message, wait.opened_at, wait.last_at, at, outcome, by, answer, reason, hours_id,
            *self._lengths(wait.opened_at, at, wait.last_at),
        )  # fmt: skip
        for holder, start, end in parts:
            self._rows.add(TurnSegment, wait.id, holder, start, end, *self._lengths(start, at and end, wait.last_at))

    def _lengths(self, start: int, end: int | None, last: int) -> tuple[int | None, ...]:
        """The columns of rules/wait_lengths.py. Nobody in the demo has a shift of their own."""
        if end is None:
            return (None,) * len(Lengths._fields)
        whole, cut = self._hours.seconds(start, end), max(0, self._hours.seconds(max(start, last), end))
        return ((end - start) // 1000, whole, whole, max(0, end - max(start, last)) // 1000, cut, cut)

    def _activity(
        self, kind: str, by: Player | None, activity: str, details: str | None, about: int | None = None
    ) -> None:
        message = self._message("activity", by, "", activity)
        actor = "agent" if by else "system" if kind == "conversation.assigned" else "channel"
        self._event(kind, actor, by, message, about, details)

    def _message(self, kind: str, by: Player | None, text: str, activity: str | None, *, external: bool = False) -> int:
        rows, at = self._rows, self.at
        key = rows.reserve(Message)
        # Fixed width keeps the unique indexes growing at their end, which is what makes them cheap.
        name = f"demo-{key:012}"
        rows.put(
            Message, key, self.id, self.client.stage.id, kind, by.id if by else None, False, text, activity, at, at,
            name if external else None, name,
        )  # fmt: skip
        if text:
            rows.texts.append((key, text))
        return key

    def _event(
        self, kind: str, actor: str, by: Player | None, message: int, about: int | None, details: str | None,
        *, whole: bool = True,
    ) -> None:  # fmt: skip
        client = self.client
        self._rows.add(
            Event, self.at, kind, actor, by.id if by else None, self.id, client.contact_id if whole else None, message,
            client.stage.id if whole else None, about, details,
        )  # fmt: skip


def _dumps(words: Mapping[str, Any]) -> str:
    return orjson.dumps(words).decode()
