"""The company's own fields of the client's card."""

from __future__ import annotations

import re

from sqlalchemy import delete, func, insert, select, update

from inbox.actions.events import new_id, record
from inbox.models import ContactField
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

FIELD_KINDS = ("text", "number", "date", "link", "choice", "checkbox")
# These names are the card's own: a field of the same key would never be shown in a reply template.
TAKEN_KEYS = frozenset({"name", "first_name", "phone", "email"})
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def add_field(tx: Tx, actor: Actor, key: str, label: str, kind: str, *, choices: str = "") -> int:
    """Add an own field of the card; returns its id. `key` names it in reply templates: {{contact.key}}."""
    require(actor, Permission.SETTINGS_MANAGE)
    title, lines = clean_name(label, 60), _lines(choices)
    errors = _mistakes(title, kind, lines)
    if not _KEY.fullmatch(key):
        errors["key"] = N_("Latin letters, digits and _, beginning with a letter.")
    elif key in TAKEN_KEYS or tx.execute(select(ContactField.id).where(ContactField.key == key)).first() is not None:
        errors["key"] = N_("Another field has this key already.")
    if errors:
        raise Invalid(errors)
    last = tx.execute(select(func.coalesce(func.max(ContactField.position), 0))).scalar_one()
    values = {"key": key, "label": title, "kind": kind, "choices": lines, "position": last + 1}
    field_id = new_id(tx.execute(insert(ContactField), values))
    record(tx, actor, EventKind.FIELD_CHANGED, details={"field_id": field_id, "key": key})
    return field_id


def change_field(tx: Tx, actor: Actor, field_id: int, label: str, choices: str) -> None:
    """Rename a field and change its choices. Its key and kind stay: templates and values depend on them."""
    require(actor, Permission.SETTINGS_MANAGE)
    kind = tx.execute(select(ContactField.kind).where(ContactField.id == field_id)).scalar_one_or_none()
    if kind is None:
        raise NotFound
    title, lines = clean_name(label, 60), _lines(choices)
    errors = _mistakes(title, kind, lines)
    if errors:
        raise Invalid(errors)
    tx.execute(update(ContactField).where(ContactField.id == field_id).values(label=title, choices=lines))
    record(tx, actor, EventKind.FIELD_CHANGED, details={"field_id": field_id, "label": title})


def remove_field(tx: Tx, actor: Actor, field_id: int) -> None:
    """Delete an own field with all its values."""
    require(actor, Permission.SETTINGS_MANAGE)
    if not tx.execute(delete(ContactField).where(ContactField.id == field_id)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.FIELD_CHANGED, details={"field_id": field_id, "removed": True})


def _lines(choices: str) -> str:
    """One choice a line, each once, in the order they were written."""
    return "\n".join(dict.fromkeys(line.strip() for line in choices.splitlines() if line.strip()))


def _mistakes(label: str, kind: str, choices: str) -> dict[str, str]:
    errors = {}
    if not label:
        errors["label"] = N_("Fill this in.")
    if kind not in FIELD_KINDS:
        errors["kind"] = N_("Choose a kind.")
    if kind == "choice" and not choices:
        errors["choices"] = N_("Write at least one choice.")
    return errors
