"""The only by-id getters: what this actor may see. Anything else is NotFound, so that ids cannot be probed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select, true

from inbox.models import Attachment, Contact, Conversation, Message
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class ConversationState:
    """The few columns every action on a conversation starts from."""

    id: int
    channel_id: int
    address_id: int
    contact_id: int
    status: str
    assignee_id: int | None
    waiting_since: datetime | None
    turn_count: int
    lead_source_id: int | None
    last_message_id: int | None
    started_by_us: bool = False


STATE_COLUMNS = (
    Conversation.id,
    Conversation.channel_id,
    Conversation.address_id,
    Conversation.contact_id,
    Conversation.status,
    Conversation.assignee_id,
    Conversation.waiting_since,
    Conversation.turn_count,
    Conversation.lead_source_id,
    Conversation.last_message_id,
    Conversation.started_by_us,
)
_STATE = select(*STATE_COLUMNS).where(Conversation.id == bindparam("id"))


def visible_conversations(actor: Actor) -> ColumnElement[bool]:
    """The condition under which this actor may see a conversation. Every list and every getter applies it.

    All staff see all conversations for now; limiting an agent to their own is a change of this one function.
    """
    require(actor, Permission.CONVERSATION_READ)
    return true()


def conversation_state(tx: Tx, actor: Actor, conversation_id: int) -> ConversationState:
    """One conversation; raises NotFound when it does not exist or may not be seen."""
    row = tx.execute(_STATE.where(visible_conversations(actor)), {"id": conversation_id}).one_or_none()
    if row is None:
        raise NotFound
    return ConversationState(*row)


def contact_id(tx: Tx, actor: Actor, wanted: int) -> int:
    """The id of a contact this actor may see; raises NotFound."""
    require(actor, Permission.CONTACT_READ)
    found = tx.execute(select(Contact.id).where(Contact.id == wanted)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return int(found)


def contact_picture(tx: Tx, actor: Actor, wanted: int) -> str:
    """Where the bytes of a contact's picture are; raises NotFound when there is none."""
    key = tx.execute(select(Contact.picture_key).where(Contact.id == contact_id(tx, actor, wanted))).scalar_one()
    if key is None:
        raise NotFound
    return str(key)


def message_conversation(tx: Tx, actor: Actor, message_id: int) -> tuple[int, ConversationState]:
    """A message's id and its conversation; raises NotFound."""
    found = tx.execute(select(Message.conversation_id).where(Message.id == message_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return message_id, conversation_state(tx, actor, found)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where the bytes of an attachment are and how to serve them."""

    name: str
    mime: str
    size: int
    blob_key: str


def attachment_file(tx: Tx, token: str) -> StoredFile:
    """A file by its unguessable token, which is the permission; raises NotFound while there are no bytes."""
    row = tx.execute(
        select(Attachment.name, Attachment.mime, Attachment.size, Attachment.blob_key).where(
            Attachment.token == token, Attachment.state == "ready"
        )
    ).one_or_none()
    if row is None or row.blob_key is None:
        raise NotFound
    return StoredFile(row.name, row.mime, row.size or 0, row.blob_key)
