"""The company's settings: targets, assignment, hours, tags and own fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from inbox.actions.assign import drain
from inbox.actions.events import new_id, record
from inbox.models import BusinessHours, BusinessInterval, Company, ContactField, Tag
from inbox.rules.assignment import Mode
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.search_text import normalise
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

FIELD_KINDS = ("text", "number", "date", "link", "choice", "checkbox")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_BOUNDS = {
    "capacity": (1, 1000),
    "first_response_target_seconds": (10, 864_000),
    "next_response_target_seconds": (10, 864_000),
    "reopen_window_seconds": (0, 31_536_000),
}


def change_company(tx: Tx, actor: Actor, values: Mapping[str, Any]) -> None:
    """Change the name, zone, assignment, targets and windows; raises Invalid. Waits that ended keep their numbers."""
    require(actor, Permission.SETTINGS_MANAGE)
    errors = {}
    for name, (least, most) in _BOUNDS.items():
        if name in values and not least <= values[name] <= most:
            errors[name] = N_("This number is out of range.")
    if "name" in values and not clean_name(values["name"], 80):
        errors["name"] = N_("Fill this in.")
    if "assignment_mode" in values and values["assignment_mode"] not in set(Mode):
        errors["assignment_mode"] = N_("Choose how dialogs are given out.")
    if errors:
        raise Invalid(errors)
    tx.execute(update(Company).values(**values))
    record(tx, actor, EventKind.SETTINGS_CHANGED, details={"changed": sorted(values)})
    drain(tx, Actor.system())


def change_hours(tx: Tx, actor: Actor, week: Mapping[int, tuple[int, int]] | None) -> None:
    """Set the company's week (None: around the clock). Minutes since midnight; closing past 1440 runs over midnight."""
    require(actor, Permission.SETTINGS_MANAGE)
    for weekday, (opens, closes) in (week or {}).items():
        if not (0 <= weekday <= 6 and 0 <= opens < 1440 and opens < closes <= opens + 1440):
            raise Invalid({"hours": N_("Closing time must be after opening time.")})
    row = tx.execute(select(Company.business_hours_id, Company.name, Company.time_zone)).one()
    hours_id = row.business_hours_id
    if week is None:
        tx.execute(update(Company).values(business_hours_id=None))
    else:
        if hours_id is None:
            values = {"name": row.name, "time_zone": row.time_zone}
            hours_id = new_id(tx.execute(insert(BusinessHours), values))
            tx.execute(update(Company).values(business_hours_id=hours_id))
        tx.execute(update(BusinessHours).where(BusinessHours.id == hours_id).values(time_zone=row.time_zone))
        tx.execute(delete(BusinessInterval).where(BusinessInterval.business_hours_id == hours_id))
        for weekday, (opens, closes) in week.items():
            interval = {"weekday": weekday, "opens_minute": opens, "closes_minute": closes}
            tx.execute(insert(BusinessInterval), {"business_hours_id": hours_id, **interval})
    record(tx, actor, EventKind.HOURS_CHANGED)


def change_tag(tx: Tx, actor: Actor, tag_id: int, name: str, colour: str) -> None:
    """Rename and colour a tag; raises Invalid and NotFound."""
    require(actor, Permission.TAG_MANAGE)
    title = clean_name(name, 40)
    if not title or not _COLOUR.fullmatch(colour.lower()):
        raise Invalid({"name": N_("Write a name and choose a colour.")})
    taken = select(Tag.id).where(Tag.name_key == normalise(title), Tag.id != tag_id)
    if tx.execute(taken).first() is not None:
        raise Invalid({"name": N_("Another tag has this name already.")})
    values = {"name": title, "name_key": normalise(title), "colour": colour.lower()}
    if not tx.execute(update(Tag).where(Tag.id == tag_id).values(values)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.TAG_CHANGED, details={"tag_id": tag_id, "name": title})


def remove_tag(tx: Tx, actor: Actor, tag_id: int) -> None:
    """Delete a tag and take it off every conversation."""
    require(actor, Permission.TAG_MANAGE)
    if not tx.execute(delete(Tag).where(Tag.id == tag_id)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.TAG_REMOVED, details={"tag_id": tag_id})


def add_field(tx: Tx, actor: Actor, key: str, label: str, kind: str, choices: str) -> int:
    """Add an own field of the card; returns its id. `key` names it in reply templates: {{contact.key}}."""
    require(actor, Permission.SETTINGS_MANAGE)
    errors = {}
    if not _KEY.fullmatch(key):
        errors["key"] = N_("Latin letters, digits and _, beginning with a letter.")
    elif tx.execute(select(ContactField.id).where(ContactField.key == key)).first() is not None:
        errors["key"] = N_("Another field has this key already.")
    if not clean_name(label, 60):
        errors["label"] = N_("Fill this in.")
    if kind not in FIELD_KINDS:
        errors["kind"] = N_("Choose a kind.")
    if errors:
        raise Invalid(errors)
    lines = "\n".join(line.strip() for line in choices.splitlines() if line.strip())
    values = {"key": key, "label": clean_name(label, 60), "kind": kind, "choices": lines}
    field_id = new_id(tx.execute(insert(ContactField), values))
    record(tx, actor, EventKind.FIELD_CHANGED, details={"field_id": field_id, "key": key})
    return field_id


def remove_field(tx: Tx, actor: Actor, field_id: int) -> None:
    """Delete an own field with all its values."""
    require(actor, Permission.SETTINGS_MANAGE)
    if not tx.execute(delete(ContactField).where(ContactField.id == field_id)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.FIELD_CHANGED, details={"field_id": field_id, "removed": True})
