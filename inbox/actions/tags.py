"""Keeping the company's tags. Putting one on a dialog is in inbox/actions/tag.py."""

from __future__ import annotations

import re

from sqlalchemy import delete, insert, select, update

from inbox.actions.events import new_id, record
from inbox.actions.roll_up import forget_all
from inbox.models import Tag
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.report_columns import TAG_COLUMNS
from inbox.rules.search_text import normalise
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def add_tag(tx: Tx, actor: Actor, name: str, colour: str) -> int:
    """Add a tag that no dialog has yet; returns its id. Raises Invalid."""
    require(actor, Permission.TAG_MANAGE)
    values = _checked(tx, None, name, colour)
    tag_id = new_id(tx.execute(insert(Tag), values))
    record(tx, actor, EventKind.TAG_ADDED, details={"tag_id": tag_id, "name": values["name"]})
    return tag_id


def change_tag(tx: Tx, actor: Actor, tag_id: int, name: str, colour: str) -> None:
    """Rename and colour a tag; raises Invalid and NotFound."""
    require(actor, Permission.TAG_MANAGE)
    values = _checked(tx, tag_id, name, colour)
    if not tx.execute(update(Tag).where(Tag.id == tag_id).values(values)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.TAG_CHANGED, details={"tag_id": tag_id, "name": values["name"]})


def remove_tag(tx: Tx, actor: Actor, tag_id: int) -> None:
    """Delete a tag and take it off every conversation."""
    require(actor, Permission.TAG_MANAGE)
    if not tx.execute(delete(Tag).where(Tag.id == tag_id)).rowcount:
        raise NotFound
    forget_all(tx, TAG_COLUMNS)
    record(tx, actor, EventKind.TAG_REMOVED, details={"tag_id": tag_id})


def _checked(tx: Tx, tag_id: int | None, name: str, colour: str) -> dict[str, str]:
    title, shade = clean_name(name, 40), colour.lower()
    if not title:
        raise Invalid({"name": N_("Write the name of the tag.")})
    if not _COLOUR.fullmatch(shade):
        raise Invalid({"colour": N_("Choose a colour.")})
    taken = select(Tag.id).where(Tag.name_key == normalise(title), Tag.id != (tag_id or 0))
    if tx.execute(taken).first() is not None:
        raise Invalid({"name": N_("Another tag has this name already.")})
    return {"name": title, "name_key": normalise(title), "colour": shade}
