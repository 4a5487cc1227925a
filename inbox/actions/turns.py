"""Keeping the clients' waits: the stored turn is a cache of rules/response_times.py over the timeline.

Each function applies one step of that rule to the open turn of a conversation, so that a report never has to read
the timeline. `inbox doctor --turns` recomputes from the messages and must find no difference.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from inbox.actions.roll_up import forget
from inbox.actions.sla import stop_response
from inbox.actions.turn_lengths import count_turn
from inbox.models import Channel, Conversation, Turn, TurnSegment
from inbox.queries.access import ConversationState
from inbox.rules.report_columns import WAITS
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_EXTEND = Lean(
    update(Turn)
    .where(
        Turn.conversation_id == bindparam("conversation"),
        Turn.closed_at.is_(None),
        Turn.last_client_at <= bindparam("moment"),
    )
    .values(last_message_id=bindparam("message"), last_client_at=bindparam("moment"))
)
_EARLIER = Lean(
    update(Turn)
    .where(
        Turn.conversation_id == bindparam("conversation"),
        Turn.closed_at.is_(None),
        Turn.opened_at > bindparam("moment"),
    )
    .values(first_message_id=bindparam("message"), opened_at=bindparam("moment"))
)
_TEAM = select(Channel.team_id).where(Channel.id == bindparam("of_channel")).scalar_subquery()
_OPEN = Lean(insert(Turn).values(team_id=_TEAM))
_START_SEGMENT = Lean(insert(TurnSegment))
_LAST_START = (
    select(func.max(TurnSegment.started_at)).where(TurnSegment.turn_id == Turn.id).correlate(Turn).scalar_subquery()
)
_FIND = Lean(
    select(
        Turn.id, Turn.opened_at, Turn.last_client_at, Turn.channel_id, Turn.agent_id, _LAST_START.label("held_since")
    ).where(Turn.conversation_id == bindparam("conversation"), Turn.closed_at.is_(None))
)
_END_SEGMENTS = Lean(
    update(TurnSegment)
    .where(TurnSegment.turn_id == bindparam("turn"), TurnSegment.ended_at.is_(None))
    .values(ended_at=bindparam("moment"))
)
_CLOSE = update(Turn).where(Turn.id == bindparam("turn"))
_BEGUN_BY_US = Lean(
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"), Conversation.turn_count == 0)
    .values(started_by_us=True)
)
_HOLD = Lean(update(Turn).where(Turn.id == bindparam("turn")).values(agent_id=bindparam("agent")))


def client_wrote(tx: Tx, conversation: ConversationState, message_id: int, at: datetime) -> int:
    """The client's message opens a turn, or is one more of the burst. `at` is the message's time on screen.

    Returns how many turns the conversation has now; the caller keeps it with what else changes there.
    """
    if conversation.waiting_since is not None:
        written = {"conversation": conversation.id, "message": message_id, "moment": at}
        if not _EXTEND.change(tx, written) and _EARLIER.change(tx, written):
            _begin_earlier(tx, conversation.id, at)
        return conversation.turn_count
    number = conversation.turn_count + 1
    turn_id = _OPEN.insert(
        tx,
        {
            "conversation_id": conversation.id,
            "number": number,
            "channel_id": conversation.channel_id,
            "of_channel": conversation.channel_id,
            "lead_source_id": conversation.lead_source_id,
            "agent_id": conversation.assignee_id,
            "started_by_us": conversation.started_by_us,
            "first_message_id": message_id,
            "last_message_id": message_id,
            "opened_at": at,
            "last_client_at": at,
        },
    )
    _START_SEGMENT.insert(tx, {"turn_id": turn_id, "agent_id": conversation.assignee_id, "started_at": at})
    return number


def hold(tx: Tx, conversation_id: int, agent_id: int | None, at: datetime) -> None:
    """Somebody else holds the client's wait from now on (None: nobody does)."""
    turn = _FIND.first(tx, {"conversation": conversation_id})
    if turn is None or turn.agent_id == agent_id:
        return
    moment = max(at, turn.held_since)
    _END_SEGMENTS.change(tx, {"turn": turn.id, "moment": moment})
    _START_SEGMENT.insert(tx, {"turn_id": turn.id, "agent_id": agent_id, "started_at": moment})
    _HOLD.change(tx, {"turn": turn.id, "agent": agent_id})


def close_turn(
    tx: Tx,
    conversation_id: int,
    outcome: str,
    at: datetime,
    *,
    answered_by_id: int | None = None,
    answer_message_id: int | None = None,
    dismiss_reason: str | None = None,
) -> bool:
    """End the open turn as answered, dismissed or unanswered; False when nobody waited."""
    turn = _FIND.first(tx, {"conversation": conversation_id})
    if turn is None:
        if outcome == "answered":
            # Whoever writes while the client has never done so began the dialog.
            _BEGUN_BY_US.change(tx, {"conversation": conversation_id})
        return False
    moment = max(at, turn.held_since)
    _END_SEGMENTS.change(tx, {"turn": turn.id, "moment": moment})
    tx.execute(
        _CLOSE.values(
            closed_at=moment,
            outcome=outcome,
            answered_by_id=answered_by_id,
            answer_message_id=answer_message_id,
            dismiss_reason=dismiss_reason,
            **count_turn(tx, turn.id, turn.channel_id, turn.last_client_at, moment),
        ),
        {"turn": turn.id},
    )
    tx.execute(update(Conversation).where(Conversation.id == conversation_id).values(waiting_since=None))
    stop_response(tx, conversation_id, outcome, moment)
    forget(tx, WAITS, [turn.opened_at])
    return True


def _begin_earlier(tx: Tx, conversation_id: int, at: datetime) -> None:
    """A message of the burst that we learnt of late was the first: the wait began with it."""
    turn = _FIND.first(tx, {"conversation": conversation_id})
    first = select(func.min(TurnSegment.id)).where(TurnSegment.turn_id == turn.id).scalar_subquery()
    tx.execute(update(TurnSegment).where(TurnSegment.id == first).values(started_at=at))
