"""Targets that were missed: by the records of policies, and for waits that no policy measured by the usual target.

The usual target is the channel's, else the company's (queries/targets.py). A wait that needed no answer misses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from inbox.models import Agent, Assignment, Channel, Company, Contact, Conversation, SlaClock, Turn
from inbox.models.base import UtcDateTime, from_milliseconds
from inbox.queries.report_filter import local_midnight
from inbox.queries.targets import TURN_TARGET
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.sla import RESPONSES, Kind
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone
from inbox.runtime.lean import Lean

PAGE = 100
_RESPONSES = or_(*(SlaClock.kind == kind.value for kind in RESPONSES))
_PASSED_AT = type_coerce(Turn.opened_at, BigInteger) + TURN_TARGET * 1000
_MIDNIGHT = bindparam("midnight", type_=UtcDateTime)


def _clocks() -> Select[Any]:
    """The records of policies."""
    clock = SlaClock
    columns: list[Any] = [
        type_coerce(clock.breached_at, BigInteger).label("at"),
        (clock.id * 2).label("key"),
        clock.kind.label("kind"),
        clock.target_seconds.label("target"),
        clock.conversation_id.label("conversation_id"),
        clock.breached_agent_id.label("agent_id"),
    ]
    return select(*columns).where(clock.breached_at >= _MIDNIGHT)


def _waits() -> Select[Any]:
    """The waits without such a record. Their keys are odd, those of clocks even."""
    # A clock that its policy let go of midway stopped before the wait did: from then on the usual target measures it.
    ended_together = SlaClock.stopped_at.is_not_distinct_from(Turn.closed_at)
    missed_before = SlaClock.breached_at.is_not(None) & (SlaClock.started_at == Turn.opened_at)
    measured = select(SlaClock.id).where(
        SlaClock.conversation_id == Turn.conversation_id, _RESPONSES, or_(ended_together, missed_before)
    )
    held = select(Assignment.agent_id).where(
        Assignment.conversation_id == Turn.conversation_id, type_coerce(Assignment.at, BigInteger) <= _PASSED_AT
    )
    needed = or_(Turn.outcome == "answered", Turn.outcome == "unanswered")
    first, later = literal(Kind.FIRST_RESPONSE.value), literal(Kind.NEXT_RESPONSE.value)
    columns: list[Any] = [
        _PASSED_AT.label("at"),
        (Turn.id * 2 + 1).label("key"),
        case((Turn.number <= 1, first), else_=later).label("kind"),
        type_coerce(TURN_TARGET, Integer).label("target"),
        Turn.conversation_id.label("conversation_id"),
        held.order_by(Assignment.id.desc()).limit(1).scalar_subquery().label("agent_id"),
    ]
    return (
        select(*columns)
        .join(Channel, Channel.id == Turn.channel_id)
        .where(
            Turn.opened_at >= bindparam("oldest", type_=UtcDateTime),
            or_(Turn.closed_at.is_(None), needed & (Turn.clock_seconds >= TURN_TARGET)),
            _PASSED_AT.between(_MIDNIGHT, bindparam("now", type_=UtcDateTime)),
            ~measured.exists(),
        )
    )


def _counted(facts: Select[Any]) -> Lean:
    found = facts.subquery()
    return Lean(select(func.count(), func.max(found.c.at)).select_from(found))


def _longest_target() -> Lean:
    """The longest of the usual targets in seconds, of first responses and of next ones."""
    usual = union_all(
        select(
            Channel.first_response_target_seconds.label("first"), Channel.next_response_target_seconds.label("later")
        ),
        select(Company.first_response_target_seconds, Company.next_response_target_seconds),
    ).subquery()
    return Lean(select(func.max(usual.c.first), func.max(usual.c.later)))


_ZONE = Lean(select(Company.time_zone))
_LONGEST = _longest_target()
_BY_POLICY, _USUAL = _clocks(), _waits()
_COUNT_BY_POLICY, _COUNT_USUAL = _counted(_BY_POLICY), _counted(_USUAL)
_ALL = union_all(_BY_POLICY, _USUAL).subquery()


@dataclass(frozen=True, slots=True)
class Breach:
    """One missed target: when (`at`), of what kind and length, in which dialog, and who was responsible at that moment.

    `key` tells it from others of the same moment.
    """

    at: datetime
    key: int
    kind: str
    target_seconds: int
    conversation_id: int
    contact_id: int
    contact_name: str
    channel_name: str
    agent_name: str | None


@dataclass(frozen=True, slots=True)
class BreachCount:
    """How many targets were missed, and when the last one was (None: none)."""

    number: int
    last_at: datetime | None


def count_breaches(tx: Tx) -> BreachCount:
    """The breaches of the company's present day, by now. Lean: every wallboard asks again and again."""
    today = _today(tx)
    by_policy = _COUNT_BY_POLICY.first(tx, {"midnight": today["midnight"]})
    usual = _COUNT_USUAL.first(tx, today)
    last = max(by_policy[1] or 0, usual[1] or 0)
    return BreachCount(by_policy[0] + usual[0], from_milliseconds(last) if last else None)


def breaches(
    tx: Tx, actor: Actor, *, before: tuple[int, int] | None = None, limit: int = PAGE
) -> tuple[list[Breach], BreachCount]:
    """Those of today, newest first, and how many there are; `before` (milliseconds, key) continues after one."""
    require(actor, Permission.REPORT_READ)
    fact, c = _ALL.c, Conversation
    statement = (
        select(
            type_coerce(fact.at, UtcDateTime), fact.key, fact.kind, fact.target, c.id, c.contact_id, Contact.name,
            Channel.name, Agent.name,
        )
        .select_from(_ALL)
        .join(c, c.id == fact.conversation_id)
        .join(Contact, Contact.id == c.contact_id)
        .join(Channel, Channel.id == c.channel_id)
        .outerjoin(Agent, Agent.id == fact.agent_id)
        .order_by(fact.at.desc(), fact.key.desc())
        .limit(limit)
    )  # fmt: skip
    if before is not None:
        statement = statement.where(tuple_(fact.at, fact.key) < before)
    return [Breach(*row) for row in tx.execute(statement, _today(tx))], count_breaches(tx)


def _today(tx: Tx) -> dict[str, datetime]:
    """The company's day so far, and since when a wait may have begun that missed its target in it."""
    time_zone = _ZONE.scalar(tx, {})
    midnight = local_midnight(tx.now.astimezone(zone(time_zone)).date(), time_zone)
    longest = max(seconds or 0 for seconds in _LONGEST.first(tx, {}))
    return {"midnight": midnight, "now": tx.now, "oldest": midnight - timedelta(seconds=longest)}
