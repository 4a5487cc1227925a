"""Keeping where a contact came from: a touch is appended, first and last are pointed to, nothing is overwritten."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import bindparam, func, insert, select, update

from connectors.contract import Referral
from inbox.actions.entry_links import referral_of_token
from inbox.actions.events import record
from inbox.actions.sla_clocks import moving_clocks
from inbox.models import Contact, Conversation, LeadSource, Touch
from inbox.queries.access import ConversationState
from inbox.rules import attribution
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

# A person who came by an advertisement and writes within this time wrote because of it.
ARRIVAL_LIFE = timedelta(days=7)

_WAITING_TOUCH = (
    select(Touch.id, Touch.lead_source_id)
    .where(Touch.contact_id == bindparam("contact"), Touch.conversation_id.is_(None), Touch.at > bindparam("since"))
    .order_by(Touch.id.desc())
    .limit(1)
)
_COLUMNS = ("kind", "source", "medium", "campaign", "content", "term", "ad_id")
_SOURCE = Lean(select(LeadSource.id).where(*(getattr(LeadSource, name) == bindparam(name) for name in _COLUMNS)))
_NEW_SOURCE = Lean(insert(LeadSource))
_TOUCH = Lean(insert(Touch))
_POINT = Lean(
    update(Contact)
    .where(Contact.id == bindparam("contact"))
    .values(
        last_touch_id=bindparam("touch"),
        first_touch_id=func.coalesce(Contact.first_touch_id, bindparam("touch")),
    )
)
_ATTRIBUTE = Lean(
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"), Conversation.touch_id.is_(None))
    .values(touch_id=bindparam("touch"), lead_source_id=bindparam("source"))
)


def touch(tx: Tx, contact_id: int, conversation_id: int | None, referral: Referral) -> int | None:
    """Store one arrival; returns the id of its lead source, or None when the referral says nothing.

    The conversation keeps its first touch, the contact its first and its last one.
    """
    if referral.token:
        known = referral_of_token(tx, referral.token, contact_id)
        referral = replace(known, source=known.source or referral.source)
    seen = attribution.touch_from_referral(referral)
    if seen is None:
        return None
    lead_source_id = lead_source(tx, seen.lead_source)
    touch_id = _TOUCH.insert(
        tx,
        {
            "contact_id": contact_id,
            "conversation_id": conversation_id,
            "lead_source_id": lead_source_id,
            "at": tx.now,
            "confidence": seen.confidence.value,
            "click_id_kind": seen.click_id_kind or None,
            "click_id": seen.click_id or None,
            "metrica_client_id": seen.metrica_client_id or None,
            "landing_url": seen.landing_url or None,
            "page_url": seen.page_url or None,
            "referrer": seen.referrer or None,
        },
    )
    _POINT.change(tx, {"contact": contact_id, "touch": touch_id})
    if conversation_id is not None:
        _ATTRIBUTE.change(tx, {"conversation": conversation_id, "touch": touch_id, "source": lead_source_id})
    return lead_source_id


def adopt_touch(tx: Tx, contact_id: int, conversation_id: int) -> int | None:
    """Give a new conversation the arrival that came before its first word; returns the lead source, or None."""
    arrival = tx.execute(_WAITING_TOUCH, {"contact": contact_id, "since": tx.now - ARRIVAL_LIFE}).one_or_none()
    if arrival is None:
        return None
    tx.execute(update(Touch).where(Touch.id == arrival.id).values(conversation_id=conversation_id))
    came = {"touch_id": arrival.id, "lead_source_id": arrival.lead_source_id}
    tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(came))
    return int(arrival.lead_source_id)


def attribute(tx: Tx, conversation: ConversationState, referral: Referral | None) -> ConversationState:
    """The conversation with the source that brought a message of its client, or that they came by before."""
    fresh = conversation.last_message_id is None
    if referral is not None:
        # A new dialog has no clocks yet that could move.
        with nullcontext() if fresh else moving_clocks(tx, conversation.id):
            source_id = touch(tx, conversation.contact_id, conversation.id, referral)
        return replace(conversation, lead_source_id=conversation.lead_source_id or source_id)
    if fresh:
        return replace(conversation, lead_source_id=adopt_touch(tx, conversation.contact_id, conversation.id))
    return conversation


def lead_source(tx: Tx, source: attribution.LeadSource) -> int:
    """The id of this source, made when it is new."""
    values = {name: getattr(source, name) for name in _COLUMNS}
    values["kind"] = source.kind.value
    found = _SOURCE.scalar(tx, values)
    if found is not None:
        return int(found)
    known = select(LeadSource.id).where(LeadSource.source == values["source"]).limit(1)
    if values["source"] and tx.execute(known).first() is None:
        # The queue can be narrowed by one more name.
        record(tx, Actor.system(), EventKind.SOURCE_ADDED, details={"source": values["source"]})
    return _NEW_SOURCE.insert(tx, {**values, "label": attribution.label(source)})
