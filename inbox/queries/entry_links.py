"""Links into channels: where they lead, and what they brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

import connectors
from inbox.models import Channel, Click, EntryLink
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Way:
    """A channel that can be linked into; `config` is still locked."""

    channel_id: int
    name: str
    kind: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link in the list: how often it was clicked, and how many people wrote after that."""

    id: int
    slug: str
    name: str
    source: str
    medium: str
    campaign: str
    content: str
    term: str
    created_at: datetime
    way: Way
    clicks: int
    people: int


_OWN = ("id", "slug", "name", "source", "medium", "campaign", "content", "term", "created_at")
_WAY: tuple[ColumnElement[Any], ...] = (Channel.id, Channel.name, Channel.kind, Channel.config)


def link_target(tx: Tx, slug: str) -> tuple[int, Way]:
    """The link of a slug, by its id, and where it leads; raises NotFound for a removed link or channel."""
    row = tx.execute(
        select(EntryLink.id, *_WAY)
        .join(Channel, Channel.id == EntryLink.channel_id)
        .where(EntryLink.slug == slug, EntryLink.removed_at.is_(None), Channel.removed_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], Way(*row[1:])


def ways(tx: Tx) -> list[Way]:
    """Every connected channel whose kind can be linked into."""
    kinds = [kind for kind in connectors.kinds() if connectors.find(kind).entry_url is not None]
    found = select(*_WAY).where(Channel.removed_at.is_(None), Channel.kind.in_(kinds)).order_by(Channel.id)
    return [Way(*row) for row in tx.execute(found)]


def link_list(tx: Tx, actor: Actor) -> list[LinkLine]:
    """All links in use, newest first."""
    require(actor, Permission.LINK_MANAGE)
    clicks = select(func.count()).where(Click.entry_link_id == EntryLink.id).scalar_subquery()
    people = (
        select(func.count(Click.contact_id.distinct())).where(Click.entry_link_id == EntryLink.id).scalar_subquery()
    )
    rows = tx.execute(
        select(
            *(getattr(EntryLink, name) for name in _OWN),
            *(column.label(f"way_{index}") for index, column in enumerate(_WAY)),
            clicks.label("clicks"),
            people.label("people"),
        )
        .join(Channel, Channel.id == EntryLink.channel_id)
        .where(EntryLink.removed_at.is_(None))
        .order_by(EntryLink.id.desc())
    )
    return [
        LinkLine(
            **{name: getattr(row, name) for name in _OWN},
            way=Way(*row[len(_OWN) : len(_OWN) + len(_WAY)]),
            clicks=row.clicks,
            people=row.people,
        )
        for row in rows
    ]


def link_slug(tx: Tx, actor: Actor, link_id: int) -> str:
    """The slug of a link in use; raises NotFound."""
    require(actor, Permission.LINK_MANAGE)
    found = select(EntryLink.slug).where(EntryLink.id == link_id, EntryLink.removed_at.is_(None))
    slug = tx.execute(found).scalar_one_or_none()
    if slug is None:
        raise NotFound
    return str(slug)
