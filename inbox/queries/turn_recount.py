"""The proof that stored turns equal the timeline, lengths and all; what differs can be built anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from inbox.models import Conversation, Event, Message, Turn
from inbox.queries.hours import stored_hours
from inbox.queries.stored_turns import StoredTurn, stored_turns
from inbox.rules import response_times
from inbox.rules.business_hours import Hours
from inbox.rules.events import EventKind
from inbox.rules.permissions import ActorKind
from inbox.rules.response_times import Entry, EntryKind
from inbox.rules.wait_lengths import Calendar, segment_lengths, started_by_us, turn_lengths
from inbox.runtime.database import Tx

# Conversations per query of the recount: a million must not take a million queries.
CHECKED_AT_ONCE = 500

Progress = Callable[[int, int], None]

_ENTRIES = {
    EventKind.MESSAGE_RECEIVED: EntryKind.CLIENT,
    EventKind.MESSAGE_REPLIED: EntryKind.PERSON,
    EventKind.MESSAGE_ECHOED: EntryKind.PERSON,
    EventKind.MESSAGE_AUTOMATIC: EntryKind.BOT,
    EventKind.MESSAGE_NOTED: EntryKind.NOTE,
    EventKind.CONVERSATION_ASSIGNED: EntryKind.ASSIGNED,
    EventKind.CONVERSATION_UNASSIGNED: EntryKind.UNASSIGNED,
    EventKind.CONVERSATION_RESOLVED: EntryKind.RESOLVED,
    EventKind.CONVERSATION_DISMISSED: EntryKind.DISMISSED,
    EventKind.CONVERSATION_REOPENED: EntryKind.REOPENED,
}

_SPOKEN = frozenset({EntryKind.CLIENT, EntryKind.PERSON, EntryKind.BOT, EntryKind.NOTE})


@dataclass(frozen=True, slots=True)
class Recount:
    """One conversation: what its timeline says, what is stored, and one sentence when they differ.

    `uncounted` is how many closed waits an older version left without their lengths.
    """

    conversation_id: int
    turns: tuple[response_times.Turn, ...]
    ours: bool
    stored: tuple[StoredTurn, ...]
    difference: str | None
    uncounted: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What the recount of everything found: sentences, and how many closed waits have no lengths yet."""

    differences: tuple[str, ...]
    uncounted: int


def recount_turns(tx: Tx, progress: Progress) -> Findings:
    """Recompute every conversation's turns; one sentence per difference to what is stored."""
    last = last_conversation(tx)
    found: list[str] = []
    uncounted = 0
    for first in range(1, last + 1, CHECKED_AT_ONCE):
        ids = range(first, min(first + CHECKED_AT_ONCE, last + 1))
        for one in recounts(tx, ids):
            uncounted += one.uncounted
            if one.difference is not None:
                found.append(one.difference)
        progress(ids.stop - 1, last)
    return Findings(tuple(found), uncounted)


def turn_differences(tx: Tx, progress: Progress) -> list[str]:
    """The sentences alone."""
    return list(recount_turns(tx, progress).differences)


def last_conversation(tx: Tx) -> int:
    """The highest id; 0 when there is none."""
    return int(tx.execute(select(func.coalesce(func.max(Conversation.id), 0))).scalar_one())


def recounts(tx: Tx, ids: range) -> list[Recount]:
    """The recount of every conversation of a range of ids that has a timeline or turns."""
    entries = _timelines(tx, ids)
    stored: defaultdict[int, list[StoredTurn]] = defaultdict(list)
    for turn in stored_turns(tx, Turn.conversation_id >= ids.start, Turn.conversation_id < ids.stop):
        stored[turn.conversation_id].append(turn)
    hours = stored_hours(tx, {key for turns in stored.values() for turn in turns for key in _schedules(turn)})
    return [_recount(key, entries[key], tuple(stored[key]), hours) for key in sorted(entries.keys() | stored.keys())]


def _recount(key: int, entries: list[Entry], stored: tuple[StoredTurn, ...], hours: Mapping[int, Hours]) -> Recount:
    turns, ours = response_times.turns(entries), started_by_us(entries)
    kept = {turn.turn.number: turn for turn in stored}
    expected = [_told(turn, ours, kept.get(turn.number), hours) for turn in turns]
    found = [_as_stored(turn) for turn in stored]
    words = None
    if expected != found:
        words = f"conversation {key}: the timeline says {expected}, stored is {found}"
    uncounted = sum(turn.turn.closed_at is not None and turn.lengths is None for turn in stored)
    return Recount(key, turns, ours, stored, words, uncounted)


def _schedules(turn: StoredTurn) -> set[int]:
    return {*turn.shift_ids.values(), *([] if turn.hours_id is None else [turn.hours_id])}


def _told(
    turn: response_times.Turn, ours: bool, kept: StoredTurn | None, hours: Mapping[int, Hours]
) -> tuple[object, ...]:
    """A turn as the timeline tells it, in the form of `_as_stored`; counted by the schedules of the stored one."""
    now = turn.closed_at
    counted = now is not None and kept is not None and kept.lengths is not None
    if not counted or kept is None or now is None:
        return (*_facts(turn), ours, None, tuple((part, None) for part in turn.segments))
    shifts = {agent: hours[key] for agent, key in kept.shift_ids.items()}
    calendar = Calendar(None if kept.hours_id is None else hours[kept.hours_id], shifts)
    parts = tuple((part, segment_lengths(turn, part, calendar, now)) for part in turn.segments)
    return (*_facts(turn), ours, turn_lengths(turn, calendar, now), parts)


def _as_stored(kept: StoredTurn) -> tuple[object, ...]:
    # What an older version has not counted is told apart from what is counted wrong.
    segments = tuple((part.segment, part.lengths if kept.lengths else None) for part in kept.segments)
    return (*_facts(kept.turn), kept.started_by_us, kept.lengths, segments)


def _facts(turn: response_times.Turn) -> tuple[object, ...]:
    return (
        turn.number, turn.first_message_id, turn.last_message_id, turn.opened_at, turn.last_client_at, turn.closed_at,
        turn.outcome and turn.outcome.value, turn.answered_by, turn.answer_message_id, turn.reason,
    )  # fmt: skip


def _timelines(tx: Tx, ids: range) -> defaultdict[int, list[Entry]]:
    """The timelines of conversations as the rule reads them: the event log, with the messages' own times."""
    statement = (
        select(
            Event.conversation_id,
            Event.id,
            Event.at,
            Event.kind,
            Event.agent_id,
            Event.actor_kind,
            Event.actor_id,
            Event.message_id,
            Message.at.label("message_at"),
            Message.activity,
        )
        .outerjoin(Message, Message.id == Event.message_id)
        .where(Event.conversation_id >= ids.start, Event.conversation_id < ids.stop)
        .where(Event.kind.in_([kind.value for kind in _ENTRIES]))
        .order_by(Event.conversation_id, Event.id)
    )
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for row in tx.execute(statement):
        kind = _ENTRIES[EventKind(row.kind)]
        spoken = kind in _SPOKEN
        reason = (row.activity or {}).get("reason") if kind is EntryKind.DISMISSED else None
        at = row.message_at if spoken and row.message_at is not None else row.at
        agent_id = row.agent_id
        if kind is EntryKind.REOPENED and row.actor_kind == ActorKind.AGENT:
            agent_id = row.actor_id
        entry = Entry(at, row.id, kind, agent_id, row.message_id if spoken else None, reason or None)
        found[row.conversation_id].append(entry)
    return found
