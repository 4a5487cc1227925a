"""The clocks of targets: begun with a wait or a dialog, standing while it is snoozed, measured by one policy.

On the path of a message this costs one small statement while there are no policies, and three more with the insert
when one applies. What is due is worked off by `run_clocks`, so a warning is a row that outlives a restart and is told
once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from inbox.models import Conversation, SlaClock
from inbox.queries.hours import channel_hours
from inbox.queries.sla_facts import RUNNING, ClockState, dialog_facts, running_clocks
from inbox.queries.sla_policies import policies
from inbox.rules.business_hours import Hours
from inbox.rules.sla import (
    BREACH,
    RESPONSES,
    Clock,
    Kind,
    Policy,
    choose_policy,
    next_at,
    pause,
    reached_at,
    resume,
    wanted_kinds,
)
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_INSERT = Lean(insert(SlaClock))
_PLAN = Lean(
    update(SlaClock)
    .where(SlaClock.id == bindparam("clock"))
    .values(
        sla_policy_id=bindparam("policy"),
        target_seconds=bindparam("target"),
        in_hours=bindparam("only_hours"),
        pauses=bindparam("stands"),
        spent_seconds=bindparam("spent"),
        running_since=bindparam("running"),
        due_at=bindparam("due"),
        next_at=bindparam("look"),
        warned_percent=bindparam("warned"),
    )
)
_STOP = Lean(
    update(SlaClock)
    .where(SlaClock.id == bindparam("clock"))
    .values(stopped_at=bindparam("moment"), outcome=bindparam("how"), next_at=None)
)
_NEAREST = (
    select(func.min(SlaClock.due_at))
    .where(SlaClock.conversation_id == bindparam("conversation"), RUNNING)
    .scalar_subquery()
)
_SHOW = Lean(update(Conversation).where(Conversation.id == bindparam("conversation")).values(due_at=_NEAREST))


def fit_clocks(tx: Tx, conversation_id: int) -> None:
    """Let the clocks fit the dialog: begin what it is due, measure by the policy it falls under now.

    A clock keeps what it has spent when its dialog comes under another policy, and stops when it comes under none. A
    policy that was only edited changes nothing that runs.
    """
    ordered = policies(tx)
    if not ordered:
        return
    facts = dialog_facts(tx, conversation_id, with_tags=any(one.conditions.tag_id is not None for one in ordered))
    policy = choose_policy(ordered, facts.dialog)
    running = {clock.kind: clock for clock in running_clocks(tx, conversation_id)}
    changed = False
    for kind, started_at in wanted_kinds(facts):
        known = running.get(kind)
        target = None if policy is None else policy.target(kind)
        if known is None and policy is not None and target is not None:
            _begin(tx, facts.dialog.channel_id, conversation_id, policy, kind, target, started_at)
            changed = True
        elif known is not None and (policy is None or policy.id != known.policy_id):
            _move(tx, facts.dialog.channel_id, known, policy, target)
            changed = True
    if changed:
        show_nearest(tx, conversation_id)


def pause_clocks(tx: Tx, conversation_id: int) -> None:
    """The dialog is snoozed: the clocks whose policy says so stand."""
    for known in running_clocks(tx, conversation_id):
        if known.pauses and known.clock.running_since is not None:
            hours = clock_hours(tx, known)
            plan(tx, known, pause(known.clock, hours, tx.now), hours)
    show_nearest(tx, conversation_id)


def resume_clocks(tx: Tx, conversation_id: int) -> None:
    """The dialog is open again: standing clocks run on."""
    for known in running_clocks(tx, conversation_id):
        if known.clock.running_since is None:
            plan(tx, known, resume(known.clock, tx.now), clock_hours(tx, known))
    show_nearest(tx, conversation_id)


def stop_clock(tx: Tx, known: ClockState, at: datetime, outcome: str) -> None:
    """End one clock."""
    _STOP.change(tx, {"clock": known.id, "moment": at, "how": outcome})


def plan(tx: Tx, known: ClockState, clock: Clock, hours: Hours | None, policy: Policy | None = None) -> None:
    """Write a clock with its deadline and the moment of the next threshold; with a policy, measured by that."""
    _PLAN.change(
        tx,
        {
            "clock": known.id,
            "policy": known.policy_id if policy is None else policy.id,
            "target": clock.target_seconds,
            "only_hours": known.in_hours if policy is None else policy.in_hours,
            "stands": known.pauses if policy is None else policy.pauses,
            "spent": clock.spent_seconds,
            "running": clock.running_since,
            "due": reached_at(clock, hours, BREACH),
            "look": next_at(clock, hours),
            "warned": clock.warned_percent,
        },
    )


def show_nearest(tx: Tx, conversation_id: int) -> None:
    """Keep the nearest deadline beside the conversation, where the queue is sorted by it."""
    _SHOW.change(tx, {"conversation": conversation_id})


def clock_hours(tx: Tx, known: ClockState) -> Hours | None:
    """What a clock counts by."""
    return channel_hours(tx, known.channel_id) if known.in_hours else None


def running_response(tx: Tx, conversation_id: int) -> ClockState | None:
    """The clock of the client's present wait."""
    return next((clock for clock in running_clocks(tx, conversation_id) if clock.kind in RESPONSES), None)


def _begin(
    tx: Tx, channel_id: int, conversation_id: int, policy: Policy, kind: Kind, target: int, started_at: datetime
) -> None:
    hours = channel_hours(tx, channel_id) if policy.in_hours else None
    clock = Clock(target, running_since=started_at)
    values: dict[str, Any] = {
        "conversation_id": conversation_id,
        "sla_policy_id": policy.id,
        "kind": kind.value,
        "target_seconds": target,
        "in_hours": policy.in_hours,
        "pauses": policy.pauses,
        "started_at": started_at,
        "spent_seconds": 0,
        "running_since": started_at,
        "due_at": reached_at(clock, hours, BREACH),
        "next_at": next_at(clock, hours),
        "warned_percent": 0,
    }
    _INSERT.insert(tx, values)


def _move(tx: Tx, channel_id: int, known: ClockState, policy: Policy | None, target: int | None) -> None:
    """Another policy applies from now on; what was spent stays spent, as the old one counted it."""
    if policy is None or target is None:
        stop_clock(tx, known, tx.now, "dropped")
        return
    was_running = known.clock.running_since is not None
    stood = pause(known.clock, clock_hours(tx, known), tx.now)
    clock = Clock(target, stood.spent_seconds, tx.now if was_running else None, stood.warned_percent)
    plan(tx, known, clock, channel_hours(tx, channel_id) if policy.in_hours else None, policy)
