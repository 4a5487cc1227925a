"""One client on two channels in one thread: who goes on from the site's chat in a messenger stays the same person.

Addresses of a thread share `thread_id`. Their open conversation moves to the address that the client wrote from last,
so that an answer always goes to where they are, and the agent has one dialog.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import insert, select, update

import connectors
from inbox.actions.activity import record_activity
from inbox.actions.events import record
from inbox.actions.merge_contacts import absorb
from inbox.actions.sla_clocks import moving_clocks
from inbox.models import Address, Channel, Click, Conversation
from inbox.queries.access import STATE_COLUMNS, ConversationState
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import Status
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


def join_thread(tx: Tx, actor: Actor, address_id: int, token: str) -> bool:
    """Join an address to that of the visitor whom a token names; False when it names none.

    Both belong to one contact from then on: to the one that has written before, else to the visitor's. A token joins
    once: a link that was passed on to somebody else shows them nothing of the visitor's dialog.
    """
    visitor_id = tx.execute(select(Click.address_id).where(Click.token == token)).scalar_one_or_none()
    if visitor_id is None or visitor_id == address_id:
        return False
    fresh = update(Click).where(Click.token == token, Click.used_at.is_(None))
    if not tx.execute(fresh.values(used_at=tx.now)).rowcount:
        return False
    columns = select(Address.id, Address.contact_id, Address.thread_id)
    visitor = tx.execute(columns.where(Address.id == visitor_id)).one()
    here = tx.execute(columns.where(Address.id == address_id)).one()
    _be_one_person(tx, actor, visitor, here)
    thread_id = visitor.thread_id or visitor.id
    tx.execute(update(Address).where(Address.id.in_((visitor.id, here.id))).values(thread_id=thread_id))
    move_to(tx, actor, here.id, thread_id)
    return True


def join_addresses(tx: Tx, actor: Actor, address_id: int, names: Sequence[str]) -> bool:
    """Join other addresses of the same person, as the platform names them, to this one; whether any was new.

    The contact that has written before stays; the dialog goes on wherever the person writes next.
    """
    columns = select(Address.id, Address.channel_id, Address.contact_id, Address.thread_id)
    joined = False
    for name in names:
        here = tx.execute(columns.where(Address.id == address_id)).one()
        there = columns.where(Address.channel_id == here.channel_id, Address.external_id == name)
        other = tx.execute(there).one_or_none()
        if other is not None and (other.id == here.id or (other.thread_id and other.thread_id == here.thread_id)):
            continue
        joined = True
        thread_id = here.thread_id or (other.thread_id if other is not None else None) or here.id
        if other is None:
            values = {"channel_id": here.channel_id, "external_id": name, "contact_id": here.contact_id}
            tx.execute(insert(Address), {**values, "thread_id": thread_id, "created_at": tx.now})
        else:
            _be_one_person(tx, actor, here, other)
            tx.execute(update(Address).where(Address.id == other.id).values(thread_id=thread_id))
        tx.execute(update(Address).where(Address.id == here.id).values(thread_id=thread_id))
    if joined:
        contact_id = tx.execute(columns.where(Address.id == address_id)).one().contact_id
        record(tx, actor, EventKind.CONTACT_CHANGED, contact_id=contact_id)
    return joined


def _be_one_person(tx: Tx, actor: Actor, here: Any, other: Any) -> None:
    if here.contact_id == other.contact_id:
        return
    known = tx.execute(select(Conversation.id).where(Conversation.contact_id == other.contact_id).limit(1)).first()
    keep, leave = (other, here) if known is not None else (here, other)
    absorb(tx, actor, keep.contact_id, leave.contact_id, reason="thread", address_id=leave.id)


def move_to(tx: Tx, actor: Actor, address_id: int, thread_id: int) -> ConversationState | None:
    """Move the thread's unresolved conversation to this address; returns it, or None when there is none to move.

    An address that has a dialog of its own keeps it.
    """
    open_ones = select(*STATE_COLUMNS).where(Conversation.status != Status.RESOLVED.value)
    if tx.execute(open_ones.where(Conversation.address_id == address_id)).first() is not None:
        return None
    others = select(Address.id).where(Address.thread_id == thread_id, Address.id != address_id)
    row = tx.execute(open_ones.where(Conversation.address_id.in_(others)).order_by(Conversation.id.desc())).first()
    if row is None:
        return None
    before = ConversationState(*row)
    channel = tx.execute(
        select(Channel.id, Channel.kind).join(Address, Address.channel_id == Channel.id).where(Address.id == address_id)
    ).one()
    moved = {"address_id": address_id, "channel_id": channel.id}
    with moving_clocks(tx, before.id):
        tx.execute(update(Conversation).where(Conversation.id == before.id).values(moved))
    after = replace(before, address_id=address_id, channel_id=channel.id)
    if before.channel_id == channel.id:
        # The same person in the same messenger: nothing that an agent has to be told.
        record(tx, actor, EventKind.CONVERSATION_MOVED, conversation_id=before.id, channel_id=channel.id)
    else:
        record_activity(tx, actor, EventKind.CONVERSATION_MOVED, after, channel=connectors.find(channel.kind).title)
    return after
