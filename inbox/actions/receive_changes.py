"""What platforms tell besides new messages: edits, deletions, statuses, blocks, starts, and answers typed elsewhere."""

from __future__ import annotations

from contextlib import nullcontext

from sqlalchemy import select, update

from connectors.contract import (
    ChannelChanged,
    ContactStoppedUs,
    Echo,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Reacted,
    Started,
    StatusChanged,
    Typing,
)
from inbox.actions.channels import set_channel_state
from inbox.actions.echo import receive_echo
from inbox.actions.events import record
from inbox.actions.meet import keep_stopped, meet
from inbox.actions.receive import MAX_TEXT, receive
from inbox.actions.receive_status import receive_status
from inbox.actions.sla_clocks import moving_clocks
from inbox.actions.threads import join_addresses, join_thread
from inbox.actions.touch import touch
from inbox.models import Address, Message
from inbox.queries.known_message import known_message
from inbox.queries.open_dialog import open_dialog
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx

# Characters: a few signs of several code points each.
MAX_REACTION = 64


def receive_event(tx: Tx, actor: Actor, channel_id: int, event: InboundEvent, inbound_id: int | None = None) -> None:
    """Apply one event of a platform. News about a message that we do not have is not an error: it may come first."""
    match event:
        case MessageReceived():
            receive(tx, actor, channel_id, event, inbound_id)
        case Echo():
            receive_echo(tx, actor, channel_id, event, inbound_id)
        case MessageEdited() | MessageDeleted() | Reacted():
            _change(tx, actor, channel_id, event)
        case StatusChanged():
            receive_status(tx, actor, channel_id, event)
        case ContactStoppedUs():
            _stopped(tx, actor, channel_id, event)
        case Started():
            _started(tx, actor, channel_id, event)
        case ChannelChanged():
            about = f"account {event.about}"[:200].strip()
            set_channel_state(tx, actor, channel_id, event.state, event.reason or None, about)
        case Typing():
            # Typing is shown by the live hub and never stored.
            pass


def _change(tx: Tx, actor: Actor, channel_id: int, event: MessageEdited | MessageDeleted | Reacted) -> None:
    found = known_message(tx, channel_id, event.external_id)
    if found is None:
        return
    at = event.at or tx.now
    values: dict[str, object]
    match event:
        case MessageEdited():
            kind, values = EventKind.MESSAGE_EDITED, {"text": event.text[:MAX_TEXT], "edited_at": at}
        case MessageDeleted():
            kind, values = EventKind.MESSAGE_DELETED, {"deleted_at": at}
        case Reacted():
            kind, values = EventKind.MESSAGE_REACTED, {"client_reaction": event.emoji[:MAX_REACTION]}
    tx.execute(update(Message).where(Message.id == found.id).values(values))
    record(tx, actor, kind, conversation_id=found.conversation_id, message_id=found.id, channel_id=channel_id)


def _started(tx: Tx, actor: Actor, channel_id: int, event: Started) -> None:
    """An arrival without a word: a new touch on the same contact, of the dialog that is open or comes next."""
    address_id, contact_id = meet(tx, actor, channel_id, event.address, event.profile)
    if join_addresses(tx, actor, address_id, event.also):
        contact_id = meet(tx, actor, channel_id, event.address, event.profile)[1]
    if event.referral is None or (event.referral.token and join_thread(tx, actor, address_id, event.referral.token)):
        return
    conversation_id = open_dialog(tx, channel_id, event.address)
    with nullcontext() if conversation_id is None else moving_clocks(tx, conversation_id):
        source_id = touch(tx, contact_id, conversation_id, event.referral)
    if source_id is not None:
        record(
            tx,
            actor,
            EventKind.CONVERSATION_ATTRIBUTED,
            conversation_id=conversation_id,
            contact_id=contact_id,
            channel_id=channel_id,
        )


def _stopped(tx: Tx, actor: Actor, channel_id: int, event: ContactStoppedUs) -> None:
    address = tx.execute(
        select(Address.id, Address.contact_id, Address.stopped_at).where(
            Address.channel_id == channel_id, Address.external_id == event.address
        )
    ).one_or_none()
    if address is None or event.stopped == (address.stopped_at is not None):
        # Platforms say so also of people who have never stopped us.
        return
    moment = (event.at or tx.now) if event.stopped else None
    keep_stopped(tx, actor, channel_id, address.id, address.contact_id, moment)
