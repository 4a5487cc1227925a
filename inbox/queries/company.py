"""The company's settings, working hours and own fields, as the settings pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import BusinessHours, BusinessInterval, Channel, Company, ContactField
from inbox.rules.business_hours import DAY_MINUTES
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """Durations are seconds."""

    name: str
    language: str
    time_zone: str
    assignment_mode: str
    capacity: int
    first_response_target_seconds: int
    next_response_target_seconds: int
    reopen_window_seconds: int


def company_settings(tx: Tx, actor: Actor) -> CompanySettings:
    """The one row; raises NotFound before set-up."""
    columns = [getattr(Company, name) for name in CompanySettings.__dataclass_fields__]
    row = tx.execute(select(*columns)).one_or_none()
    if row is None:
        raise NotFound
    return CompanySettings(*row)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """A week: `days` maps a weekday (0 is Monday) to (opens, closes) minutes, an absent day is closed.

    `own` is False for a channel that follows the company.
    """

    own: bool
    always: bool
    time_zone: str
    days: dict[int, tuple[int, int]]


def working_hours(tx: Tx, actor: Actor, channel_id: int | None = None) -> WorkingHours:
    """The week of the company, or of a channel; raises NotFound."""
    company = tx.execute(select(Company.business_hours_id, Company.time_zone)).one()
    hours_id = company.business_hours_id
    own = True
    if channel_id is not None:
        alive = select(Channel.id, Channel.business_hours_id).where(Channel.removed_at.is_(None))
        channel = tx.execute(alive.where(Channel.id == channel_id)).one_or_none()
        if channel is None:
            raise NotFound
        own = channel.business_hours_id is not None
        hours_id = channel.business_hours_id or hours_id
    if hours_id is None:
        return WorkingHours(own, always=True, time_zone=company.time_zone, days={})
    interval = BusinessInterval
    statement = select(interval.weekday, interval.opens_minute, interval.closes_minute)
    rows = tx.execute(statement.where(interval.business_hours_id == hours_id).order_by(interval.opens_minute))
    days = {row.weekday: (row.opens_minute, row.closes_minute) for row in rows}
    zone = tx.execute(select(BusinessHours.time_zone).where(BusinessHours.id == hours_id)).scalar_one()
    always = len(days) == 7 and set(days.values()) == {(0, DAY_MINUTES)}
    return WorkingHours(own, always, zone, {} if always else days)


def channel_names(tx: Tx, actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of every connected channel, for choosing one."""
    rows = tx.execute(select(Channel.id, Channel.name).where(Channel.removed_at.is_(None)).order_by(Channel.id))
    return [(row.id, row.name) for row in rows]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """An own field of the card."""

    id: int
    key: str
    label: str
    kind: str
    choices: str


def contact_fields(tx: Tx, actor: Actor) -> list[FieldLine]:
    """All own fields in order."""
    field = ContactField
    rows = tx.execute(
        select(field.id, field.key, field.label, field.kind, field.choices).order_by(field.position, field.id)
    )
    return [FieldLine(*row) for row in rows]
