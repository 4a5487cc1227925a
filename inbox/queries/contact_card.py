"""The client's card: addresses, source, tags, own fields, waits, earlier dialogs, and why this person answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from inbox.models import (
    Address,
    Agent,
    Channel,
    Contact,
    ContactField,
    ContactFieldValue,
    Conversation,
    ConversationTag,
    LeadSource,
    Tag,
    Touch,
    Turn,
    Visitor,
)
from inbox.queries.access import conversation_state, visible_conversations
from inbox.queries.assignment_reason import Why, last_decision
from inbox.queries.merges import Identity, contact_identity
from inbox.queries.queue_rows import TagChip
from inbox.queries.targets import TURN_TARGET
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

RECENT = 10


@dataclass(frozen=True, slots=True)
class CardAddress:
    """An address of the contact; `replies_here` marks where this dialog's answers go."""

    channel_kind: str
    channel_name: str
    title: str
    replies_here: bool
    stopped: bool
    verified: bool
    page_url: str | None
    page_title: str | None
    online: bool
    last_at: datetime


@dataclass(frozen=True, slots=True)
class CardTouch:
    """One arrival: when and from where."""

    at: datetime
    kind: str
    label: str
    source: str
    medium: str
    campaign: str
    content: str
    term: str
    ad_id: str
    click_id_kind: str | None
    click_id: str | None
    metrica_client_id: str | None
    landing_url: str | None
    page_url: str | None
    referrer: str | None
    confidence: str


@dataclass(frozen=True, slots=True)
class CardField:
    """An own field of the company with this contact's value."""

    id: int
    key: str
    label: str
    kind: str
    choices: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class CardTurn:
    """A wait of this dialog; `outcome` is None while the client waits."""

    opened_at: datetime
    outcome: str | None
    seconds: int
    target_seconds: int


@dataclass(frozen=True, slots=True)
class EarlierDialog:
    """Another conversation of the same contact."""

    id: int
    opened_at: datetime
    status: str
    channel_kind: str
    channel_name: str
    assignee_name: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the card draws."""

    conversation_id: int
    contact_id: int
    name: str
    phone: str | None
    email: str | None
    note: str
    consent_at: datetime | None
    created_at: datetime
    addresses: tuple[CardAddress, ...]
    first_touch: CardTouch | None
    last_touch: CardTouch | None
    touch_count: int
    tags: tuple[TagChip, ...]
    fields: tuple[CardField, ...]
    turns: tuple[CardTurn, ...]
    earlier: tuple[EarlierDialog, ...]
    why: Why | None
    verdict: str | None
    verdict_reason: str | None
    rating: int | None
    rating_comment: str | None
    priority: str
    identity: Identity


def contact_card(tx: Tx, actor: Actor, conversation_id: int) -> Card:
    """The card beside a dialog; raises NotFound."""
    state = conversation_state(tx, actor, conversation_id)
    contact = tx.execute(select(Contact.__table__).where(Contact.id == state.contact_id)).one()
    touches = _touches(tx, state.contact_id)
    return Card(
        conversation_id=conversation_id,
        contact_id=contact.id,
        name=contact.name,
        phone=contact.phone,
        email=contact.email,
        note=contact.note,
        consent_at=contact.consent_at,
        created_at=contact.created_at,
        identity=contact_identity(tx, actor, state.contact_id),
        addresses=_addresses(tx, state.contact_id, state.address_id),
        first_touch=touches[0] if touches else None,
        last_touch=touches[-1] if touches else None,
        touch_count=len(touches),
        tags=conversation_tags(tx, conversation_id),
        fields=card_fields(tx, state.contact_id),
        turns=_turns(tx, conversation_id),
        earlier=_earlier(tx, actor, state.contact_id, conversation_id),
        why=last_decision(tx, conversation_id),
        **_outcome(tx, conversation_id),
    )


def _outcome(tx: Tx, conversation_id: int) -> dict[str, Any]:
    c = Conversation
    columns = select(c.priority, c.verdict, c.verdict_reason, c.rating, c.rating_comment)
    return dict(tx.execute(columns.where(c.id == conversation_id)).one()._mapping)


def conversation_tags(tx: Tx, conversation_id: int) -> tuple[TagChip, ...]:
    """The tags of a conversation by name."""
    statement = select(Tag.id, Tag.name).join(ConversationTag, ConversationTag.tag_id == Tag.id)
    rows = tx.execute(statement.where(ConversationTag.conversation_id == conversation_id).order_by(Tag.name_key))
    return tuple(TagChip(*row) for row in rows)


def card_fields(tx: Tx, contact_id: int) -> tuple[CardField, ...]:
    """All own fields in order, with what this contact has in them."""
    field, value = ContactField, ContactFieldValue
    statement = (
        select(field.id, field.key, field.label, field.kind, field.choices, value.value)
        .outerjoin(value, (value.contact_field_id == field.id) & (value.contact_id == contact_id))
        .order_by(field.position, field.id)
    )
    return tuple(
        CardField(row.id, row.key, row.label, row.kind, tuple(row.choices.splitlines()), row.value or "")
        for row in tx.execute(statement)
    )


def _addresses(tx: Tx, contact_id: int, reply_address_id: int) -> tuple[CardAddress, ...]:
    statement = (
        select(
            Address.id,
            Channel.kind,
            Channel.name,
            Address.title,
            Address.stopped_at,
            Address.verified,
            Address.created_at,
            Address.last_seen_at,
            Visitor.page_url,
            Visitor.page_title,
            Visitor.online_until,
        )
        .join(Channel, Channel.id == Address.channel_id)
        .outerjoin(Visitor, Visitor.address_id == Address.id)
        .where(Address.contact_id == contact_id)
        .order_by(Address.id != reply_address_id, Address.id.desc())
        .limit(20)
    )
    return tuple(
        CardAddress(
            channel_kind=row.kind,
            channel_name=row.name,
            title=row.title,
            replies_here=row.id == reply_address_id,
            stopped=row.stopped_at is not None,
            verified=row.verified,
            page_url=row.page_url,
            page_title=row.page_title,
            online=row.online_until is not None and row.online_until > tx.now,
            last_at=row.last_seen_at or row.created_at,
        )
        for row in tx.execute(statement)
    )


def _touches(tx: Tx, contact_id: int) -> list[CardTouch]:
    statement = (
        select(
            Touch.at,
            LeadSource.kind,
            LeadSource.label,
            LeadSource.source,
            LeadSource.medium,
            LeadSource.campaign,
            LeadSource.content,
            LeadSource.term,
            LeadSource.ad_id,
            Touch.click_id_kind,
            Touch.click_id,
            Touch.metrica_client_id,
            Touch.landing_url,
            Touch.page_url,
            Touch.referrer,
            Touch.confidence,
        )
        .join(LeadSource, LeadSource.id == Touch.lead_source_id)
        .where(Touch.contact_id == contact_id)
        .order_by(Touch.id)
    )
    return [CardTouch(*row) for row in tx.execute(statement)]


def _turns(tx: Tx, conversation_id: int) -> tuple[CardTurn, ...]:
    statement = (
        select(Turn.opened_at, Turn.outcome, Turn.clock_seconds, TURN_TARGET)
        .join(Conversation, Conversation.id == Turn.conversation_id)
        .join(Channel, Channel.id == Conversation.channel_id)
        .where(Turn.conversation_id == conversation_id)
        .order_by(Turn.number.desc())
        .limit(RECENT)
    )
    return tuple(
        CardTurn(
            opened_at,
            outcome,
            seconds if seconds is not None else int((tx.now - opened_at).total_seconds()),
            target,
        )
        for opened_at, outcome, seconds, target in tx.execute(statement)
    )


def _earlier(tx: Tx, actor: Actor, contact_id: int, conversation_id: int) -> tuple[EarlierDialog, ...]:
    statement = (
        select(
            Conversation.id,
            Conversation.opened_at,
            Conversation.status,
            Channel.kind,
            Channel.name,
            Agent.name,
        )
        .join(Channel, Channel.id == Conversation.channel_id)
        .outerjoin(Agent, Agent.id == Conversation.assignee_id)
        .where(
            Conversation.contact_id == contact_id,
            Conversation.id != conversation_id,
            visible_conversations(actor),
        )
        .order_by(Conversation.id.desc())
        .limit(RECENT)
    )
    return tuple(EarlierDialog(*row) for row in tx.execute(statement))
