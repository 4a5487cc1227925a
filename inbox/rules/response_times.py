"""The clock: when a client waits, for whom, and how the wait ended. Everything from one timeline of one conversation.

Definitions, which every number in the product follows:

- A turn opens with the client's first message while nobody owes them an answer, and is one wait however many
  messages the client writes. It closes with the next outgoing message by a person (answered), with "no answer
  needed" (dismissed), with a resolve (unanswered), or when a merge moves it (merged). Bots, notes, assignment and
  snoozing never close it.
- A colleague who opens a dialog again that was resolved while its client waited takes that ending back: the client is
  still owed the answer, and the wait goes on as if it had never ended. A client who writes again begins a new one.
- Entries are taken in the order in which we learnt of them (`id`), because an answer cannot answer what had not yet
  arrived; lengths are measured by `at`. A message of the burst that arrives late moves the start of the wait back.
- A first response is the first turn of a conversation, a next response any later one, also after a reopening.
- Clock seconds run from the opening to the close, or to now. Business seconds count only working time. An agent's
  seconds count only the stretches (segments) during which the dialog was theirs. All are whole seconds, rounded down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from inbox.rules.business_hours import Hours, time_between

_SECOND = timedelta(seconds=1)
_NOTHING = timedelta()


class EntryKind(StrEnum):
    """What a timeline can say. PERSON is an answer by a person, also one typed in the platform's own app."""

    CLIENT = "client"
    PERSON = "person"
    BOT = "bot"
    NOTE = "note"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    MERGED = "merged"


class Outcome(StrEnum):
    """How a turn ended."""

    ANSWERED = "answered"
    DISMISSED = "dismissed"
    UNANSWERED = "unanswered"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline. `id` is its place in the log.

    `agent_id` is who answered, to whom it was assigned, or who opened the dialog again (None: its client did).
    """

    at: datetime
    id: int
    kind: EntryKind
    agent_id: int | None = None
    message_id: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a turn during which one agent (None: nobody) held the dialog."""

    agent_id: int | None
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One wait of a client. First and last message are those of the client's burst, by time."""

    number: int
    first_message_id: int | None
    last_message_id: int | None
    opened_at: datetime
    last_client_at: datetime
    segments: tuple[Segment, ...]
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    answered_by: int | None = None
    answer_message_id: int | None = None
    reason: str | None = None

    @property
    def holder_at_open(self) -> int | None:
        """Who held the dialog when the wait began."""
        return self.segments[0].agent_id

    @property
    def holder(self) -> int | None:
        """Who holds it now, or held it at the close."""
        return self.segments[-1].agent_id


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be known between two entries: how many turns there were, who holds the dialog, the open turn.

    `given_up` is the turn that a resolve has ended unanswered, as long as nobody has spoken since.
    """

    number: int = 0
    holder: int | None = None
    open: Turn | None = None
    given_up: Turn | None = None


START = Standing()

_CLOSING = {
    EntryKind.PERSON: Outcome.ANSWERED,
    EntryKind.DISMISSED: Outcome.DISMISSED,
    EntryKind.RESOLVED: Outcome.UNANSWERED,
    EntryKind.MERGED: Outcome.MERGED,
}


def advance(standing: Standing, entry: Entry) -> tuple[Standing, Turn | None]:
    """One step of the rule: the new standing, and the turn that this entry closed. A turn may be open again later.

    The write path takes one step at a time, `turns` all of them, so both say the same.
    """
    turn = standing.open
    if entry.kind is EntryKind.CLIENT:
        if turn is not None:
            return replace(standing, open=_extend(turn, entry)), None
        opened = _open(standing, entry)
        return replace(standing, number=opened.number, open=opened, given_up=None), None
    if entry.kind in (EntryKind.ASSIGNED, EntryKind.UNASSIGNED):
        holder = entry.agent_id if entry.kind is EntryKind.ASSIGNED else None
        return replace(standing, holder=holder, open=_hand_over(turn, holder, entry.at)), None
    if entry.kind is EntryKind.REOPENED and entry.agent_id is not None and standing.given_up is not None:
        return replace(standing, open=_take_back(standing.given_up, standing.holder, entry.at), given_up=None), None
    if turn is not None and entry.kind in _CLOSING:
        closed = _close(turn, entry)
        given_up = closed if closed.outcome is Outcome.UNANSWERED else None
        return replace(standing, open=None, given_up=given_up), closed
    if entry.kind is EntryKind.PERSON:
        return replace(standing, given_up=None), None
    return standing, None


def turns(entries: Iterable[Entry]) -> tuple[Turn, ...]:
    """All turns of a conversation in order; only the last one can be open."""
    standing, closed = START, []
    for entry in in_order(entries):
        standing, ended = advance(standing, entry)
        if ended is not None:
            closed.append(ended)
        elif closed and standing.open is not None and standing.open.number == closed[-1].number:
            closed.pop()
    return (*closed, standing.open) if standing.open is not None else tuple(closed)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in the order in which we learnt of them; those of one id by time."""
    return sorted(entries, key=lambda entry: (entry.id, entry.at))


def first_response(of: Iterable[Turn]) -> Turn | None:
    """The turn that the first response time is taken from."""
    return next((turn for turn in of if turn.number == 1), None)


def next_responses(of: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns that next response times are taken from."""
    return tuple(turn for turn in of if turn.number > 1)


def clock_seconds(turn: Turn, now: datetime) -> int:
    """How long the client waited, or has waited by now."""
    return _whole((turn.closed_at or now) - turn.opened_at)


def business_seconds(turn: Turn, hours: Hours | None, now: datetime) -> int:
    """How much working time that was. Without hours we are always open, and it is the same as the clock."""
    return _whole(_worked(hours, turn.opened_at, turn.closed_at or now))


def agent_seconds(turn: Turn, agent_id: int | None, now: datetime, hours: Hours | None = None) -> int:
    """How long the wait was this agent's (None: nobody's), with hours only their working time."""
    held = (item for item in turn.segments if item.agent_id == agent_id)
    return _whole(sum((_worked(hours, item.started_at, item.ended_at or now) for item in held), _NOTHING))


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of work, from the first entry or a reopening to the resolve that ended it."""

    started_at: datetime
    resolved_at: datetime | None = None


def episodes(entries: Iterable[Entry]) -> tuple[Episode, ...]:
    """The stretches during which the conversation was not resolved. A client's message also ends a resolve."""
    found: list[Episode] = []
    for entry in in_order(entries):
        running = bool(found) and found[-1].resolved_at is None
        if entry.kind is EntryKind.RESOLVED and running:
            found[-1] = replace(found[-1], resolved_at=max(entry.at, found[-1].started_at))
        elif not running and (not found or entry.kind in (EntryKind.REOPENED, EntryKind.CLIENT)):
            found.append(Episode(entry.at))
    return tuple(found)


def resolution_seconds(entries: Iterable[Entry], hours: Hours | None = None) -> int | None:
    """How long the work took in all: every episode, without the time in which it lay resolved. None while open."""
    return _resolution(episodes(entries), hours)


def first_resolution_seconds(entries: Iterable[Entry], hours: Hours | None = None) -> int | None:
    """How long it took to the first resolve, whatever came later. None when there was none yet."""
    return _resolution(episodes(entries)[:1], hours)


def _resolution(of: tuple[Episode, ...], hours: Hours | None) -> int | None:
    total = _NOTHING
    for episode in of:
        if episode.resolved_at is None:
            return None
        total += _worked(hours, episode.started_at, episode.resolved_at)
    return _whole(total) if of else None


def _open(standing: Standing, entry: Entry) -> Turn:
    return Turn(
        number=standing.number + 1,
        first_message_id=entry.message_id,
        last_message_id=entry.message_id,
        opened_at=entry.at,
        last_client_at=entry.at,
        segments=(Segment(standing.holder, entry.at),),
    )


def _extend(turn: Turn, entry: Entry) -> Turn:
    if entry.at < turn.opened_at:
        first = replace(turn.segments[0], started_at=entry.at)
        segments = (first, *turn.segments[1:])
        return replace(turn, first_message_id=entry.message_id, opened_at=entry.at, segments=segments)
    if entry.at >= turn.last_client_at:
        return replace(turn, last_message_id=entry.message_id, last_client_at=entry.at)
    return turn


def _hand_over(turn: Turn | None, holder: int | None, at: datetime) -> Turn | None:
    if turn is None or turn.holder == holder:
        return turn
    moment = max(at, turn.segments[-1].started_at)
    return replace(turn, segments=(*_ended(turn, moment), Segment(holder, moment)))


def _take_back(turn: Turn, holder: int | None, at: datetime) -> Turn | None:
    segments = (*turn.segments[:-1], replace(turn.segments[-1], ended_at=None))
    return _hand_over(replace(turn, segments=segments, closed_at=None, outcome=None), holder, at)


def _close(turn: Turn, entry: Entry) -> Turn:
    # A clock that steps back must not make a wait shorter than nothing.
    moment = max(entry.at, turn.segments[-1].started_at)
    answered = entry.kind is EntryKind.PERSON
    return replace(
        turn,
        segments=_ended(turn, moment),
        closed_at=moment,
        outcome=_CLOSING[entry.kind],
        answered_by=entry.agent_id if answered else None,
        answer_message_id=entry.message_id if answered else None,
        reason=entry.reason if entry.kind is EntryKind.DISMISSED else None,
    )


def _ended(turn: Turn, moment: datetime) -> tuple[Segment, ...]:
    return (*turn.segments[:-1], replace(turn.segments[-1], ended_at=moment))


def _worked(hours: Hours | None, start: datetime, end: datetime) -> timedelta:
    return max(_NOTHING, end - start) if hours is None else time_between(hours, start, end)


def _whole(length: timedelta) -> int:
    return max(0, length // _SECOND)
