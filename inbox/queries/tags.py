"""Tags."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from inbox.models import ConversationTag, Tag
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class TagLine:
    """A tag with how many conversations have it."""

    id: int
    name: str
    colour: str
    used: int


def tag_list(tx: Tx, actor: Actor) -> list[TagLine]:
    """All tags by name."""
    used = select(func.count()).where(ConversationTag.tag_id == Tag.id).correlate(Tag).scalar_subquery()
    return [TagLine(*row) for row in tx.execute(select(Tag.id, Tag.name, Tag.colour, used).order_by(Tag.name_key))]


def tag_colours(tx: Tx) -> list[tuple[int, str]]:
    """(id, #rrggbb) of every tag."""
    return [(row.id, row.colour) for row in tx.execute(select(Tag.id, Tag.colour))]
