"""What a visitor sees of their dialog: its messages, page by page and as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, exists, or_, select

from inbox.models import Address, Agent, Attachment, Conversation, Message, Visitor
from inbox.rules.lifecycle import MessageKind
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean
from widget.identity import Person
from widget.protocol import ShownFile, ShownMessage, State
from widget.standing import staff, state_of

PAGE = 40
# Messages told at once to an open chat.
MOST_NEWS = 200
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
class Snapshot:
    """One visitor's dialog at one moment. `conversation_id` is the newest one."""

    messages: tuple[ShownMessage, ...] = ()
    more: bool = False
    state: State = field(default_factory=State)
    conversation_id: int | None = None


_PERSON = (Address.id, Address.contact_id, Address.external_id, Address.verified)
_BY_NAME = Lean(
    select(*_PERSON).where(Address.channel_id == bindparam("channel"), Address.external_id == bindparam("address"))
)
_BY_TOKEN = Lean(
    select(*_PERSON, Visitor.expires_at)
    .join(Visitor, Visitor.address_id == Address.id)
    .where(Visitor.token_hash == bindparam("token"), Address.channel_id == bindparam("channel"))
)


def find_visitor(tx: Tx, channel_id: int, person: Person) -> Known | None:
    """The address behind a token or a signed id; None when they never wrote."""
    if person.token_hash is None:
        row = _BY_NAME.first(tx, {"channel": channel_id, "address": person.address})
        return None if row is None else Known(row.id, row.contact_id, row.external_id, row.verified)
    row = _BY_TOKEN.first(tx, {"channel": channel_id, "token": person.token_hash})
    if row is None:
        return None
    return Known(row.id, row.contact_id, row.external_id, row.verified, row.expires_at <= tx.now)


def snapshot(tx: Tx, channel_id: int, address_id: int | None, since: int = 0) -> Snapshot:
    """The newest messages beyond `since` (and what changed among them), and how the dialog stands."""
    by = staff(tx, channel_id)
    if address_id is None:
        return Snapshot(state=state_of(tx, (), by))
    dialogs = dialogs_of(tx, address_id)
    messages, more = _page(tx, dialogs)
    unseen = tuple(item for item in messages if item.id > since or item.edited or item.deleted)
    return Snapshot(unseen, more, state_of(tx, dialogs, by), dialogs[0] if dialogs else None)


def earlier(tx: Tx, address_id: int, before: int) -> tuple[tuple[ShownMessage, ...], bool]:
    """A page of messages older than this id, oldest first, and whether there are more."""
    return _page(tx, dialogs_of(tx, address_id), before)


def changed(tx: Tx, dialogs: Sequence[int], since: int, touched: Sequence[int] = ()) -> tuple[ShownMessage, ...]:
    """New messages of these dialogs, and those of the `touched` ids that were edited, deleted or got their file."""
    rows = {row.id: row for dialog in dialogs for row in _BEYOND.rows(tx, {"dialog": dialog, "since": since})}
    if touched:
        again = _SHOWN.where(Message.conversation_id.in_(dialogs), Message.id.in_(touched))
        rows |= {row.id: row for row in tx.execute(again)}
    return _shown(tx, [rows[key] for key in sorted(rows)][-MOST_NEWS:])


# A dialog that went on in a messenger is still theirs.
_THREAD = select(Address.thread_id).where(Address.id == bindparam("address")).scalar_subquery()
_DIALOGS = Lean(
    select(Conversation.id)
    .where(
        or_(
            Conversation.address_id == bindparam("address"),
            Conversation.address_id.in_(select(Address.id).where(Address.thread_id == _THREAD)),
        )
    )
    .order_by(Conversation.id.desc())
    .limit(MAX_DIALOGS)
)


def dialogs_of(tx: Tx, address_id: int) -> list[int]:
    """The visitor's dialogs, the newest first."""
    return [row.id for row in _DIALOGS.rows(tx, {"address": address_id})]


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
        exists().where(Attachment.message_id == Message.id).label("has_files"),
    )
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .where(Message.kind.in_(_PUBLIC))
)
_BEYOND = Lean(
    select(*_SHOWN.selected_columns)
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .where(
        or_(*(Message.kind == kind for kind in _PUBLIC)),
        Message.conversation_id == bindparam("dialog"),
        Message.id > bindparam("since"),
    )
    .order_by(Message.id.desc())
    .limit(MOST_NEWS)
)


def _page(tx: Tx, dialogs: Sequence[int], before: int | None = None) -> tuple[tuple[ShownMessage, ...], bool]:
    """The newest messages (older than `before`), oldest first, and whether there are more."""
    if not dialogs:
        return (), False
    statement = _SHOWN.where(Message.conversation_id.in_(dialogs)).order_by(Message.id.desc()).limit(PAGE + 1)
    if before is not None:
        statement = statement.where(Message.id < before)
    rows = tx.execute(statement).all()
    return _shown(tx, rows[:PAGE][::-1]), len(rows) > PAGE


def _shown(tx: Tx, rows: Sequence[Any]) -> tuple[ShownMessage, ...]:
    files = _files(tx, [row.id for row in rows if row.has_files])
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
