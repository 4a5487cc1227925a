"""Targets that were missed: by the records of policies, and for waits that no policy measured by the usual target.

The usual target is the channel's, else the company's (queries/targets.py). A wait that needed no answer misses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Integer,
    Select,
    case,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from inbox.models import Agent, Assignment, Channel, Company, Contact, Conversation, SlaClock, Turn
from inbox.models.base import UtcDateTime, from_milliseconds, to_milliseconds
from inbox.queries.report_filter import local_midnight
from inbox.queries.targets import TURN_TARGET
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.sla import RESPONSES, Kind
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

PAGE = 100
_USUAL: CompoundSelect[Any] = union_all(
    select(Channel.first_response_target_seconds, Channel.next_response_target_seconds),
    select(Company.first_response_target_seconds, Company.next_response_target_seconds),
)
_PASSED_AT = type_coerce(Turn.opened_at, BigInteger) + TURN_TARGET * 1000


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
    """The breaches of the company's present day, by now."""
    number, last = 0, 0
    for facts in _facts(tx):
        found = facts.subquery()
        row = tx.execute(select(func.count(), func.max(found.c.at)).select_from(found)).one()
        number, last = number + row[0], max(last, row[1] or 0)
    return BreachCount(number, from_milliseconds(last) if last else None)


def breaches(
    tx: Tx, actor: Actor, *, before: tuple[int, int] | None = None, limit: int = PAGE
) -> tuple[list[Breach], BreachCount]:
    """Those of today, newest first, and how many there are; `before` (milliseconds, key) continues after one."""
    require(actor, Permission.REPORT_READ)
    fact = union_all(*_facts(tx)).subquery()
    c = Conversation
    statement = (
        select(
            type_coerce(fact.c.at, UtcDateTime), fact.c.key, fact.c.kind, fact.c.target, c.id, c.contact_id,
            Contact.name, Channel.name, Agent.name,
        )
        .join(c, c.id == fact.c.conversation_id)
        .join(Contact, Contact.id == c.contact_id)
        .join(Channel, Channel.id == c.channel_id)
        .outerjoin(Agent, Agent.id == fact.c.agent_id)
        .order_by(fact.c.at.desc(), fact.c.key.desc())
        .limit(limit)
    )  # fmt: skip
    if before is not None:
        statement = statement.where(tuple_(fact.c.at, fact.c.key) < before)
    return [Breach(*row) for row in tx.execute(statement)], count_breaches(tx)


def _facts(tx: Tx) -> tuple[Select[Any], Select[Any]]:
    """The clocks, and the waits without one, that passed their target since midnight. Their keys never meet."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    midnight = local_midnight(tx.now.astimezone(zone(time_zone)).date(), time_zone)
    return _clocks(midnight), _waits(tx, midnight)


def _clocks(midnight: datetime) -> Select[Any]:
    clock = SlaClock
    columns: list[Any] = [
        type_coerce(clock.breached_at, BigInteger).label("at"),
        (clock.id * 2).label("key"),
        clock.kind.label("kind"),
        clock.target_seconds.label("target"),
        clock.conversation_id.label("conversation_id"),
        clock.breached_agent_id.label("agent_id"),
    ]
    return select(*columns).where(clock.breached_at >= midnight)


def _waits(tx: Tx, midnight: datetime) -> Select[Any]:
    # No wait that began earlier can have passed its target today.
    longest = max((value for row in tx.execute(_USUAL) for value in row if value is not None), default=0)
    measured = select(SlaClock.id).where(
        SlaClock.conversation_id == Turn.conversation_id,
        SlaClock.kind.in_(RESPONSES),
        SlaClock.started_at == Turn.opened_at,
    )
    holder = (
        select(Assignment.agent_id)
        .where(Assignment.conversation_id == Turn.conversation_id, type_coerce(Assignment.at, BigInteger) <= _PASSED_AT)
        .order_by(Assignment.id.desc())
        .limit(1)
    )
    late = Turn.clock_seconds >= TURN_TARGET
    first, later = literal(Kind.FIRST_RESPONSE.value), literal(Kind.NEXT_RESPONSE.value)
    return (
        select(
            _PASSED_AT.label("at"),
            (Turn.id * 2 + 1).label("key"),
            case((Turn.number <= 1, first), else_=later).label("kind"),
            type_coerce(TURN_TARGET, Integer).label("target"),
            Turn.conversation_id.label("conversation_id"),
            holder.scalar_subquery().label("agent_id"),
        )
        .join(Channel, Channel.id == Turn.channel_id)
        .where(
            Turn.opened_at >= midnight - timedelta(seconds=longest),
            Turn.closed_at.is_(None) | (late & Turn.outcome.in_(("answered", "unanswered"))),
            _PASSED_AT.between(to_milliseconds(midnight), to_milliseconds(tx.now)),
            ~measured.exists(),
        )
    )
