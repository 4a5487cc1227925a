"""The list of clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from inbox.models import Contact, Conversation, LeadSource, Touch
from inbox.queries.contact_card import CardField, card_fields
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

PAGE = 50


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A line of the list."""

    id: int
    name: str
    phone: str | None
    email: str | None
    created_at: datetime
    source_label: str | None
    conversation_id: int | None


@dataclass(frozen=True, slots=True)
class ContactPage:
    """A page of clients, newest first; `before` continues it."""

    lines: tuple[ContactLine, ...]
    before: int | None


def contact_list(tx: Tx, actor: Actor, before: int | None = None, prefix: str = "") -> ContactPage:
    """Clients by age, newest first, or those whose phone or e-mail begins so."""
    require(actor, Permission.CONTACT_READ)
    newest = (
        select(func.max(Conversation.id))
        .where(Conversation.contact_id == Contact.id)
        .correlate(Contact)
        .scalar_subquery()
    )
    statement = (
        select(Contact.id, Contact.name, Contact.phone, Contact.email, Contact.created_at, LeadSource.label, newest)
        .outerjoin(Touch, Touch.id == Contact.first_touch_id)
        .outerjoin(LeadSource, LeadSource.id == Touch.lead_source_id)
        .where(Contact.merged_into_id.is_(None))
        .order_by(Contact.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        statement = statement.where(Contact.id < before)
    if prefix:
        statement = statement.where(or_(Contact.phone.startswith(prefix), Contact.email.startswith(prefix.lower())))
    lines = [ContactLine(*row) for row in tx.execute(statement)]
    return ContactPage(tuple(lines[:PAGE]), lines[PAGE - 1].id if len(lines) > PAGE else None)


@dataclass(frozen=True, slots=True)
class ContactForm:
    """What the form of a card starts with."""

    contact_id: int
    conversation_id: int | None
    name: str
    phone: str
    email: str
    note: str
    fields: tuple[CardField, ...]


def contact_form(tx: Tx, actor: Actor, contact_id: int, conversation_id: int | None) -> ContactForm:
    """The values of one card; raises NotFound."""
    require(actor, Permission.CONTACT_EDIT)
    row = tx.execute(
        select(Contact.name, Contact.phone, Contact.email, Contact.note).where(Contact.id == contact_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return ContactForm(
        contact_id, conversation_id, row.name, row.phone or "", row.email or "", row.note, card_fields(tx, contact_id)
    )
