"""Saying what a dialog turned out to be: a target lead or not, and why."""

from __future__ import annotations

from sqlalchemy import select, update

from inbox.actions.events import record
from inbox.actions.roll_up import forget
from inbox.models import Conversation, Turn
from inbox.queries.access import conversation_state
from inbox.rules.errors import Invalid
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.report_columns import WAITS
from inbox.rules.texts import N_
from inbox.rules.verdicts import Verdict
from inbox.runtime.database import Tx

MOST_REASON = 200


def judge(tx: Tx, actor: Actor, conversation_id: int, verdict: str | None, reason: str = "") -> None:
    """Set the verdict of a dialog; None takes it back. Raises Invalid for another word."""
    require(actor, Permission.CONVERSATION_RESOLVE)
    if verdict is not None and verdict not in set(Verdict):
        raise Invalid({"verdict": N_("Choose what the dialog turned out to be.")})
    state = conversation_state(tx, actor, conversation_id)
    words = (reason.strip()[:MOST_REASON] or None) if verdict else None
    values = {"verdict": verdict, "verdict_reason": words}
    tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(**values))
    began = select(Turn.opened_at).where(Turn.conversation_id == conversation_id)
    forget(tx, WAITS, tx.execute(began).scalars(), ("verdict",))
    tx.execute(update(Turn).where(Turn.conversation_id == conversation_id).values(verdict=verdict))
    record(
        tx,
        actor,
        EventKind.CONVERSATION_JUDGED,
        conversation_id=conversation_id,
        contact_id=state.contact_id,
        details={"verdict": verdict},
    )
