"""The client wrote: contact, conversation, message, turn, lead source, assignment and events, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from connectors.contract import MessageReceived
from inbox.actions.activity import record_activity
from inbox.actions.assign import route
from inbox.actions.attach import attach_media
from inbox.actions.envelope import keep_envelope
from inbox.actions.events import record
from inbox.actions.meet import MET_COLUMNS, fill_contact, keep_stopped, make_contact
from inbox.actions.moments import keep_moment
from inbox.actions.parts import join_album, keep_cards
from inbox.actions.rate import take_rating
from inbox.actions.sla_clocks import begin_clocks, resume_clocks
from inbox.actions.threads import join_addresses, join_thread, move_to
from inbox.actions.touch import attribute
from inbox.actions.turns import client_wrote
from inbox.models import Address, Company, Contact, Conversation, Message
from inbox.queries.access import STATE_COLUMNS, ConversationState
from inbox.queries.known_message import known_message
from inbox.rules.errors import Conflict, TooLarge
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import MessageKind, MomentKind, Status, reopens
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

# Characters. A longer body is not a message that a person typed; the connectors' own limits are far below.
MAX_TEXT = 65_536
MAX_QUOTE = 1024

_KNOWN = Lean(
    select(
        select(Message.kind)
        .where(Message.channel_id == bindparam("channel"), Message.external_id == bindparam("message"))
        .scalar_subquery()
        .label("duplicate"),
        *MET_COLUMNS,
        *STATE_COLUMNS,
    )
    .join(Contact, Contact.id == Address.contact_id)
    .outerjoin(Conversation, (Conversation.address_id == Address.id) & (Conversation.status != Status.RESOLVED.value))
    .where(Address.channel_id == bindparam("channel"), Address.external_id == bindparam("address"))
)
_LAST_RESOLVED = Lean(
    select(Conversation.resolved_at, *STATE_COLUMNS)
    .where(Conversation.address_id == bindparam("address"), Conversation.status == Status.RESOLVED.value)
    .order_by(Conversation.id.desc())
    .limit(1)
)
_REOPEN_WINDOW = Lean(select(Company.reopen_window_seconds))
_REOPEN = Lean(
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"))
    .values(status=Status.OPEN.value, reopened_at=bindparam("moment"), resolved_at=None)
)
_CONVERSATION = Lean(insert(Conversation))
_MESSAGE = Lean(insert(Message))
_WINDOW = update(Address).where(Address.id == bindparam("address")).values(reply_until=bindparam("until"))
_ARRIVED = Lean(
    update(Conversation)
    .where(Conversation.id == bindparam("conversation"))
    .values(
        status=Status.OPEN.value,
        snoozed_until=None,
        waiting_since=bindparam("waiting"),
        turn_count=bindparam("turns"),
        last_message_id=bindparam("message"),
        last_message_at=bindparam("moment"),
    )
)


def receive(tx: Tx, actor: Actor, channel_id: int, event: MessageReceived, inbound_id: int | None = None) -> int | None:
    """Store one message of a client; returns its id, or None when this message is already here.

    Raises TooLarge for a text beyond MAX_TEXT characters, Conflict for the id of an answer: it must not pass for a
    repetition and be lost.
    """
    if len(event.text) > MAX_TEXT:
        raise TooLarge
    if event.group is not None and join_album(tx, actor, channel_id, event, inbound_id) is not None:
        return None
    known = _KNOWN.first(tx, {"channel": channel_id, "address": event.address, "message": event.external_id})
    if known is not None and known.duplicate is not None:
        if known.duplicate != MessageKind.INCOMING.value:
            raise Conflict(N_("An answer of ours has this id already; the client's message needs one of its own."))
        return None
    if known is None:
        address_id, contact_id = make_contact(tx, channel_id, event.address, event.profile)
    else:
        address_id, contact_id = known.address_id, known.contact_id
        fill_contact(tx, actor, known, event.profile)
        _welcome(tx, actor, channel_id, known)
    again = _joined(tx, actor, address_id, event)
    if again is not None:
        return receive(tx, actor, channel_id, again, inbound_id)
    if event.automatic:
        known_one = _unresolved(tx, actor, known) or _last_or_closed(tx, actor, channel_id, address_id, contact_id)
        return _note_automatic(tx, actor, known_one, event, inbound_id)
    rated = take_rating(tx, actor, known, event, _store)
    if rated is not None:
        return rated
    conversation = _unresolved(tx, actor, known) or _open(tx, actor, channel_id, address_id, contact_id)
    attributed = attribute(tx, conversation, event.referral)
    if conversation.last_message_id is None:
        # Here and not where it is made: by now its source is known.
        keep_moment(tx, attributed, MomentKind.NEW, None)
    return _arrive(tx, actor, attributed, event, inbound_id)


def _welcome(tx: Tx, actor: Actor, channel_id: int, known: Any) -> None:
    """Whoever writes to us can be answered, whatever we were told before."""
    if known.stopped_at is not None:
        keep_stopped(tx, actor, channel_id, known.address_id, known.contact_id, None)


def _joined(tx: Tx, actor: Actor, address_id: int, event: MessageReceived) -> MessageReceived | None:
    """The rest of a message that told who else its client is, once they are one; None when nothing was joined."""
    if event.also and join_addresses(tx, actor, address_id, event.also):
        return replace(event, also=())
    if event.referral is not None and event.referral.token and join_thread(tx, actor, address_id, event.referral.token):
        return replace(event, referral=None)
    return None


def _unresolved(tx: Tx, actor: Actor, known: Any) -> ConversationState | None:
    """The dialog that the address has open, or that of its thread, which comes here then."""
    if known is None:
        return None
    state = known[1 + len(MET_COLUMNS) :]
    if state[0] is not None:
        return ConversationState(*state)
    return None if known.thread_id is None else move_to(tx, actor, known.address_id, known.thread_id)


def _open(tx: Tx, actor: Actor, channel_id: int, address_id: int, contact_id: int) -> ConversationState:
    """The last conversation of the address reopened while the window lasts, else a new one."""
    last = _LAST_RESOLVED.first(tx, {"address": address_id})
    if last is not None and reopens(last.resolved_at, tx.now, _REOPEN_WINDOW.scalar(tx, {})):
        state = ConversationState(*last[1:])
        _REOPEN.change(tx, {"conversation": state.id, "moment": tx.now})
        keep_moment(tx, state, MomentKind.REOPENED, state.assignee_id)
        record_activity(tx, actor, EventKind.CONVERSATION_REOPENED, state)
        return replace(state, status=Status.OPEN.value)
    return _begin(tx, actor, channel_id, address_id, contact_id, Status.OPEN)


def _begin(
    tx: Tx, actor: Actor, channel_id: int, address_id: int, contact_id: int, status: Status
) -> ConversationState:
    values = {
        "channel_id": channel_id,
        "address_id": address_id,
        "contact_id": contact_id,
        "status": status.value,
        "opened_at": tx.now,
        "resolved_at": None if status is Status.OPEN else tx.now,
        "last_message_at": tx.now,
    }
    conversation_id = _CONVERSATION.insert(tx, values)
    state = ConversationState(
        conversation_id, channel_id, address_id, contact_id, status.value, None, None, 0, None, None
    )
    record_activity(tx, actor, EventKind.CONVERSATION_OPENED, state)
    return state


def _last_or_closed(tx: Tx, actor: Actor, channel_id: int, address_id: int, contact_id: int) -> ConversationState:
    """The last conversation of the address as it stands, else a new one that nobody has to look at."""
    last = _LAST_RESOLVED.first(tx, {"address": address_id})
    if last is not None:
        return ConversationState(*last[1:])
    return _begin(tx, actor, channel_id, address_id, contact_id, Status.RESOLVED)


def _note_automatic(
    tx: Tx, actor: Actor, conversation: ConversationState, event: MessageReceived, inbound_id: int | None
) -> int:
    """Keep what a machine sent: nothing is opened, nobody waits, and nobody is called."""
    at = tx.now if event.at is None else min(event.at, tx.now)
    message_id = _store(tx, conversation, event, at)
    _keep_parts(tx, conversation, message_id, event, inbound_id)
    newest = update(Conversation).where(Conversation.id == conversation.id)
    tx.execute(newest.values(last_message_id=message_id, last_message_at=at))
    record(
        tx,
        actor,
        EventKind.MESSAGE_KEPT,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        message_id=message_id,
        channel_id=conversation.channel_id,
    )
    return message_id


def _arrive(
    tx: Tx, actor: Actor, conversation: ConversationState, event: MessageReceived, inbound_id: int | None
) -> int:
    # The platform's time orders the screen, but a platform's clock that runs ahead must not hide a message.
    at = tx.now if event.at is None else min(event.at, tx.now)
    message_id = _store(tx, conversation, event, at)
    _keep_parts(tx, conversation, message_id, event, inbound_id)
    _keep_window(tx, conversation.address_id, event, at)
    turns = client_wrote(tx, conversation, message_id, at)
    waiting_since = min(conversation.waiting_since or at, at)
    _ARRIVED.change(
        tx,
        {
            "conversation": conversation.id,
            "waiting": waiting_since,
            "turns": turns,
            "message": message_id,
            "moment": at,
        },
    )
    if conversation.status == Status.SNOOZED.value:
        resume_clocks(tx, conversation.id)
        record_activity(tx, actor, EventKind.CONVERSATION_UNSNOOZED, conversation)
    record(
        tx,
        actor,
        EventKind.MESSAGE_RECEIVED,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        message_id=message_id,
        channel_id=conversation.channel_id,
        agent_id=conversation.assignee_id,
    )
    if conversation.waiting_since is None:
        begin_clocks(tx, conversation.id)
    # A dialog that waited before this message was offered already, and again whenever somebody came or got free.
    if conversation.assignee_id is None and conversation.waiting_since is None:
        route(tx, replace(conversation, status=Status.OPEN.value, waiting_since=waiting_since))
    return message_id


def _keep_parts(
    tx: Tx, conversation: ConversationState, message_id: int, event: MessageReceived, inbound_id: int | None
) -> None:
    """What a message has beside its text."""
    attach_media(tx, message_id, conversation.address_id, event.media, inbound_id)
    keep_cards(tx, message_id, event.cards)
    keep_envelope(tx, message_id, event, inbound_id)


def _keep_window(tx: Tx, address_id: int, event: MessageReceived, at: datetime) -> None:
    if event.window_seconds is not None:
        until = at + timedelta(seconds=event.window_seconds)
        tx.execute(_WINDOW, {"address": address_id, "until": until})


def _store(tx: Tx, conversation: ConversationState, event: MessageReceived, at: datetime) -> int:
    answered = _answered(tx, conversation, event.reply_to) if event.reply_to else None
    values = {
        "conversation_id": conversation.id,
        "channel_id": conversation.channel_id,
        "kind": MessageKind.INCOMING.value,
        "text": event.text,
        "at": at,
        "created_at": tx.now,
        "external_id": event.external_id,
        "client_id": event.client_id or event.external_id,
        "reply_to_id": answered,
        "unsupported": event.unsupported,
        "forwarded_from": clean_name(event.forwarded_from),
        "quote": event.quote[:MAX_QUOTE],
        "group_key": event.group,
    }
    return _MESSAGE.insert(tx, values)


def _answered(tx: Tx, conversation: ConversationState, external_id: str) -> int | None:
    """The message that is answered, if it is one of this client: an id can be known to a stranger too."""
    found = known_message(tx, conversation.channel_id, external_id)
    if found is None or found.conversation_id == conversation.id:
        return None if found is None else found.id
    theirs = select(Conversation.contact_id).where(Conversation.id == found.conversation_id)
    return found.id if tx.execute(theirs).scalar_one() == conversation.contact_id else None
