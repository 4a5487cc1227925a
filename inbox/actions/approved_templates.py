"""Templates that a platform has approved: the list as the platform keeps it, and one made into an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from connectors.contract import ApprovedTemplate as Listed
from inbox.models import ApprovedTemplate
from inbox.queries.access import ConversationState
from inbox.rules.approved_templates import Gap, fill
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

MOST_TEMPLATES = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """An approved template that an agent has chosen, and what they wrote into its gaps."""

    approved_template_id: int
    written: Mapping[Gap, str]


def keep_approved_templates(tx: Tx, actor: Actor, channel_id: int, listed: Sequence[Listed]) -> None:
    """Make the stored list what the platform lists now. Ids stay, so that an open form goes on to work."""
    known = {
        (row.name, row.language): row
        for row in tx.execute(select(ApprovedTemplate.__table__).where(ApprovedTemplate.channel_id == channel_id))
    }
    # Of a template that is listed twice the last one counts.
    told = {(template.name, template.language): template for template in listed[:MOST_TEMPLATES]}
    for template in told.values():
        values: dict[str, Any] = {
            "category": template.category,
            "header": template.header,
            "text": template.text,
            "footer": template.footer,
            "buttons": "\n".join(template.buttons),
            "variables": [[gap.place, gap.name] for gap in template.variables],
            "external_id": template.external_id,
        }
        row = known.pop((template.name, template.language), None)
        if row is None:
            name = {"channel_id": channel_id, "name": template.name, "language": template.language}
            tx.execute(insert(ApprovedTemplate), {**name, **values, "listed_at": tx.now})
        elif any(getattr(row, column) != value for column, value in values.items()):
            changed = update(ApprovedTemplate).where(ApprovedTemplate.id == row.id)
            tx.execute(changed.values(**values, listed_at=tx.now))
    gone = [row.id for row in known.values()]
    if gone:
        tx.execute(delete(ApprovedTemplate).where(ApprovedTemplate.id.in_(gone)))


def approved_words(tx: Tx, conversation: ConversationState, choice: Choice) -> tuple[str, dict[str, Any]]:
    """What the client will read, and what the message keeps of the template.

    Raises NotFound for a template of another channel or one that is gone, Invalid with every gap left empty.
    """
    row = tx.execute(
        select(ApprovedTemplate.__table__).where(
            ApprovedTemplate.id == choice.approved_template_id, ApprovedTemplate.channel_id == conversation.channel_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound(N_("The platform does not list this template any more. Choose another one."))
    gaps = [(place, name) for place, name in row.variables]
    filled = fill({"header": row.header, "body": row.text, "footer": row.footer}, gaps, choice.written)
    if filled.missing:
        raise Invalid({f"{place}.{name}": N_("Write something here.") for place, name in filled.missing})
    values = [list(value) for value in filled.values]
    return filled.text, {
        "name": row.name,
        "language": row.language,
        "values": values,
        "external_id": row.external_id,
    }
