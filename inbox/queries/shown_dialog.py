"""The dialog that a tab shows: whose it is, and which conversations its page is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import Conversation
from inbox.queries.access import conversation_state, visible_conversations
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# The timeline reads as many conversations of one contact.
MOST = 200


@dataclass(frozen=True, slots=True)
class ShownDialog:
    """An open dialog with the other conversations of its contact: the page shows their messages and states too."""

    conversation_id: int
    contact_id: int
    conversation_ids: frozenset[int]

    def concerns(self, conversation_id: int | None, contact_id: int | None) -> bool:
        """Whether a fact about this conversation or contact may change the page."""
        return conversation_id in self.conversation_ids or (contact_id is not None and contact_id == self.contact_id)


def shown_dialog(tx: Tx, actor: Actor, conversation_id: int) -> ShownDialog:
    """The dialog as this actor may see it; raises NotFound."""
    state = conversation_state(tx, actor, conversation_id)
    others = (
        select(Conversation.id)
        .where(Conversation.contact_id == state.contact_id, visible_conversations(actor))
        .order_by(Conversation.id.desc())
        .limit(MOST)
    )
    ids = frozenset(tx.execute(others).scalars())
    return ShownDialog(conversation_id, state.contact_id, ids | {conversation_id})
