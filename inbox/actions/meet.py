"""The contact behind an address, made on first sight and completed by what the platform says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from connectors.contract import Profile
from inbox.actions.events import record
from inbox.models import Address, Contact, ContactField, ContactFieldValue, Conversation
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import Status
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean
from inbox.runtime.phones import normalise_phone

# What the rest of this file needs to know of an address and its contact.
MET_COLUMNS = (
    Address.id.label("address_id"),
    Address.contact_id,
    Address.title,
    Address.thread_id,
    Address.stopped_at,
    Contact.name,
    Contact.phone,
    Contact.email,
    Contact.language,
    Contact.time_zone,
)
_MET = select(*MET_COLUMNS).join(Contact, Contact.id == Address.contact_id)
_FIND = Lean(_MET.where(Address.channel_id == bindparam("channel"), Address.external_id == bindparam("address")))
_BY_ID = Lean(_MET.where(Address.id == bindparam("address")))
_RENAME = Lean(update(Address).where(Address.id == bindparam("address")).values(title=bindparam("name")))
_CONTACT = Lean(insert(Contact))
_ADDRESS = Lean(insert(Address))
_TOLD = ("name", "phone", "email", "language", "time_zone")


def meet(tx: Tx, actor: Actor, channel_id: int, external_id: str, profile: Profile | None) -> tuple[int, int]:
    """The ids of the address and its contact. What an agent has already written in the card is never overwritten."""
    found = _FIND.first(tx, {"channel": channel_id, "address": external_id})
    if found is None:
        return make_contact(tx, channel_id, external_id, profile)
    fill_contact(tx, actor, found, profile)
    return found.address_id, found.contact_id


def make_contact(tx: Tx, channel_id: int, external_id: str, profile: Profile | None) -> tuple[int, int]:
    """A new contact behind a new address; returns the ids of the address and the contact."""
    told = {column: _told(profile, column) if profile else "" for column in _TOLD}
    contact_id = _CONTACT.insert(
        tx,
        {
            "created_at": tx.now,
            "changed_at": tx.now,
            "name": told.pop("name"),
            **{column: value or None for column, value in told.items()},
        },
    )
    address_id = _ADDRESS.insert(
        tx,
        {
            "channel_id": channel_id,
            "external_id": external_id,
            "contact_id": contact_id,
            "title": clean_name(profile.username) if profile else "",
            "created_at": tx.now,
            "profile_due_at": tx.now if profile is not None and profile.wanted else None,
        },
    )
    _keep_attributes(tx, contact_id, profile)
    return address_id, contact_id


def complete_contact(tx: Tx, actor: Actor, address_id: int, profile: Profile) -> None:
    """Fill what is still empty in the card; what an agent has already written there is never overwritten."""
    fill_contact(tx, actor, _BY_ID.first(tx, {"address": address_id}), profile)


def fill_contact(tx: Tx, actor: Actor, known: Any, profile: Profile | None) -> None:
    """Fill what is still empty in the card; `known` is a row of MET_COLUMNS."""
    if profile is None:
        return
    said = [column for column in _TOLD if getattr(profile, column) and not getattr(known, column)]
    missing = {column: told for column in said if (told := _told(profile, column))}
    if missing:
        tx.execute(update(Contact).where(Contact.id == known.contact_id).values(changed_at=tx.now, **missing))
    title = clean_name(profile.username)
    renamed = bool(title) and title != known.title
    if renamed:
        _RENAME.change(tx, {"address": known.address_id, "name": title})
    if _keep_attributes(tx, known.contact_id, profile) or missing or renamed:
        record(tx, actor, EventKind.CONTACT_CHANGED, contact_id=known.contact_id)


def keep_stopped(
    tx: Tx, actor: Actor, channel_id: int, address_id: int, contact_id: int, moment: datetime | None
) -> None:
    """Note that a person does not want our messages since a moment, or (None) wants them again."""
    tx.execute(update(Address).where(Address.id == address_id).values(stopped_at=moment))
    conversation = select(Conversation.id).where(
        Conversation.address_id == address_id, Conversation.status != Status.RESOLVED.value
    )
    record(
        tx,
        actor,
        EventKind.CONTACT_RETURNED if moment is None else EventKind.CONTACT_STOPPED,
        conversation_id=tx.execute(conversation).scalar_one_or_none(),
        contact_id=contact_id,
        channel_id=channel_id,
    )


def _told(profile: Profile, column: str) -> str:
    """What the platform says for this column of the contact, in our form; "" for nothing."""
    match column:
        case "name":
            return clean_name(profile.name)
        case "phone":
            return normalise_phone(profile.phone)
        case "email":
            return profile.email.strip().lower()[:254]
        case "language":
            return profile.language[:16]
    return profile.time_zone[:64]


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
