"""Which messages quote another: its words stand in their bubbles too."""

from __future__ import annotations

from sqlalchemy import select

from inbox.models import Conversation, Message
from inbox.models.base import aliased
from inbox.queries.access import visible_conversations
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# A message that more than so many quote is drawn anew by the next reload.
MOST = 20

_Quoted = aliased(Message)
_Its = aliased(Conversation)


def quoting_messages(tx: Tx, actor: Actor, message_id: int) -> list[int]:
    """The ids of the client's messages and ours that answer this one, the newest first."""
    contact = (
        select(_Its.contact_id)
        .join(_Quoted, _Quoted.conversation_id == _Its.id)
        .where(_Quoted.id == message_id)
        .scalar_subquery()
    )
    dialogs = select(Conversation.id).where(Conversation.contact_id == contact, visible_conversations(actor))
    found = select(Message.id).where(Message.conversation_id.in_(dialogs), Message.reply_to_id == message_id)
    return list(tx.execute(found.order_by(Message.id.desc()).limit(MOST)).scalars())
