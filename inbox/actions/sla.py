"""What becomes of targets: an answer in time, a warning, a breach with the agent who was responsible then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, update

from inbox.actions.activity import agent_name, record_activity
from inbox.actions.events import record
from inbox.actions.sla_clocks import clock_hours, plan, running_response, show_nearest, stop_clock
from inbox.models import SlaClock
from inbox.queries.access import conversation_state
from inbox.queries.sla_facts import ClockState, due_clocks, holder_at, running_clocks
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.rules.sla import BREACH, passed
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

# Clocks per call: a call holds the writer, so it must be short.
RUN_AT_ONCE = 100

_BREACHED = Lean(
    update(SlaClock)
    .where(SlaClock.id == bindparam("clock"))
    .values(breached_at=bindparam("moment"), breached_agent_id=bindparam("agent"))
)


def run_clocks(tx: Tx, actor: Actor) -> int:
    """Tell of every threshold that was reached by now, each once; returns how many clocks were looked at.

    After a pause of the server only the highest one is told: a warning that comes after the breach warns of nothing.
    """
    found = due_clocks(tx, RUN_AT_ONCE)
    for known in found:
        _tell(tx, actor, known, tx.now)
    return len(found)


def stop_response(tx: Tx, conversation_id: int, outcome: str, at: datetime) -> None:
    """The client's wait is over: answered in time is met, too late breached; any other end is dropped."""
    known = running_response(tx, conversation_id)
    if known is not None:
        _stop(tx, known, at, "met" if outcome == "answered" else "dropped")
        show_nearest(tx, conversation_id)


def stop_clocks(tx: Tx, conversation_id: int) -> None:
    """The dialog is resolved: what still runs is met or breached."""
    found = running_clocks(tx, conversation_id)
    for known in found:
        _stop(tx, known, tx.now, "met")
    if found:
        show_nearest(tx, conversation_id)


def _stop(tx: Tx, known: ClockState, at: datetime, outcome: str) -> None:
    broken = known.breached_at is not None
    if known.due_at is not None:
        late = known.due_at < at
        if late and not broken:
            # The worker had not come yet to what was due before the answer.
            _breach(tx, Actor.system(), known)
        elif broken and not late:
            # Answered in time in the platform's own app, and told to us only after the deadline.
            _BREACHED.change(tx, {"clock": known.id, "moment": None, "agent": None})
        broken = late
    stop_clock(tx, known, at, "breached" if broken else outcome)


def _tell(tx: Tx, actor: Actor, known: ClockState, now: datetime) -> None:
    hours = clock_hours(tx, known)
    percent = passed(known.clock, hours, now)
    if percent:
        if percent == BREACH:
            _breach(tx, actor, known)
        else:
            _warn(tx, actor, known, percent)
    told = max(percent, known.clock.warned_percent)
    plan(tx, known, replace(known.clock, warned_percent=told), hours)


def _warn(tx: Tx, actor: Actor, known: ClockState, percent: int) -> None:
    conversation = conversation_state(tx, Actor.system(), known.conversation_id)
    record(
        tx,
        actor,
        EventKind.SLA_WARNED,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        channel_id=conversation.channel_id,
        agent_id=conversation.assignee_id,
        details={"of": known.kind.value, "percent": percent, "policy_id": known.policy_id},
    )


def _breach(tx: Tx, actor: Actor, known: ClockState) -> None:
    moment = known.due_at or tx.now
    agent_id = holder_at(tx, known.conversation_id, moment)
    _BREACHED.change(tx, {"clock": known.id, "moment": moment, "agent": agent_id})
    record_activity(
        tx,
        actor,
        EventKind.SLA_BREACHED,
        conversation_state(tx, Actor.system(), known.conversation_id),
        agent_id=agent_id,
        of=known.kind.value,
        policy_id=known.policy_id,
        target=known.clock.target_seconds,
        name=agent_name(tx, agent_id),
    )
