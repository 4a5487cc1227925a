"""What a visitor sees of their dialog: messages, ticks, who answers, whether anybody is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, or_, select

from inbox.models import Address, Agent, Attachment, Contact, Conversation, Delivery, Message, Visitor
from inbox.queries.candidates import PRESENCE_SECONDS
from inbox.queries.hours import channel_hours
from inbox.rules.business_hours import is_open, next_open
from inbox.rules.lifecycle import MessageKind, Status
from inbox.runtime.database import Tx
from widget.identity import Person
from widget.protocol import ShownFile, ShownMessage, State

PAGE = 40
# A visitor scrolls through their latest dialogs; nobody has more of them open in a year.
MAX_DIALOGS = 50
_PUBLIC = (MessageKind.INCOMING.value, MessageKind.OUTGOING.value)


@dataclass(frozen=True, slots=True)
class Known:
    """A visitor who is in the database."""

    address_id: int
    contact_id: int
    address: str
    verified: bool
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Whether anybody is behind the chat now. `opens_at` is in milliseconds."""

    online: bool
    open: bool
    opens_at: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One visitor's dialog at one moment. `conversation_id` is the newest one."""

    messages: tuple[ShownMessage, ...] = ()
    more: bool = False
    state: State = field(default_factory=State)
    conversation_id: int | None = None


def find_visitor(tx: Tx, channel_id: int, person: Person) -> Known | None:
    """The address behind a token or a signed id; None when they never wrote."""
    columns = (Address.id, Address.contact_id, Address.external_id, Address.verified)
    if person.token_hash is None:
        by_name = select(*columns).where(Address.channel_id == channel_id, Address.external_id == person.address)
        row = tx.execute(by_name).one_or_none()
        return None if row is None else Known(row.id, row.contact_id, row.external_id, row.verified)
    by_token = (
        select(*columns, Visitor.expires_at)
        .join(Visitor, Visitor.address_id == Address.id)
        .where(Visitor.token_hash == person.token_hash, Address.channel_id == channel_id)
    )
    row = tx.execute(by_token).one_or_none()
    if row is None:
        return None
    return Known(row.id, row.contact_id, row.external_id, row.verified, row.expires_at <= tx.now)


def desk(tx: Tx, channel_id: int) -> Desk:
    """Whether an agent is at the screen and whether these are working hours."""
    seen = tx.now - timedelta(seconds=PRESENCE_SECONDS)
    present = select(Agent.id).where(
        Agent.last_seen_at >= seen, Agent.status == "available", Agent.deactivated_at.is_(None)
    )
    online = tx.execute(present.limit(1)).first() is not None
    hours = channel_hours(tx, channel_id)
    if hours is None or is_open(hours, tx.now):
        return Desk(online, True, None)
    opens = next_open(hours, tx.now, horizon_days=30)
    return Desk(online, False, None if opens is None else int(opens.timestamp() * 1000))


def snapshot(tx: Tx, channel_id: int, address_id: int | None, since: int = 0) -> Snapshot:
    """The newest messages beyond `since` (and what changed among them), and how the dialog stands."""
    here = desk(tx, channel_id)
    if address_id is None:
        return Snapshot(state=State(online=here.online, open=here.open, opens_at=here.opens_at))
    dialogs = _dialogs(tx, address_id)
    messages = _messages(tx, dialogs, limit=PAGE + 1)
    more = len(messages) > PAGE
    messages = messages[-PAGE:]
    unseen = tuple(item for item in messages if item.id > since or item.edited or item.deleted)
    state = _state(tx, dialogs, here)
    return Snapshot(unseen, more, state, dialogs[0] if dialogs else None)


def state_of(tx: Tx, channel_id: int, address_id: int) -> State:
    """Only how the dialog stands."""
    return _state(tx, _dialogs(tx, address_id), desk(tx, channel_id))


def earlier(tx: Tx, address_id: int, before: int) -> tuple[tuple[ShownMessage, ...], bool]:
    """A page of messages older than this id, oldest first, and whether there are more."""
    messages = _messages(tx, _dialogs(tx, address_id), limit=PAGE + 1, before=before)
    return messages[-PAGE:], len(messages) > PAGE


def changed(tx: Tx, address_id: int, since: int, touched: Sequence[int]) -> tuple[ShownMessage, ...]:
    """New messages, and those of these ids that were edited, deleted or got their file."""
    return _messages(tx, _dialogs(tx, address_id), limit=200, since=since, touched=touched)


def _dialogs(tx: Tx, address_id: int) -> list[int]:
    # A dialog that went on in a messenger is still theirs.
    thread = select(Address.thread_id).where(Address.id == address_id).scalar_subquery()
    shared = select(Address.id).where(Address.thread_id == thread)
    own = select(Conversation.id).where(or_(Conversation.address_id == address_id, Conversation.address_id.in_(shared)))
    return list(tx.execute(own.order_by(Conversation.id.desc()).limit(MAX_DIALOGS)).scalars())


_SHOWN = (
    select(
        Message.id,
        Message.client_id,
        Message.kind,
        Message.text,
        Message.at,
        Message.reply_to_id,
        Message.edited_at,
        Message.deleted_at,
        Agent.name,
    )
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .where(Message.kind.in_(_PUBLIC))
)


def _messages(
    tx: Tx,
    dialogs: list[int],
    *,
    limit: int,
    before: int | None = None,
    since: int | None = None,
    touched: Sequence[int] = (),
) -> tuple[ShownMessage, ...]:
    if not dialogs:
        return ()
    statement = _SHOWN.where(Message.conversation_id.in_(dialogs)).order_by(Message.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Message.id < before)
    if since is not None:
        statement = statement.where(or_(Message.id > since, Message.id.in_(touched)))
    rows = tx.execute(statement).all()[::-1]
    files = _files(tx, [row.id for row in rows])
    return tuple(
        ShownMessage(
            id=row.id,
            client_id=row.client_id,
            own=row.kind == MessageKind.INCOMING.value,
            text="" if row.deleted_at else row.text,
            at=int(row.at.timestamp() * 1000),
            author=row.name,
            files=() if row.deleted_at else tuple(files.get(row.id, ())),
            reply_to=row.reply_to_id,
            edited=row.edited_at is not None,
            deleted=row.deleted_at is not None,
        )
        for row in rows
    )


def _files(tx: Tx, message_ids: list[int]) -> dict[int, list[ShownFile]]:
    found: dict[int, list[ShownFile]] = {}
    if not message_ids:
        return found
    file = Attachment
    wanted = select(
        file.message_id, file.token, file.name, file.kind, file.size, file.width, file.height, file.state
    ).where(file.message_id.in_(message_ids))
    for row in tx.execute(wanted.order_by(file.id)):
        shown = ShownFile(f"/files/{row.token}", row.name, row.kind, row.size, row.width, row.height, row.state)
        found.setdefault(row.message_id, []).append(shown)
    return found


def _state(tx: Tx, dialogs: list[int], here: Desk) -> State:
    if not dialogs:
        return State(online=here.online, open=here.open, opens_at=here.opens_at)
    head = tx.execute(
        select(
            Conversation.status,
            Conversation.client_seen_message_id,
            Agent.name,
            func.coalesce(Contact.phone, Contact.email).label("reach"),
        )
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(Agent, Agent.id == Conversation.assignee_id)
        .where(Conversation.id == dialogs[0])
    ).one()
    read = max(head.client_seen_message_id or 0, _answered(tx, dialogs))
    return State(
        status="resolved" if head.status == Status.RESOLVED.value else "open",
        delivered=max(read, _on_a_screen(tx, dialogs)),
        read=read,
        seen=_seen(tx, dialogs),
        agent=head.name,
        online=here.online,
        open=here.open,
        opens_at=here.opens_at,
        reach=bool(head.reach),
    )


def _answered(tx: Tx, dialogs: list[int]) -> int:
    """The newest answer of a person: whoever answers has read what stands above."""
    answer = select(func.max(Message.id)).where(
        Message.conversation_id.in_(dialogs[:2]),
        Message.kind == MessageKind.OUTGOING.value,
        Message.agent_id.is_not(None),
    )
    return tx.execute(answer).scalar_one() or 0


def _on_a_screen(tx: Tx, dialogs: list[int]) -> int:
    """The newest message that was stored while, or before, an agent's screen was live: the queue shows it there."""
    last = tx.execute(select(func.max(Agent.last_seen_at)).where(Agent.deactivated_at.is_(None))).scalar_one()
    if last is None:
        return 0
    shown = select(func.max(Message.id)).where(
        Message.conversation_id.in_(dialogs[:2]),
        Message.kind == MessageKind.INCOMING.value,
        Message.created_at <= last + timedelta(seconds=PRESENCE_SECONDS),
    )
    return tx.execute(shown).scalar_one() or 0


def _seen(tx: Tx, dialogs: list[int]) -> int:
    newest = (
        select(func.max(Message.id))
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Message.conversation_id.in_(dialogs[:2]), Delivery.read_at.is_not(None))
    )
    return tx.execute(newest).scalar_one() or 0
