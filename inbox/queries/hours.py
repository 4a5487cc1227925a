"""Which working hours apply where, and schedules as they are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, cast, func, literal, null, select, union_all

from inbox.models import Agent, BusinessDay, BusinessHours, BusinessInterval, Channel, Company, Team
from inbox.rules.business_hours import Hours, Interval
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.schedules import ALL_WEEK, Owner, OwnerKind, Schedule, SpecialDay, hours_of
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

# A schedule in one read: its weekdays and its dates are rows of one kind.
_PARTS = union_all(
    select(
        BusinessInterval.business_hours_id.label("hours_id"),
        BusinessInterval.weekday,
        cast(null(), Date).label("day"),
        BusinessInterval.opens_minute,
        BusinessInterval.closes_minute,
        literal("").label("name"),
    ),
    select(
        BusinessDay.business_hours_id,
        null(),
        BusinessDay.day,
        BusinessDay.opens_minute,
        BusinessDay.closes_minute,
        BusinessDay.name,
    ),
).subquery("parts")
_SCHEDULES = (
    select(
        BusinessHours.id,
        BusinessHours.time_zone,
        BusinessHours.holidays,
        _PARTS.c.weekday,
        _PARTS.c.day,
        _PARTS.c.opens_minute,
        _PARTS.c.closes_minute,
        _PARTS.c.name,
    )
    .select_from(BusinessHours)
    .outerjoin(_PARTS, _PARTS.c.hours_id == BusinessHours.id)
    .order_by(BusinessHours.id, _PARTS.c.day, _PARTS.c.weekday, _PARTS.c.opens_minute)
)
_TEAMS = (
    select(Team.business_hours_id)
    .join(Channel, Channel.team_id == Team.id)
    .where(Channel.id == bindparam("channel"), Team.removed_at.is_(None))
)
_APPLYING = func.coalesce(
    select(Channel.business_hours_id).where(Channel.id == bindparam("channel")).scalar_subquery(),
    _TEAMS.scalar_subquery(),
    select(Company.business_hours_id).scalar_subquery(),
)
_FOR_CHANNEL = Lean(_SCHEDULES.where(BusinessHours.id == _APPLYING))


@dataclass(frozen=True, slots=True)
class Applying:
    """The hours that apply, and the id of their schedule. Without both we are always open."""

    hours_id: int | None = None
    hours: Hours | None = None


def applying_hours(tx: Tx, channel_id: int | None) -> Applying:
    """The hours of a channel, else of its team, else the company's. A channel id of None asks for the company."""
    rows = _FOR_CHANNEL.rows(tx, {"channel": channel_id})
    return Applying(rows[0].id, hours_of(_schedule(rows))) if rows else Applying()


def channel_hours(tx: Tx, channel_id: int | None) -> Hours | None:
    """The hours that apply to a channel (None: to the company); None means always open."""
    return applying_hours(tx, channel_id).hours


def stored_hours(tx: Tx, ids: Collection[int]) -> dict[int, Hours]:
    """Schedules by their ids, in the form that is counted with."""
    return {key: hours_of(schedule) for key, schedule in stored_schedules(tx, ids).items()}


def stored_schedules(tx: Tx, ids: Collection[int]) -> dict[int, Schedule]:
    """Schedules by their ids, as they were written."""
    if not ids:
        return {}
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(_SCHEDULES.where(BusinessHours.id.in_(sorted(ids)))):
        rows[row.id].append(row)
    return {key: _schedule(found) for key, found in rows.items()}


@dataclass(frozen=True, slots=True)
class OwnedHours:
    """The hours of the company, a team, a channel or an agent's shift, for their page.

    `own` is False for who follows somebody else, and for an agent without a shift; `always` is around the clock.
    """

    owner: Owner
    name: str
    own: bool
    always: bool
    schedule: Schedule


def owned_hours(tx: Tx, actor: Actor, owner: Owner) -> OwnedHours:
    """The hours of one owner, with the company's week shown to who has none; raises NotFound."""
    require(actor, Permission.SETTINGS_MANAGE)
    company = tx.execute(select(Company.name, Company.business_hours_id, Company.time_zone)).one()
    name, hours_id = (company.name, company.business_hours_id) if owner.id is None else owner_row(tx, owner)
    own = hours_id is not None or owner.kind is OwnerKind.COMPANY
    shown = hours_id or company.business_hours_id
    schedule = stored_schedules(tx, [shown])[shown] if shown is not None else Schedule(company.time_zone)
    always = not schedule.weekly or (schedule.weekly == ALL_WEEK and not schedule.days and not schedule.holidays)
    return OwnedHours(owner, name, own, always, schedule)


def owner_row(tx: Tx, owner: Owner) -> tuple[str, int | None]:
    """The name of an owner and the id of their schedule; raises NotFound."""
    statement = {
        OwnerKind.COMPANY: select(Company.name, Company.business_hours_id),
        OwnerKind.TEAM: select(Team.name, Team.business_hours_id).where(Team.id == owner.id, Team.removed_at.is_(None)),
        OwnerKind.CHANNEL: select(Channel.name, Channel.business_hours_id).where(
            Channel.id == owner.id, Channel.removed_at.is_(None)
        ),
        OwnerKind.AGENT: select(Agent.name, Agent.business_hours_id).where(Agent.id == owner.id),
    }[owner.kind]
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _schedule(rows: list[Any]) -> Schedule:
    """The schedule of rows of one id, which come ordered."""
    weekly = [Interval(row.weekday, row.opens_minute, row.closes_minute) for row in rows if row.weekday is not None]
    days: dict[date, SpecialDay] = {}
    for row in rows:
        if row.day is None:
            continue
        before = days.get(row.day, SpecialDay(row.day, (), row.name))
        more = () if row.opens_minute is None else ((row.opens_minute, row.closes_minute),)
        days[row.day] = SpecialDay(row.day, (*before.stretches, *more), row.name)
    return Schedule(rows[0].time_zone, tuple(sorted(weekly)), rows[0].holidays, tuple(days.values()))
