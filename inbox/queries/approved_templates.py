"""Approved templates that a dialog's channel can send."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import ApprovedTemplate, Contact, Conversation
from inbox.queries.access import conversation_state
from inbox.rules.approved_templates import Gap, Piece, pieces
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class ApprovedOffer:
    """A template to choose: its parts in pieces, and a proposal for each gap ("" where only the agent knows)."""

    id: int
    name: str
    language: str
    category: str
    header: tuple[Piece, ...]
    body: tuple[Piece, ...]
    footer: str
    buttons: tuple[str, ...]
    gaps: tuple[tuple[Gap, str], ...]


def approved_offers(tx: Tx, actor: Actor, conversation_id: int, language: str = "") -> list[ApprovedOffer]:
    """What the channel of a dialog may send now; those in `language` first. Raises NotFound."""
    conversation = conversation_state(tx, actor, conversation_id)
    contact = select(Contact.name).join(Conversation, Conversation.contact_id == Contact.id)
    name = tx.execute(contact.where(Conversation.id == conversation_id)).scalar_one()
    rows = tx.execute(
        select(ApprovedTemplate.__table__).where(ApprovedTemplate.channel_id == conversation.channel_id)
    ).all()
    rows = sorted(rows, key=lambda row: (not row.language.startswith(language), row.name, row.language))
    return [
        ApprovedOffer(
            id=row.id,
            name=row.name,
            language=row.language,
            category=row.category,
            header=pieces("header", row.header),
            body=pieces("body", row.text),
            footer=row.footer,
            buttons=tuple(line for line in row.buttons.split("\n") if line),
            gaps=tuple(((place, gap), name if _asks_for_a_name(gap) else "") for place, gap in row.variables),
        )
        for row in rows
    ]


def _asks_for_a_name(gap: str) -> bool:
    return "name" in gap.lower()
