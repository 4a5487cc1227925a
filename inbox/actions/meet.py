"""The contact behind an address, made on first sight and completed by what the platform says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from connectors.contract import Profile
from inbox.actions.events import new_id, record
from inbox.models import Address, Contact, ContactField, ContactFieldValue
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.phones import normalise_phone

_FIND = select(Address.id, Address.contact_id).where(
    Address.channel_id == bindparam("channel"), Address.external_id == bindparam("address")
)
_KNOWN = select(Contact.name, Contact.phone, Contact.email, Contact.language, Contact.time_zone).where(
    Contact.id == bindparam("contact")
)


def meet(tx: Tx, actor: Actor, channel_id: int, external_id: str, profile: Profile | None) -> tuple[int, int]:
    """The ids of the address and its contact. What an agent has already written in the card is never overwritten."""
    told = _told(profile)
    found = tx.execute(_FIND, {"channel": channel_id, "address": external_id}).one_or_none()
    if found is None:
        contact_id = new_id(tx.execute(insert(Contact), {"created_at": tx.now, "changed_at": tx.now, **told}))
        address = {
            "channel_id": channel_id,
            "external_id": external_id,
            "contact_id": contact_id,
            "title": clean_name(profile.username) if profile else "",
            "created_at": tx.now,
            "profile_due_at": tx.now if profile is not None and profile.wanted else None,
        }
        address_id = new_id(tx.execute(insert(Address), address))
        _keep_attributes(tx, contact_id, profile)
        return address_id, contact_id
    if profile is not None:
        complete_contact(tx, actor, found.contact_id, found.id, profile)
    return found.id, found.contact_id


def complete_contact(tx: Tx, actor: Actor, contact_id: int, address_id: int, profile: Profile) -> None:
    """Fill what is still empty in the card; what an agent has already written there is never overwritten."""
    known = tx.execute(_KNOWN, {"contact": contact_id}).one()
    missing = {column: value for column, value in _told(profile).items() if not getattr(known, column)}
    if missing:
        tx.execute(update(Contact).where(Contact.id == contact_id).values(changed_at=tx.now, **missing))
    if _keep_attributes(tx, contact_id, profile) or missing:
        record(tx, actor, EventKind.CONTACT_CHANGED, contact_id=contact_id)
    if profile.username:
        named = update(Address).where(Address.id == address_id, Address.title != clean_name(profile.username))
        tx.execute(named.values(title=clean_name(profile.username)))


def _told(profile: Profile | None) -> dict[str, Any]:
    if profile is None:
        return {}
    values = {
        "name": clean_name(profile.name),
        "phone": normalise_phone(profile.phone),
        "email": profile.email.strip().lower()[:254],
        "language": profile.language[:16],
        "time_zone": profile.time_zone[:64],
    }
    return {column: value for column, value in values.items() if value}


def _keep_attributes(tx: Tx, contact_id: int, profile: Profile | None) -> bool:
    """Fill the company's own fields that the platform named and that are still empty; whether there were any."""
    kept = False
    if profile is None or not profile.attributes:
        return kept
    fields = tx.execute(select(ContactField.id, ContactField.key).where(ContactField.key.in_(list(profile.attributes))))
    for field_id, key in fields.all():
        value = clean_name(profile.attributes[key])
        known = select(ContactFieldValue.value).where(
            ContactFieldValue.contact_id == contact_id, ContactFieldValue.contact_field_id == field_id
        )
        if value and tx.execute(known).scalar_one_or_none() is None:
            row = {"contact_id": contact_id, "contact_field_id": field_id, "value": value}
            tx.execute(insert(ContactFieldValue), row)
            kept = True
    return kept
