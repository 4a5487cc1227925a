"""The head of a dialog and what its composer may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

import connectors
from connectors.contract import Capabilities
from inbox.models import Address, Agent, Channel, Company, Contact, Conversation, Message
from inbox.queries.access import visible_conversations
from inbox.queries.letters import AnswerEnvelope, answer_envelope
from inbox.queries.sla_facts import ClockState, running_clocks
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor
from inbox.rules.sla import RESPONSES
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Deadline:
    """A target that has not ended: what for, until when (None: its clock stands), of how many seconds."""

    of: str
    due_at: datetime | None
    target_seconds: int


@dataclass(frozen=True, slots=True)
class Header:
    """Who writes from where, how long they wait, who answers; and for the composer: limits and obstacles.

    `answer` is what an answer by letter is about, None where no letters are written.
    """

    id: int
    contact_id: int
    contact_name: str
    contact_picture: str | None
    channel_kind: str
    channel_title: str
    channel_name: str
    status: str
    assignee_id: int | None
    assignee_name: str | None
    waiting_since: datetime | None
    waiting_seconds: int
    target_seconds: int
    snoozed_until: datetime | None
    newest_message_id: int
    client_seen_message_id: int
    capabilities: Capabilities
    approved_templates: bool
    stopped: bool
    channel_removed: bool
    reply_until: datetime | None
    window_over: bool
    deadlines: tuple[Deadline, ...]
    answer: AnswerEnvelope | None

    @property
    def writable(self) -> bool:
        """Whether an answer could reach the client."""
        return not (self.stopped or self.channel_removed or self.window_over)


_NEWEST = (
    select(func.max(Message.id))
    .where(Message.conversation_id == Conversation.id)
    .correlate(Conversation)
    .scalar_subquery()
)
_HEADS = (
    select(
        Conversation.__table__,
        Contact.name.label("contact_name"),
        Contact.picture_key,
        Channel.kind,
        Channel.name.label("channel_name"),
        Channel.removed_at,
        Channel.first_response_target_seconds,
        Channel.next_response_target_seconds,
        Company.first_response_target_seconds.label("company_first"),
        Company.next_response_target_seconds.label("company_next"),
        Agent.name.label("assignee_name"),
        Address.stopped_at,
        Address.reply_until,
        _NEWEST.label("newest"),
    )
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Channel, Channel.id == Conversation.channel_id)
    .join(Address, Address.id == Conversation.address_id)
    .join(Company, Company.id == 1)
    .outerjoin(Agent, Agent.id == Conversation.assignee_id)
)


def conversation_header(tx: Tx, actor: Actor, conversation_id: int) -> Header:
    """The head of one dialog; raises NotFound."""
    statement = _HEADS.where(Conversation.id == conversation_id, visible_conversations(actor))
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    declared = connectors.find(row.kind)
    first = row.turn_count <= 1
    own = row.first_response_target_seconds if first else row.next_response_target_seconds
    waiting = row.waiting_since
    clocks = sorted(running_clocks(tx, conversation_id), key=_nearness)
    return Header(
        id=row.id,
        contact_id=row.contact_id,
        contact_name=row.contact_name,
        contact_picture=row.picture_key,
        channel_kind=row.kind,
        channel_title=declared.title,
        channel_name=row.channel_name,
        status=row.status,
        assignee_id=row.assignee_id,
        assignee_name=row.assignee_name,
        waiting_since=waiting,
        waiting_seconds=0 if waiting is None else int((tx.now - waiting).total_seconds()),
        target_seconds=_target(clocks) or own or (row.company_first if first else row.company_next),
        snoozed_until=row.snoozed_until,
        newest_message_id=row.newest or 0,
        client_seen_message_id=row.client_seen_message_id or 0,
        capabilities=declared.capabilities,
        approved_templates=declared.approved_templates is not None,
        stopped=row.stopped_at is not None,
        channel_removed=row.removed_at is not None,
        reply_until=row.reply_until,
        deadlines=tuple(Deadline(clock.kind.value, clock.due_at, clock.clock.target_seconds) for clock in clocks),
        window_over=row.reply_until is not None and row.reply_until <= tx.now,
        answer=answer_envelope(tx, row.id) if declared.capabilities.letters else None,
    )


def _nearness(clock: ClockState) -> tuple[bool, datetime]:
    """The nearest deadline first, standing clocks last."""
    return clock.due_at is None, clock.due_at or clock.started_at


def _target(clocks: Sequence[ClockState]) -> int | None:
    """The target of the present wait."""
    return next((clock.clock.target_seconds for clock in clocks if clock.kind in RESPONSES), None)
