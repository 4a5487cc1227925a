"""Keeping links into channels, and the ledger of their clicks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import insert, select, update

import connectors
from connectors.contract import Referral
from inbox.actions.events import new_id, record
from inbox.models import Channel, Click, EntryLink
from inbox.rules.attribution import MAX_VALUE, Touch
from inbox.rules.entry_links import is_slug, slug_of
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

MARKS = ("source", "medium", "campaign", "content", "term")


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """What the link builder's form gives."""

    name: str
    slug: str
    channel_id: int
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""


def add_link(tx: Tx, actor: Actor, draft: LinkDraft) -> int:
    """Make a link; returns its id. Raises Invalid with every mistake."""
    require(actor, Permission.LINK_MANAGE)
    name = clean_name(draft.name, 80)
    slug = draft.slug.strip().lower() or slug_of(name) or secrets.token_hex(4)
    errors = {}
    if not name:
        errors["name"] = N_("Write a name.")
    if not is_slug(slug):
        errors["slug"] = N_("Small Latin letters, digits and hyphens only.")
    elif tx.execute(select(EntryLink.id).where(EntryLink.slug == slug)).first() is not None:
        errors["slug"] = N_("Another link has this ending already.")
    channel = select(Channel.kind).where(Channel.id == draft.channel_id, Channel.removed_at.is_(None))
    kind = tx.execute(channel).scalar_one_or_none()
    if kind is None or connectors.find(kind).entry_url is None:
        errors["channel_id"] = N_("Choose the channel that the link opens.")
    if errors:
        raise Invalid(errors)
    marks = {mark: clean_name(getattr(draft, mark), MAX_VALUE) for mark in MARKS}
    marks["campaign"] = marks["campaign"] or name
    values = {"slug": slug, "name": name, "channel_id": draft.channel_id, "created_at": tx.now, **marks}
    link_id = new_id(tx.execute(insert(EntryLink), {**values, "created_by_id": actor.agent_id}))
    record(tx, actor, EventKind.LINK_ADDED, channel_id=draft.channel_id, details={"link_id": link_id, "slug": slug})
    return link_id


def remove_link(tx: Tx, actor: Actor, link_id: int) -> None:
    """Take a link out of use: it leads nowhere, its clicks stay in the ledger. Raises NotFound."""
    require(actor, Permission.LINK_MANAGE)
    alive = update(EntryLink).where(EntryLink.id == link_id, EntryLink.removed_at.is_(None))
    if not tx.execute(alive.values(removed_at=tx.now)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.LINK_REMOVED, details={"link_id": link_id})


def note_click(
    tx: Tx,
    actor: Actor,
    channel_id: int,
    arrival: Touch,
    *,
    link_id: int | None = None,
    address_id: int | None = None,
) -> str:
    """Write a click into the ledger; returns the token that travels through the platform.

    `arrival` is what the browser told; a link's own marks complete it and never give way to an empty value.
    """
    seen = arrival.lead_source
    marks = {mark: getattr(seen, mark) for mark in MARKS}
    if link_id is not None:
        own = tx.execute(select(*(getattr(EntryLink, mark) for mark in MARKS)).where(EntryLink.id == link_id)).one()
        marks = {mark: getattr(own, mark) or marks[mark] for mark in MARKS}
    token = secrets.token_urlsafe(12)
    tx.execute(
        insert(Click),
        {
            "token": token,
            "entry_link_id": link_id,
            "channel_id": channel_id,
            "address_id": address_id,
            "at": tx.now,
            **marks,
            "click_id_kind": arrival.click_id_kind,
            "click_id": arrival.click_id,
            "metrica_client_id": arrival.metrica_client_id,
            "landing_url": arrival.landing_url,
            "page_url": arrival.page_url,
            "referrer": arrival.referrer,
        },
    )
    return token


def referral_of_token(tx: Tx, token: str, contact_id: int) -> Referral:
    """What the ledger knows of a start parameter: a click, a link named outright, or nothing but its own text."""
    click = tx.execute(select(Click.__table__).where(Click.token == token)).mappings().one_or_none()
    if click is not None:
        tx.execute(update(Click).where(Click.id == click["id"]).values(used_at=tx.now, contact_id=contact_id))
        names = (*MARKS, "click_id_kind", "click_id", "metrica_client_id", "landing_url", "page_url", "referrer")
        return Referral(kind="", confidence="exact", **{name: click[name] for name in names})
    columns = [getattr(EntryLink, mark) for mark in MARKS]
    link = tx.execute(select(*columns).where(EntryLink.slug == token.lower())).mappings().one_or_none()
    if link is not None:
        return Referral(kind="", confidence="exact", **dict(link))
    return Referral(kind="deep_link", content=token[:MAX_VALUE], confidence="guessed")
