"""The company's settings and own fields, as the settings pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import Channel, Company, ContactField
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
    asks_rating: bool


def company_settings(tx: Tx, actor: Actor) -> CompanySettings:
    """The one row; raises NotFound before set-up."""
    columns = [getattr(Company, name) for name in CompanySettings.__dataclass_fields__]
    row = tx.execute(select(*columns)).one_or_none()
    if row is None:
        raise NotFound
    return CompanySettings(*row)


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
