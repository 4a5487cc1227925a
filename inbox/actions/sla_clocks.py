"""The clocks of targets: begun with a wait or a dialog, standing while it is snoozed, measured by one policy.

On the path of a message this costs one small statement while there are no policies, and three more with the insert
when one applies. What is due is worked off by `run_clocks`, so a warning is a row that outlives a restart and is told
once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from inbox.models import Conversation, SlaClock
from inbox.queries.hours import channel_hours
from inbox.queries.sla_facts import RUNNING, ClockState, clocks_by_hours, dialog_facts, running_clocks
from inbox.queries.sla_policies import policies
from inbox.rules.business_hours import Hours
from inbox.rules.lifecycle import Status
from inbox.rules.sla import (
    BREACH,
    RESPONSES,
    Clock,
    DialogFacts,
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


def begin_clocks(tx: Tx, conversation_id: int, since: datetime | None = None) -> None:
    """A dialog or a wait begins: begin what it is due now. What runs already runs on as it began.

    `since` is when a dialog was opened again by hand: its clocks count from then. A dialog that began before there was
    a target for resolving it gets none in the middle.
    """
    ordered = policies(tx)
    if not ordered:
        return
    facts = _facts(tx, conversation_id, ordered)
    policy = choose_policy(ordered, facts.dialog)
    if policy is None:
        return
    running = {clock.kind for clock in running_clocks(tx, conversation_id)}
    fresh = facts.turn_count <= 1 or facts.begun_at == tx.now
    for kind, started_at in wanted_kinds(facts):
        if kind not in running and (kind in RESPONSES or fresh):
            _begin(tx, conversation_id, facts, policy, kind, since or started_at)
    show_nearest(tx, conversation_id)


@contextmanager
def moving_clocks(tx: Tx, conversation_id: int) -> Iterator[None]:
    """Around a change of what policies are chosen by: clocks move with a dialog that comes under another policy.

    A clock keeps what it has spent, and stops when its dialog comes under none. Only the dialog's own change moves it:
    when a policy was added, edited, moved or removed meanwhile, what runs already runs on as it began.
    """
    ordered = policies(tx)
    before = choose_policy(ordered, _facts(tx, conversation_id, ordered).dialog) if ordered else None
    yield
    if not ordered:
        return
    facts = _facts(tx, conversation_id, ordered)
    policy = choose_policy(ordered, facts.dialog)
    if policy == before:
        return
    running = {clock.kind: clock for clock in running_clocks(tx, conversation_id)}
    for kind, started_at in wanted_kinds(facts):
        known = running.get(kind)
        if known is not None:
            _move(tx, facts, known, policy)
        elif policy is not None:
            _begin(tx, conversation_id, facts, policy, kind, started_at)
    show_nearest(tx, conversation_id)


@contextmanager
def counting_clocks(tx: Tx) -> Iterator[None]:
    """Around a change of working hours: what was spent stays as the old ones counted it, the rest goes by the new."""
    stood = [(known, pause(known.clock, clock_hours(tx, known), tx.now)) for known in clocks_by_hours(tx)]
    yield
    for known, clock in stood:
        plan(tx, known, resume(clock, tx.now), clock_hours(tx, known))
        show_nearest(tx, known.conversation_id)


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


def _facts(tx: Tx, conversation_id: int, ordered: list[Policy]) -> DialogFacts:
    return dialog_facts(tx, conversation_id, with_tags=any(one.conditions.tag_id is not None for one in ordered))


def _hours(tx: Tx, facts: DialogFacts, policy: Policy) -> Hours | None:
    return channel_hours(tx, facts.dialog.channel_id) if policy.in_hours else None


def _stands(facts: DialogFacts, policy: Policy) -> bool:
    return policy.pauses and facts.status == Status.SNOOZED


def _begin(tx: Tx, conversation_id: int, facts: DialogFacts, policy: Policy, kind: Kind, started_at: datetime) -> None:
    target = policy.target(kind)
    if target is None:
        return
    hours = _hours(tx, facts, policy)
    clock = Clock(target, running_since=started_at)
    if _stands(facts, policy):
        clock = pause(clock, hours, tx.now)
    values: dict[str, Any] = {
        "conversation_id": conversation_id,
        "sla_policy_id": policy.id,
        "kind": kind.value,
        "target_seconds": target,
        "in_hours": policy.in_hours,
        "pauses": policy.pauses,
        "started_at": started_at,
        "spent_seconds": clock.spent_seconds,
        "running_since": clock.running_since,
        "due_at": reached_at(clock, hours, BREACH),
        "next_at": next_at(clock, hours),
        "warned_percent": 0,
    }
    _INSERT.insert(tx, values)


def _move(tx: Tx, facts: DialogFacts, known: ClockState, policy: Policy | None) -> None:
    """Another policy applies from now on; what was spent stays spent, as the old one counted it."""
    target = None if policy is None else policy.target(known.kind)
    if policy is None or target is None:
        stop_clock(tx, known, tx.now, "dropped")
        return
    stood = pause(known.clock, clock_hours(tx, known), tx.now)
    running_since = None if _stands(facts, policy) else tx.now
    clock = Clock(target, stood.spent_seconds, running_since, stood.warned_percent)
    plan(tx, known, clock, _hours(tx, facts, policy), policy)
