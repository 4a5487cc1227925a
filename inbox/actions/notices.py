"""Telling agents in their messenger what they would miss: rows first, each occasion once, silent when it is quiet."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from connectors.contract import SendError, Throttled
from inbox.actions.events import record
from inbox.models import Agent, AgentAccount, Assignment, Channel, Conversation, Notice, NoticeChoice, Turn
from inbox.queries.candidates import is_present
from inbox.queries.notice_choices import Choices, notice_choices
from inbox.rules.errors import Invalid
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, Role, require
from inbox.rules.quiet_hours import digest_day, is_quiet
from inbox.rules.retry import next_attempt
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.insert_once import insert_once
from inbox.runtime.languages import zone

WAIT = timedelta(minutes=5)
# Waits that began earlier were told when they were new, or before this was switched on.
OLDEST = timedelta(hours=1)
LEASE = timedelta(minutes=2)
CLAIM_LIMIT = 20


@dataclass(frozen=True, slots=True)
class _Reached:
    """An agent who can be told something in a messenger."""

    agent_id: int
    role: str
    time_zone: str
    present: bool
    available: bool
    choices: Choices


@dataclass(frozen=True, slots=True)
class OwedNotice:
    """A notice that this worker may send until its lease ends; `config` is still locked."""

    id: int
    kind: str
    agent_id: int
    role: str
    language: str
    time_zone: str
    conversation_id: int | None
    words: Mapping[str, Any] | None
    attempts: int
    channel_id: int
    channel_kind: str
    config: dict[str, Any]
    person: str


def choose_notices(tx: Tx, actor: Actor, choices: Choices) -> None:
    """Keep what the actor wants to be told, and when not; raises Invalid when only one end of the night is given."""
    require(actor, Permission.SELF_EDIT)
    if (choices.quiet_from is None) != (choices.quiet_to is None):
        raise Invalid({"quiet_from": N_("Write both ends of the quiet hours, or none.")})
    values = {name: getattr(choices, name) for name in Choices.__dataclass_fields__}
    known = update(NoticeChoice).where(NoticeChoice.agent_id == actor.agent_id)
    if not tx.execute(known.values(values)).rowcount:
        tx.execute(insert(NoticeChoice), {"agent_id": actor.agent_id, **values})
    record(tx, actor, EventKind.AGENT_CHANGED, agent_id=actor.agent_id, details={"changed": ["notices"]})


def owe_words(tx: Tx, actor: Actor, key: str, params: Mapping[str, Any], translated: Sequence[str]) -> None:
    """Owe the actor a sentence in the private talk."""
    words = {"key": key, "params": dict(params), "translated": list(translated)}
    _owe(tx, actor.agent_id or 0, f"words:{secrets.token_hex(8)}", "words", words=words)


def owe_notices(tx: Tx, actor: Actor) -> int:
    """Find every occasion of this moment: dialogs just given, clients waiting, the morning; returns how many are new.

    Who is at the screen or at work in a console is told nothing of dialogs: they see it.
    """
    reached = _reached(tx)
    if not reached:
        return 0
    away = [who for who in reached if not who.present]
    count = sum(_owe_new(tx, who) + _owe_waiting(tx, who) for who in away)
    return count + sum(_owe_digest(tx, who) for who in reached)


def claim_notices(tx: Tx, actor: Actor) -> list[OwedNotice]:
    """Claim what is due; a notice that an agent has no account for any more is dropped."""
    due = (
        select(
            Notice.id,
            Notice.kind,
            Notice.agent_id,
            Agent.role,
            Agent.language,
            Agent.time_zone,
            Notice.conversation_id,
            Notice.words,
            Notice.attempts,
            AgentAccount.channel_id,
            Channel.kind.label("channel_kind"),
            Channel.config,
            AgentAccount.person,
        )
        .join(Agent, Agent.id == Notice.agent_id)
        .outerjoin(AgentAccount, AgentAccount.agent_id == Agent.id)
        .outerjoin(Channel, (Channel.id == AgentAccount.channel_id) & Channel.removed_at.is_(None))
        .where(Notice.state.in_(("queued", "sending")), Notice.due_at <= tx.now)
        .order_by(Notice.due_at, Notice.id, AgentAccount.linked_at.desc())
        .limit(CLAIM_LIMIT)
    )
    claimed: dict[int, OwedNotice] = {}
    for row in tx.execute(due).all():
        if row.id in claimed:
            continue
        if row.channel_kind is None:
            _settle(tx, row.id, "dropped", error="no account")
            continue
        claimed[row.id] = OwedNotice(*row)
        sending = {"state": "sending", "attempts": row.attempts + 1, "due_at": tx.now + LEASE}
        tx.execute(update(Notice).where(Notice.id == row.id).values(sending))
    return list(claimed.values())


def settle_notice(tx: Tx, actor: Actor, owed: OwedNotice, problem: SendError | None) -> None:
    """Note what became of a notice. One that may have arrived is not sent again: a missed sound is no lost message."""
    if problem is None or getattr(problem, "maybe_sent", False):
        _settle(tx, owed.id, "sent", error=None if problem is None else problem.reason)
        return
    wanted = problem.retry_after if isinstance(problem, Throttled) else None
    moment = next_attempt(owed.attempts + 1, wanted, tx.now, 0.0) if problem.retryable else None
    if moment is None or owed.attempts >= 4:
        _settle(tx, owed.id, "dropped", error=problem.reason or problem.code)
    else:
        tx.execute(update(Notice).where(Notice.id == owed.id).values(state="queued", due_at=moment))


def drop_notice(tx: Tx, actor: Actor, notice_id: int, reason: str) -> None:
    """There is nothing to tell any more."""
    _settle(tx, notice_id, "dropped", error=reason)


def _reached(tx: Tx) -> list[_Reached]:
    rows = tx.execute(
        select(Agent.id, Agent.role, Agent.time_zone, Agent.last_seen_at, Agent.console_until, Agent.status)
        .where(Agent.deactivated_at.is_(None), Agent.id.in_(select(AgentAccount.agent_id)))
        .order_by(Agent.id)
    ).all()
    return [
        _Reached(
            row.id,
            row.role,
            row.time_zone,
            is_present(row.last_seen_at, row.console_until, tx.now),
            row.status == "available",
            notice_choices(tx, row.id),
        )
        for row in rows
    ]


def _quiet(tx: Tx, who: _Reached) -> bool:
    local = tx.now.astimezone(zone(who.time_zone))
    return is_quiet(local, who.choices.quiet_from, who.choices.quiet_to)


def _owe_new(tx: Tx, who: _Reached) -> int:
    """Dialogs that were given to them by somebody else since a short while, and are still theirs."""
    if not who.choices.new_dialog or _quiet(tx, who):
        return 0
    given = (
        select(Assignment.id, Assignment.conversation_id)
        .join(Conversation, Conversation.id == Assignment.conversation_id)
        .where(
            Assignment.agent_id == who.agent_id,
            Assignment.actor_agent_id.is_distinct_from(who.agent_id),
            Assignment.at > tx.now - WAIT,
            Conversation.assignee_id == who.agent_id,
            Conversation.status == "open",
        )
    )
    return sum(_owe(tx, who.agent_id, f"new:{row.id}", "new", row.conversation_id) for row in tx.execute(given).all())


def _owe_waiting(tx: Tx, who: _Reached) -> int:
    """Clients who have waited for WAIT: theirs, and (while they are available) nobody's."""
    if not who.choices.waiting or _quiet(tx, who):
        return 0
    theirs = Conversation.assignee_id == who.agent_id
    waits = (
        select(Turn.id, Turn.conversation_id)
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .where(
            Turn.closed_at.is_(None),
            Turn.opened_at <= tx.now - WAIT,
            Turn.opened_at > tx.now - OLDEST,
            Conversation.status == "open",
            theirs | Conversation.assignee_id.is_(None) if who.available else theirs,
        )
    )
    found = tx.execute(waits).all()
    return sum(_owe(tx, who.agent_id, f"waiting:{row.id}", "waiting", row.conversation_id) for row in found)


def _owe_digest(tx: Tx, who: _Reached) -> int:
    if not who.choices.digest or who.role == Role.AGENT:
        return 0
    day = digest_day(tx.now.astimezone(zone(who.time_zone)), who.choices.digest_minute)
    return 0 if day is None else _owe(tx, who.agent_id, f"digest:{day.isoformat()}", "digest")


def _owe(
    tx: Tx,
    agent_id: int,
    once: str,
    kind: str,
    conversation_id: int | None = None,
    words: Mapping[str, Any] | None = None,
) -> int:
    values = {
        "agent_id": agent_id,
        "once": once,
        "kind": kind,
        "conversation_id": conversation_id,
        "words": None if words is None else dict(words),
        "state": "queued",
        "due_at": tx.now,
        "created_at": tx.now,
    }
    kept = insert_once(tx.connection.dialect.name, Notice, ("agent_id", "once"))
    return int(tx.execute(kept, values).rowcount)


def _settle(tx: Tx, notice_id: int, state: str, *, error: str | None) -> None:
    tx.execute(update(Notice).where(Notice.id == notice_id).values(state=state, error=error))
