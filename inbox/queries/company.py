"""The company's settings, hours and own fields, as the settings pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import BusinessHours, BusinessInterval, Company, ContactField
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """Durations are seconds; `hours` maps a weekday to (opens, closes) minutes, an absent day is closed."""

    name: str
    language: str
    time_zone: str
    assignment_mode: str
    capacity: int
    first_response_target_seconds: int
    next_response_target_seconds: int
    reopen_window_seconds: int
    always_open: bool
    hours: dict[int, tuple[int, int]]


def company_settings(tx: Tx, actor: Actor) -> CompanySettings:
    """The one row with its hours."""
    row = tx.execute(select(Company.__table__)).one()
    intervals = tx.execute(
        select(BusinessInterval.weekday, BusinessInterval.opens_minute, BusinessInterval.closes_minute)
        .where(BusinessInterval.business_hours_id == row.business_hours_id)
        .order_by(BusinessInterval.opens_minute)
    )
    return CompanySettings(
        name=row.name,
        language=row.language,
        time_zone=row.time_zone,
        assignment_mode=row.assignment_mode,
        capacity=row.capacity,
        first_response_target_seconds=row.first_response_target_seconds,
        next_response_target_seconds=row.next_response_target_seconds,
        reopen_window_seconds=row.reopen_window_seconds,
        always_open=row.business_hours_id is None,
        hours={weekday: (opens, closes) for weekday, opens, closes in intervals},
    )


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


def hours_names(tx: Tx) -> list[tuple[int, str]]:
    """(id, name) of every schedule."""
    return [(row.id, row.name) for row in tx.execute(select(BusinessHours.id, BusinessHours.name))]
