"""The numbers beside the views: how many clients wait, not how many messages are unread."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, case, func, literal_column, select

from inbox.models import Channel, Conversation, Mention, Message
from inbox.queries.access import visible_conversations
from inbox.rules.permissions import Actor, Permission, allows
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Counters:
    """Open conversations by view; the `_waiting` ones count clients without an answer.

    `troubled` counts channels that do not work as they should, for those who may look after them. `mentions` are the
    conversations in which a colleague named this agent and the agent has not been since.
    """

    waiting: int
    mine: int
    mine_waiting: int
    unassigned: int
    all: int
    snoozed: int
    troubled: int = 0
    mentions: tuple[int, ...] = ()


def counters(tx: Tx, actor: Actor) -> Counters:
    """All numbers of an agent in two index scans."""
    c = Conversation
    waits = case((c.waiting_since.is_not(None), 1), else_=0)
    mine = case((c.assignee_id == actor.agent_id, 1), else_=0)
    row = tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(waits), 0),
            func.coalesce(func.sum(mine), 0),
            func.coalesce(func.sum(waits * mine), 0),
            func.coalesce(func.sum(case((c.assignee_id.is_(None), 1), else_=0)), 0),
        ).where(c.status == literal_column("'open'"), visible_conversations(actor))
    ).one()
    snoozed = select(func.count()).where(c.status == literal_column("'snoozed'"), visible_conversations(actor))
    return Counters(
        waiting=row[1], mine=row[2], mine_waiting=row[3], unassigned=row[4], all=row[0],
        snoozed=tx.execute(snoozed).scalar_one(), troubled=_troubled(tx, actor),
        mentions=tuple(tx.execute(mentioned_in(actor)).scalars()),
    )  # fmt: skip


def mentioned_in(actor: Actor) -> Select[int]:
    """The ids of the conversations with a mention that this agent has not seen."""
    named = select(Mention.message_id).where(Mention.agent_id == actor.agent_id, Mention.seen_at.is_(None))
    return select(Message.conversation_id).where(Message.id.in_(named)).distinct().order_by(Message.conversation_id)


def _troubled(tx: Tx, actor: Actor) -> int:
    if not allows(actor, Permission.CHANNEL_READ):
        return 0
    bad = select(func.count()).where(Channel.removed_at.is_(None), Channel.state != "ok")
    return int(tx.execute(bad).scalar_one())
