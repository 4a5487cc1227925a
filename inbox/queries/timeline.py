"""The dialog: messages with everything a bubble draws, waits between question and answer, earlier dialogs above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from inbox.models import Agent, Channel, Conversation, Delivery, Message, Turn
from inbox.models.base import aliased
from inbox.queries.access import visible_conversations
from inbox.queries.message_details import Details, Envelope, File, ShownCard, message_abilities, message_details
from inbox.queries.targets import TURN_TARGET
from inbox.rules.buttons import ReplyButton, read_buttons
from inbox.rules.lifecycle import MessageKind
from inbox.rules.mentions import mention_spans
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

PAGE = 60

_Target = aliased(Message)
_TargetAgent = aliased(Agent)


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that a message answers."""

    client_id: str
    author: str | None
    text: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """How long the client waited for this answer, and within what it should have come."""

    seconds: int
    target_seconds: int


@dataclass(frozen=True, slots=True)
class Item:
    """One message, ready to draw, the same for every viewer.

    `mentions` are the places of the text that name a colleague; `first`/`last` group bubbles of one author;
    `new_day` starts a day.
    """

    id: int
    conversation_id: int
    client_id: str
    kind: str
    agent_id: int | None
    author: str | None
    native: bool
    text: str
    activity: dict[str, Any] | None
    at: datetime
    edited: bool
    deleted: bool
    unsupported: str | None
    channel_kind: str
    files: tuple[File, ...]
    quote: Quote | None
    delivery_id: int | None
    delivery_state: str | None
    delivery_error: str | None
    wait: Wait | None
    cards: tuple[ShownCard, ...] = ()
    envelope: Envelope | None = None
    buttons: tuple[ReplyButton, ...] = ()
    forwarded_from: str = ""
    picked: str = ""
    client_reaction: str = ""
    our_reaction: str = ""
    problem: str | None = None
    abilities: str = ""
    mentions: tuple[tuple[int, int], ...] = ()
    first: bool = True
    last: bool = True
    new_day: bool = False

    @property
    def direction(self) -> str:
        """Which side and colour: in, out, bot, note or act."""
        if self.kind == MessageKind.INCOMING:
            return "in"
        if self.kind == MessageKind.OUTGOING:
            return "out" if self.agent_id is not None or self.native else "bot"
        return "note" if self.kind == MessageKind.NOTE else "act"


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of the contact's messages, oldest first; `before` continues upwards (None: this is the beginning)."""

    conversation_id: int
    items: tuple[Item, ...]
    before: int | None


_ITEMS = (
    select(
        Message.id,
        Message.conversation_id,
        Message.client_id,
        Message.kind,
        Message.agent_id,
        Agent.name.label("author"),
        Message.native,
        Message.text,
        Message.activity,
        Message.at,
        Message.edited_at,
        Message.deleted_at,
        Message.unsupported,
        Message.native_author,
        Message.buttons,
        Message.forwarded_from,
        Message.quote.label("picked"),
        Message.client_reaction,
        Message.our_reaction,
        Channel.kind.label("channel_kind"),
        Delivery.id.label("delivery_id"),
        Delivery.state.label("delivery_state"),
        Delivery.error.label("delivery_error"),
        _Target.client_id.label("quote_client_id"),
        _Target.text.label("quote_text"),
        _Target.deleted_at.label("quote_deleted_at"),
        _TargetAgent.name.label("quote_author"),
        Turn.clock_seconds.label("wait_seconds"),
        TURN_TARGET.label("wait_target"),
    )
    .join(Channel, Channel.id == Message.channel_id)
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .outerjoin(Delivery, Delivery.message_id == Message.id)
    .outerjoin(_Target, _Target.id == Message.reply_to_id)
    .outerjoin(_TargetAgent, _TargetAgent.id == _Target.agent_id)
    .outerjoin(Turn, (Turn.conversation_id == Message.conversation_id) & (Turn.answer_message_id == Message.id))
)


def timeline(tx: Tx, actor: Actor, conversation_id: int, time_zone: Any, before: int | None = None) -> Timeline:
    """The newest messages of a conversation's contact, this dialog and the earlier ones above it in one scroll.

    `before` is a message id to continue upwards from; `time_zone` (tzinfo) decides where days begin.
    """
    contact = select(Conversation.contact_id).where(Conversation.id == conversation_id).scalar_subquery()
    seen = (
        select(Conversation.id)
        .where(Conversation.contact_id == contact, Conversation.id <= conversation_id, visible_conversations(actor))
        .order_by(Conversation.id.desc())
        .limit(200)
    )
    statement = _ITEMS.where(Message.conversation_id.in_(list(tx.execute(seen).scalars())))
    # The message below the stretch and the one above it only tell how the outermost ones are grouped.
    if before is not None:
        statement = statement.where(Message.id <= before)
    items = _items(tx, statement.order_by(Message.id.desc()).limit(PAGE + 2))
    below = 1 if items and items[0].id == before else 0
    items = items[: below + PAGE + 1]
    more = len(items) > below + PAGE
    shown = group(items[::-1], time_zone)[1 if more else 0 : len(items) - below]
    return Timeline(conversation_id, shown, shown[0].id if more else None)


def timeline_around(
    tx: Tx, actor: Actor, message_id: int, time_zone: Any, shown_in: int | None = None
) -> tuple[Item, ...]:
    """A message with its neighbours as they stand in the dialog: a new message changes the grouping of the last one.

    `shown_in` is the dialog whose page is drawn, when the message is in an earlier one of the same contact. Empty
    when the message is not there or may not be seen.
    """
    found = tx.execute(
        select(Message.conversation_id, Conversation.contact_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == message_id, visible_conversations(actor))
    ).one_or_none()
    if found is None:
        return ()
    same = select(Conversation.id).where(
        Conversation.contact_id == found.contact_id,
        Conversation.id <= (shown_in or found.conversation_id),
        visible_conversations(actor),
    )
    around = _ITEMS.where(Message.conversation_id.in_(same))
    # Two above and two below: the outermost ones only tell how their neighbours are grouped.
    upper = _items(tx, around.where(Message.id <= message_id).order_by(Message.id.desc()).limit(3))[::-1]
    lower = _items(tx, around.where(Message.id > message_id).order_by(Message.id).limit(2))
    grouped = group([*upper, *lower], time_zone)
    start = max(0, len(upper) - 2)
    return grouped[start : len(upper) + min(1, len(lower))]


def group(items: Sequence[Item], time_zone: Any) -> tuple[Item, ...]:
    """Mark where days begin and which neighbours are bubbles of one author."""
    result = []
    for index, item in enumerate(items):
        above = items[index - 1] if index else None
        below = items[index + 1] if index + 1 < len(items) else None
        new_day = above is None or _day(above, time_zone) != _day(item, time_zone)
        joins_above = above is not None and not new_day and _joined(above, item) and item.wait is None
        joins_below = (
            below is not None
            and _day(below, time_zone) == _day(item, time_zone)
            and _joined(item, below)
            and below.wait is None
        )
        result.append(replace(item, first=not joins_above, last=not joins_below, new_day=new_day))
    return tuple(result)


def _day(item: Item, time_zone: Any) -> Any:
    return item.at.astimezone(time_zone).date()


def _joined(upper: Item, lower: Item) -> bool:
    return (
        upper.direction == lower.direction
        and upper.agent_id == lower.agent_id
        and upper.conversation_id == lower.conversation_id
    )


def _items(tx: Tx, statement: Select[Any]) -> list[Item]:
    rows = tx.execute(statement).all()
    details = message_details(tx, [row.id for row in rows])
    items = [_item(row, details[row.id]) for row in rows]
    if not any(_may_mention(item) for item in items):
        return items
    names = list(tx.execute(select(Agent.name)).scalars())
    return [replace(item, mentions=mention_spans(item.text, names)) if _may_mention(item) else item for item in items]


def _may_mention(item: Item) -> bool:
    return item.kind == MessageKind.NOTE and "@" in item.text


def _item(row: Any, details: Details) -> Item:
    quote = None
    if row.quote_client_id is not None:
        hidden = row.quote_deleted_at is not None
        quote = Quote(row.quote_client_id, row.quote_author, "" if hidden else row.quote_text[:200], hidden)
    gone = row.deleted_at is not None
    return Item(
        id=row.id,
        conversation_id=row.conversation_id,
        client_id=row.client_id,
        kind=row.kind,
        agent_id=row.agent_id,
        author=row.author or row.native_author or None,
        native=row.native,
        text="" if gone else row.text,
        activity=row.activity,
        at=row.at,
        edited=row.edited_at is not None,
        deleted=gone,
        unsupported=row.unsupported,
        channel_kind=row.channel_kind,
        files=() if gone else details.files,
        quote=quote,
        delivery_id=row.delivery_id,
        delivery_state=row.delivery_state,
        delivery_error=row.delivery_error,
        wait=None if row.wait_seconds is None else Wait(row.wait_seconds, row.wait_target),
        cards=() if gone else details.cards,
        envelope=details.envelope,
        buttons=() if gone or not row.buttons else read_buttons(row.buttons),
        forwarded_from=row.forwarded_from,
        picked=row.picked,
        client_reaction=row.client_reaction,
        our_reaction=row.our_reaction,
        problem=details.problem,
        abilities="" if gone else message_abilities(row.kind, row.channel_kind, row.delivery_state),
    )
