"""Editing a client's card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select, update

from inbox.actions.events import record
from inbox.models import Contact, ContactField, ContactFieldValue, Conversation, MessageCard
from inbox.queries.access import contact_id as seen_contact
from inbox.queries.access import message_conversation
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.phones import normalise_phone

MAX_NOTE = 5_000


def edit_contact(tx: Tx, actor: Actor, contact_id: int, values: Mapping[str, str], own: Mapping[int, str]) -> None:
    """Set name, phone, e-mail, note and the company's own fields (by field id). Raises Invalid with all mistakes."""
    require(actor, Permission.CONTACT_EDIT)
    seen_contact(tx, actor, contact_id)
    errors: dict[str, str] = {}
    phone, email = values.get("phone", "").strip(), values.get("email", "").strip().lower()
    if phone and not normalise_phone(phone):
        errors["phone"] = N_("This is not a phone number.")
    if email and not _looks_like_email(email):
        errors["email"] = N_("This is not an e-mail address.")
    fields = {row.id: row.kind for row in tx.execute(select(ContactField.id, ContactField.kind))}
    for field_id, value in own.items():
        if value and not _fits(fields.get(field_id, "text"), value):
            errors[f"field_{field_id}"] = N_("This value does not fit the field.")
    if errors:
        raise Invalid(errors)
    tx.execute(
        update(Contact)
        .where(Contact.id == contact_id)
        .values(
            name=clean_name(values.get("name", "")),
            phone=normalise_phone(phone) or None,
            email=email or None,
            note=values.get("note", "").strip()[:MAX_NOTE],
            changed_at=tx.now,
        )
    )
    for field_id, value in own.items():
        if field_id in fields:
            _keep(tx, contact_id, field_id, value.strip()[:1000])
    _record_everywhere(tx, actor, contact_id)


def take_shared_phone(tx: Tx, actor: Actor, message_id: int) -> None:
    """Put the phone that a message shares into the card of its sender; raises NotFound when it shares none."""
    require(actor, Permission.CONTACT_EDIT)
    _, conversation = message_conversation(tx, actor, message_id)
    shared = select(MessageCard.phone).where(MessageCard.message_id == message_id, MessageCard.phone != "")
    phone = tx.execute(shared.order_by(MessageCard.id).limit(1)).scalar_one_or_none()
    if phone is None:
        raise NotFound
    kept = update(Contact).where(Contact.id == conversation.contact_id)
    tx.execute(kept.values(phone=normalise_phone(phone) or phone, changed_at=tx.now))
    _record_everywhere(tx, actor, conversation.contact_id)


def _keep(tx: Tx, contact_id: int, field_id: int, value: str) -> None:
    same = (ContactFieldValue.contact_id == contact_id) & (ContactFieldValue.contact_field_id == field_id)
    tx.execute(delete(ContactFieldValue).where(same))
    if value:
        tx.execute(insert(ContactFieldValue), {"contact_id": contact_id, "contact_field_id": field_id, "value": value})


def _record_everywhere(tx: Tx, actor: Actor, contact_id: int) -> None:
    """One fact per conversation that is not resolved, so that every screen that shows the contact hears of it."""
    open_ones = select(Conversation.id).where(Conversation.contact_id == contact_id, Conversation.status != "resolved")
    for conversation_id in tx.execute(open_ones).scalars().all() or [None]:
        record(tx, actor, EventKind.CONTACT_CHANGED, contact_id=contact_id, conversation_id=conversation_id)


def _looks_like_email(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return bool(at and name and "." in host and " " not in text and len(text) <= 254)


def _fits(kind: str, value: str) -> bool:
    try:
        if kind == "number":
            float(value.replace(",", ".").replace(" ", ""))
        elif kind == "date":
            date.fromisoformat(value)
        elif kind == "link":
            return urlsplit(value).scheme in ("http", "https")
    except ValueError:
        return False
    return True
