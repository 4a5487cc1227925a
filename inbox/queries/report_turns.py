"""The dialogs behind a figure, and the proof that stored turns equal the timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from inbox.models import Agent, Channel, Company, Contact, Conversation, Event, LeadSource, Message, Turn, TurnSegment
from inbox.queries.report_counts import ReportFilter, turn_conditions
from inbox.rules import response_times
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.response_times import Entry, EntryKind
from inbox.runtime.database import Tx

PAGE = 100
# Conversations per query of the recount: a million must not take a million queries.
_CHECKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TurnLine:
    """One wait: of whom, since when, how long, how it ended, who is credited."""

    id: int
    conversation_id: int
    contact_name: str
    contact_id: int
    channel_name: str
    source_label: str | None
    agent_name: str | None
    number: int
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    clock_seconds: int | None
    business_seconds: int | None


_LINES = (
    select(
        Turn.id,
        Turn.conversation_id,
        Contact.name,
        Contact.id,
        Channel.name,
        LeadSource.label,
        Agent.name,
        Turn.number,
        Turn.opened_at,
        Turn.closed_at,
        Turn.outcome,
        Turn.clock_seconds,
        Turn.business_seconds,
    )
    .join(Conversation, Conversation.id == Turn.conversation_id)
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Channel, Channel.id == Turn.channel_id)
    .outerjoin(LeadSource, LeadSource.id == Turn.lead_source_id)
    .outerjoin(Agent, Agent.id == func.coalesce(Turn.answered_by_id, Turn.agent_id))
)


def report_turns(
    tx: Tx,
    actor: Actor,
    wanted: ReportFilter,
    *,
    least: int | None = None,
    most: int | None = None,
    outcome: str | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[TurnLine]:
    """Waits of a filter, newest first; `least` <= seconds < `most`, or only those of an outcome (never, waiting)."""
    require(actor, Permission.REPORT_READ)
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    seconds = Turn.business_seconds if wanted.hours == "business" else Turn.clock_seconds
    statement = _LINES.where(*turn_conditions(wanted, wanted.start, wanted.end, time_zone))
    # By the moment and not by the id alone: the index of the period then gives the newest at once.
    statement = statement.order_by(Turn.opened_at.desc(), Turn.id.desc()).limit(limit)
    if least is not None:
        statement = statement.where(Turn.outcome == "answered", seconds >= least)
    if most is not None:
        statement = statement.where(Turn.outcome == "answered", seconds < most)
    if outcome == "never":
        statement = statement.where(Turn.outcome == "unanswered")
    elif outcome == "waiting":
        statement = statement.where(Turn.closed_at.is_(None))
    if before is not None:
        moment = tx.execute(select(Turn.opened_at).where(Turn.id == before)).scalar_one_or_none()
        if moment is None:
            return []
        earlier = (Turn.opened_at < moment) | (Turn.id < before)
        statement = statement.where(Turn.opened_at <= moment, earlier)
    return [TurnLine(*row) for row in tx.execute(statement)]


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


def turn_differences(tx: Tx, progress: Callable[[int, int], None]) -> list[str]:
    """Recompute every conversation's turns; one sentence per difference to what is stored."""
    last = tx.execute(select(func.coalesce(func.max(Conversation.id), 0))).scalar_one()
    found = []
    for first in range(1, last + 1, _CHECKED_AT_ONCE):
        ids = range(first, min(first + _CHECKED_AT_ONCE, last + 1))
        entries, stored = _timelines(tx, ids), _stored_turns(tx, ids)
        for conversation_id in sorted(entries.keys() | stored.keys()):
            expected = [_told(turn) for turn in response_times.turns(entries[conversation_id])]
            if expected != stored[conversation_id]:
                words = f"the timeline says {expected}, stored is {stored[conversation_id]}"
                found.append(f"conversation {conversation_id}: {words}")
        progress(ids.stop - 1, last)
    return found


def _timelines(tx: Tx, ids: range) -> defaultdict[int, list[Entry]]:
    """The timelines of conversations as the rule reads them: the event log, with the messages' own times."""
    statement = (
        select(
            Event.conversation_id,
            Event.id,
            Event.at,
            Event.kind,
            Event.agent_id,
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
        entry = Entry(at, row.id, kind, row.agent_id, row.message_id if spoken else None, reason or None)
        found[row.conversation_id].append(entry)
    return found


def _stored_turns(tx: Tx, ids: range) -> defaultdict[int, list[tuple[object, ...]]]:
    """The stored turns of conversations in the form that they are compared in."""
    here = (Turn.conversation_id >= ids.start, Turn.conversation_id < ids.stop)
    part = TurnSegment
    held: defaultdict[int, list[tuple[object, ...]]] = defaultdict(list)
    segments = select(part.turn_id, part.agent_id, part.started_at, part.ended_at).join(Turn, Turn.id == part.turn_id)
    for row in tx.execute(segments.where(*here).order_by(part.id)):
        held[row.turn_id].append(tuple(row[1:]))
    columns = (
        Turn.conversation_id, Turn.id, Turn.number, Turn.first_message_id, Turn.last_message_id, Turn.opened_at,
        Turn.last_client_at, Turn.closed_at, Turn.outcome, Turn.answered_by_id, Turn.answer_message_id,
        Turn.dismiss_reason, Turn.clock_seconds,
    )  # fmt: skip
    found: defaultdict[int, list[tuple[object, ...]]] = defaultdict(list)
    for row in tx.execute(select(*columns).where(*here).order_by(Turn.conversation_id, Turn.number)):
        found[row.conversation_id].append((*row[2:], tuple(held[row.id])))
    return found


def _told(turn: response_times.Turn) -> tuple[object, ...]:
    outcome = turn.outcome.value if turn.outcome is not None else None
    segments = tuple((part.agent_id, part.started_at, part.ended_at) for part in turn.segments)
    seconds = response_times.clock_seconds(turn, turn.closed_at) if turn.closed_at is not None else None
    return (
        turn.number, turn.first_message_id, turn.last_message_id, turn.opened_at, turn.last_client_at, turn.closed_at,
        outcome, turn.answered_by, turn.answer_message_id, turn.reason, seconds, segments,
    )  # fmt: skip
