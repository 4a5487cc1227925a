"""Keeping what happens to dialogs (begun, resolved, opened again) for the reports: a row every time."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from inbox.actions.roll_up import forget, forget_ending
from inbox.models import Channel, ConversationMoment
from inbox.queries.access import ConversationState
from inbox.rules.lifecycle import MomentKind
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_TEAM = select(Channel.team_id).where(Channel.id == bindparam("of_channel")).scalar_subquery()
_KEEP = Lean(insert(ConversationMoment).values(team_id=_TEAM))
_FREE = (
    ConversationMoment.conversation_id == bindparam("conversation"),
    ConversationMoment.agent_id.is_(None),
    ConversationMoment.kind != MomentKind.RESOLVED.value,
)
_FIND_FREE = Lean(select(ConversationMoment.id, ConversationMoment.kind, ConversationMoment.at).where(*_FREE))
_CREDIT = Lean(
    update(ConversationMoment).where(ConversationMoment.id == bindparam("moment")).values(agent_id=bindparam("agent"))
)


def keep_moment(tx: Tx, conversation: ConversationState, kind: MomentKind, agent_id: int | None) -> None:
    """It happens now, to a dialog of this channel and source, in the hands of this agent (None: nobody's)."""
    _KEEP.insert(
        tx,
        {
            "conversation_id": conversation.id,
            "kind": kind.value,
            "at": tx.now,
            "channel_id": conversation.channel_id,
            "of_channel": conversation.channel_id,
            "lead_source_id": conversation.lead_source_id,
            "agent_id": agent_id,
        },
    )
    if kind is not MomentKind.NEW:
        forget_ending(tx, conversation.id)


def credit_moments(tx: Tx, conversation_id: int, agent_id: int) -> None:
    """Nobody held the dialog when it began or was opened again: that counts for the first who gets it."""
    found = _FIND_FREE.first(tx, {"conversation": conversation_id})
    while found is not None:
        _CREDIT.change(tx, {"moment": found.id, "agent": agent_id})
        forget(tx, [found.kind], [found.at])
        found = _FIND_FREE.first(tx, {"conversation": conversation_id})
