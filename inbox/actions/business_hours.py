"""Working hours of the company, its teams and channels, and agents' shifts. A change is a new schedule row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from inbox.actions.assign import drain
from inbox.actions.events import new_id, record
from inbox.actions.sla_clocks import counting_clocks
from inbox.models import Agent, BusinessDay, BusinessHours, BusinessInterval, Channel, Company, Team
from inbox.queries.hours import owner_row, stored_schedules
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.schedules import Owner, OwnerKind, Schedule, check_schedule
from inbox.runtime.database import Tx

_TABLES: dict[OwnerKind, Any] = {
    OwnerKind.COMPANY: Company,
    OwnerKind.TEAM: Team,
    OwnerKind.CHANNEL: Channel,
    OwnerKind.AGENT: Agent,
}


def change_hours(tx: Tx, actor: Actor, owner: Owner, schedule: Schedule | None) -> None:
    """Give an owner these hours; raises Invalid and NotFound. Waits that have ended keep what was counted by the old.

    None is: around the clock for the company, as the company for a team or channel, at any time for an agent.
    """
    require(actor, Permission.SETTINGS_MANAGE)
    name, old = owner_row(tx, owner)
    if schedule is not None:
        check_schedule(schedule)
        if old is not None and stored_schedules(tx, [old])[old] == schedule:
            return
    hours_id = None if schedule is None else store_schedule(tx, name, schedule)
    if hours_id == old:
        return
    table = _TABLES[owner.kind]
    pointed = update(table).values(business_hours_id=hours_id)
    with counting_clocks(tx):
        tx.execute(pointed if owner.id is None else pointed.where(table.id == owner.id))
    record(
        tx,
        actor,
        EventKind.HOURS_CHANGED,
        channel_id=owner.id if owner.kind is OwnerKind.CHANNEL else None,
        agent_id=owner.id if owner.kind is OwnerKind.AGENT else None,
        details={"of": owner.kind.value, "id": owner.id},
    )
    # A shift that begins earlier may free somebody for clients who wait.
    drain(tx, Actor.system())


def move_hours(tx: Tx, before: str, after: str) -> None:
    """The company moved to another time zone: schedules in the old one that are in use move with it."""
    moved: dict[int, int] = {}
    for table in _TABLES.values():
        used = select(BusinessHours.id, BusinessHours.name).join(table, table.business_hours_id == BusinessHours.id)
        for row in tx.execute(used.where(BusinessHours.time_zone == before).distinct()).all():
            if row.id not in moved:
                old = stored_schedules(tx, [row.id])[row.id]
                moved[row.id] = store_schedule(tx, row.name, Schedule(after, old.weekly, old.holidays, old.days))
            here = update(table).where(table.business_hours_id == row.id)
            tx.execute(here.values(business_hours_id=moved[row.id]))


def store_schedule(tx: Tx, name: str, schedule: Schedule) -> int:
    """Write a schedule that was checked; returns its id."""
    values = {"name": clean_name(name, 80), "time_zone": schedule.time_zone, "holidays": schedule.holidays}
    hours_id = new_id(tx.execute(insert(BusinessHours), values))
    for item in sorted(set(schedule.weekly)):
        interval = {"weekday": item.weekday, "opens_minute": item.opens_minute, "closes_minute": item.closes_minute}
        tx.execute(insert(BusinessInterval), {"business_hours_id": hours_id, **interval})
    for day in schedule.days:
        shared = {"business_hours_id": hours_id, "day": day.day, "name": clean_name(day.name, 80)}
        for opens, closes in day.stretches or ((None, None),):
            tx.execute(insert(BusinessDay), {**shared, "opens_minute": opens, "closes_minute": closes})
    return hours_id
