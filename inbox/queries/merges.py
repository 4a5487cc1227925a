"""Who may be the same person as a client, with the evidence; and who was put together already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from inbox.models import Address, Agent, Channel, Contact, ContactMerge, Conversation, Distinction
from inbox.rules.errors import NotFound
from inbox.rules.identity import Evidence, Known, common_evidence
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

# More than a few with one phone are a switchboard, not a person.
MOST_OFFERS = 3
MOST_MERGES = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where the other one was seen, and when last."""

    channel_kind: str
    channel_name: str
    title: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class MergeOffer:
    """A client who may be the same person."""

    contact_id: int
    name: str
    evidence: tuple[Evidence, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class DoneMerge:
    """A merge that can be undone: who became a part of this client, with what that card had said of them."""

    id: int
    contact_id: int
    name: str
    phone: str | None
    email: str | None
    note: str
    reason: str
    agent_name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Whether a client is one person."""

    offers: tuple[MergeOffer, ...]
    merges: tuple[DoneMerge, ...]


def contact_identity(tx: Tx, actor: Actor, contact_id: int) -> Identity:
    """Who may be the same person, and who was put together with them."""
    return Identity(merge_offers(tx, actor, contact_id), done_merges(tx, contact_id))


def known_contact(tx: Tx, actor: Actor, contact_id: int) -> Known:
    """What is known of a client; raises NotFound for one that is not there or is a part of another."""
    require(actor, Permission.CONTACT_READ)
    row = tx.execute(
        select(Contact.id, Contact.created_at, Contact.phone, Contact.email).where(
            Contact.id == contact_id, Contact.merged_into_id.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    addresses = tx.execute(select(Address.external_id, Address.verified).where(Address.contact_id == contact_id)).all()
    names = tuple(address.external_id for address in addresses)
    signed = any(address.verified for address in addresses)
    return Known(row.id, row.created_at, row.phone, row.email, names, signed)


def whole_of(tx: Tx, contact_id: int) -> int:
    """The client whom a client is a part of by now; itself when it is none."""
    while True:
        into = tx.execute(select(Contact.merged_into_id).where(Contact.id == contact_id)).scalar_one_or_none()
        if into is None:
            return contact_id
        contact_id = into


def _parts_of(tx: Tx, contact_id: int) -> list[int]:
    """The client and everybody who became a part of it, also by way of another."""
    found, fresh = [contact_id], [contact_id]
    while fresh:
        fresh = list(tx.execute(select(Contact.id).where(Contact.merged_into_id.in_(fresh))).scalars())
        found += fresh
    return found


def merge_offers(tx: Tx, actor: Actor, contact_id: int) -> tuple[MergeOffer, ...]:
    """Clients who share a phone or a proved e-mail with this one, and whom nobody has told apart."""
    try:
        known = known_contact(tx, actor, contact_id)
    except NotFound:
        return ()
    shared = [
        column == value for column, value in ((Contact.phone, known.phone), (Contact.email, known.email)) if value
    ]
    if not shared:
        return ()
    apart = or_(
        and_(Distinction.first_id == contact_id, Distinction.second_id == Contact.id),
        and_(Distinction.second_id == contact_id, Distinction.first_id == Contact.id),
    )
    others = (
        select(Contact.id, Contact.name)
        .where(or_(*shared), Contact.id != contact_id, Contact.merged_into_id.is_(None))
        .where(~select(Distinction.first_id).where(apart).exists())
        .order_by(Contact.id.desc())
        .limit(MOST_OFFERS)
    )
    found = []
    for other_id, name in tx.execute(others).all():
        evidence = common_evidence(known, known_contact(tx, actor, other_id))
        if evidence:
            found.append(MergeOffer(other_id, name, evidence, _places(tx, other_id)))
    return tuple(found)


def done_merges(tx: Tx, contact_id: int) -> tuple[DoneMerge, ...]:
    """The merges of a client that can be undone, newest first."""
    merge = ContactMerge
    statement = (
        select(
            merge.id,
            merge.left_id,
            Contact.name,
            Contact.phone,
            Contact.email,
            Contact.note,
            merge.reason,
            Agent.name.label("agent"),
            merge.at,
        )
        .join(Contact, Contact.id == merge.left_id)
        .outerjoin(Agent, Agent.id == merge.agent_id)
        .where(merge.kept_id.in_(_parts_of(tx, contact_id)), merge.undone_at.is_(None))
        .order_by(merge.id.desc())
        .limit(MOST_MERGES)
    )
    return tuple(DoneMerge(*row) for row in tx.execute(statement))


def _places(tx: Tx, contact_id: int) -> tuple[Place, ...]:
    wrote = (
        select(func.max(Conversation.last_message_at))
        .where(Conversation.address_id == Address.id)
        .correlate(Address)
        .scalar_subquery()
    )
    statement = (
        select(Channel.kind, Channel.name, Address.title, func.coalesce(wrote, Address.created_at))
        .join(Channel, Channel.id == Address.channel_id)
        .where(Address.contact_id == contact_id)
        .order_by(Address.id.desc())
        .limit(MOST_OFFERS)
    )
    return tuple(Place(*row) for row in tx.execute(statement))
