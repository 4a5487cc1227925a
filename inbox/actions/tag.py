"""Tags on conversations."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from inbox.actions.activity import record_activity
from inbox.actions.events import new_id, record
from inbox.actions.roll_up import forget_tags
from inbox.actions.sla_clocks import moving_clocks
from inbox.models import ConversationTag, Tag
from inbox.queries.access import conversation_state
from inbox.rules.errors import Invalid
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.search_text import normalise
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

MAX_NAME = 40
# Calm colours that read on both themes; a new tag takes the next one.
COLOURS = ("#2f7d4f", "#c2410c", "#0f8a8a", "#7c5cd6", "#a3477f", "#2d57cc", "#8a6d00", "#6b7280")


def tag_by_name(tx: Tx, actor: Actor, conversation_id: int, name: str) -> int:
    """Put a tag on a conversation, made when nobody has used its name yet; returns the tag's id."""
    require(actor, Permission.CONVERSATION_TAG)
    conversation = conversation_state(tx, actor, conversation_id)
    tag_id, title = _find_or_add(tx, actor, name)
    row = {"conversation_id": conversation_id, "tag_id": tag_id}
    known = select(ConversationTag.tag_id).where(
        ConversationTag.conversation_id == conversation_id, ConversationTag.tag_id == tag_id
    )
    if tx.execute(known).scalar_one_or_none() is None:
        with moving_clocks(tx, conversation_id):
            tx.execute(insert(ConversationTag), row)
        forget_tags(tx, conversation_id)
        record_activity(tx, actor, EventKind.CONVERSATION_TAGGED, conversation, tag=title)
    return tag_id


def untag(tx: Tx, actor: Actor, conversation_id: int, tag_id: int) -> None:
    """Take a tag off; a tag that is not there is already off."""
    require(actor, Permission.CONVERSATION_TAG)
    conversation = conversation_state(tx, actor, conversation_id)
    title = tx.execute(select(Tag.name).where(Tag.id == tag_id)).scalar_one_or_none()
    gone = delete(ConversationTag).where(
        ConversationTag.conversation_id == conversation_id, ConversationTag.tag_id == tag_id
    )
    with moving_clocks(tx, conversation_id):
        taken = tx.execute(gone).rowcount
    if taken:
        forget_tags(tx, conversation_id)
        record_activity(tx, actor, EventKind.CONVERSATION_UNTAGGED, conversation, tag=title)


def _find_or_add(tx: Tx, actor: Actor, name: str) -> tuple[int, str]:
    title = clean_name(name, MAX_NAME)
    if not title:
        raise Invalid({"add": N_("Write the name of the tag.")})
    key = normalise(title)
    found = tx.execute(select(Tag.id, Tag.name).where(Tag.name_key == key)).one_or_none()
    if found is not None:
        return found.id, found.name
    count = len(tx.execute(select(Tag.id)).all())
    values = {"name": title, "name_key": key, "colour": COLOURS[count % len(COLOURS)]}
    tag_id = new_id(tx.execute(insert(Tag), values))
    record(tx, actor, EventKind.TAG_ADDED, details={"tag_id": tag_id, "name": title})
    return tag_id, title
