"""Working hours of the company, and of channels that have their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from inbox.actions.events import new_id, record
from inbox.models import BusinessHours, BusinessInterval, Channel, Company
from inbox.rules.business_hours import DAY_MINUTES, Hours, Interval, problems
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

# Weekday (0 is Monday) to opening and closing in minutes since local midnight; past 1440 is the next day.
Week = Mapping[int, tuple[int, int]]

ALL_WEEK: Week = dict.fromkeys(range(7), (0, DAY_MINUTES))


def change_hours(tx: Tx, actor: Actor, week: Week | None, time_zone: str, *, channel_id: int | None = None) -> None:
    """Set the hours of the company, or of one channel; None is around the clock. Raises Invalid and NotFound.

    Waits that have ended keep the seconds that were counted by the old hours.
    """
    require(actor, Permission.SETTINGS_MANAGE)
    _check(week, time_zone)
    owner = _owner(tx, channel_id)
    # The company without a schedule is open always; a channel without one follows the company.
    stored = ALL_WEEK if week is None and channel_id is not None else week
    old = owner.business_hours_id
    hours_id = None if stored is None else _store(tx, old, owner.name, stored, time_zone)
    _point(tx, channel_id, hours_id)
    if hours_id is None and old is not None:
        tx.execute(delete(BusinessHours).where(BusinessHours.id == old))
    record(tx, actor, EventKind.HOURS_CHANGED, channel_id=channel_id)


def follow_company_hours(tx: Tx, actor: Actor, channel_id: int) -> None:
    """Let a channel keep the company's hours again; raises NotFound."""
    require(actor, Permission.SETTINGS_MANAGE)
    old = _owner(tx, channel_id).business_hours_id
    if old is None:
        return
    _point(tx, channel_id, None)
    tx.execute(delete(BusinessHours).where(BusinessHours.id == old))
    record(tx, actor, EventKind.HOURS_CHANGED, channel_id=channel_id)


def move_hours(tx: Tx, before: str, after: str) -> None:
    """The company moved to another time zone: schedules in the old one move with it."""
    tx.execute(update(BusinessHours).where(BusinessHours.time_zone == before).values(time_zone=after))


def _check(week: Week | None, time_zone: str) -> None:
    days = {} if week is None else week
    weekly = tuple(Interval(weekday, opens, closes) for weekday, (opens, closes) in days.items())
    found = problems(Hours(time_zone=time_zone, weekly=weekly))
    if "time_zone" in found:
        raise Invalid({"time_zone": N_("Choose a time zone.")})
    if found:
        raise Invalid({"hours": N_("Closing time must be after opening time.")})
    if week is not None and not week:
        raise Invalid({"hours": N_("Choose at least one day, or around the clock.")})


def _owner(tx: Tx, channel_id: int | None) -> Row[*tuple[Any, ...]]:
    """The name and the schedule's id of the company or a channel, as a row."""
    if channel_id is None:
        found = tx.execute(select(Company.name, Company.business_hours_id)).one_or_none()
    else:
        alive = select(Channel.name, Channel.business_hours_id).where(Channel.removed_at.is_(None))
        found = tx.execute(alive.where(Channel.id == channel_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def _point(tx: Tx, channel_id: int | None, hours_id: int | None) -> None:
    if channel_id is None:
        tx.execute(update(Company).values(business_hours_id=hours_id))
    else:
        tx.execute(update(Channel).where(Channel.id == channel_id).values(business_hours_id=hours_id))


def _store(tx: Tx, hours_id: int | None, name: str, week: Week, time_zone: str) -> int:
    if hours_id is None:
        hours_id = new_id(tx.execute(insert(BusinessHours), {"name": name, "time_zone": time_zone}))
    else:
        tx.execute(update(BusinessHours).where(BusinessHours.id == hours_id).values(time_zone=time_zone))
        tx.execute(delete(BusinessInterval).where(BusinessInterval.business_hours_id == hours_id))
    for weekday, (opens, closes) in week.items():
        interval = {"weekday": weekday, "opens_minute": opens, "closes_minute": closes}
        tx.execute(insert(BusinessInterval), {"business_hours_id": hours_id, **interval})
    return hours_id
