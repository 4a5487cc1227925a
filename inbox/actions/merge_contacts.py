"""Two clients become one person, and two again when that was a mistake.

A merge moves addresses with their conversations, never an address to another channel: an answer goes where the client
wrote from. Each address keeps its own open conversation, so no two waits ever collide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from inbox.actions.events import new_id, record
from inbox.models import (
    Address,
    Click,
    Contact,
    ContactFieldValue,
    ContactMerge,
    Conversation,
    Distinction,
    MergedItem,
    Touch,
)
from inbox.queries.merges import known_contact, whole_of
from inbox.rules.errors import Conflict, Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.identity import common_evidence, who_stays
from inbox.rules.lifecycle import Status
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

# Columns of the card that are filled from the other client when they are empty.
_FILLED = ("name", "phone", "email", "language", "time_zone", "note", "picture_key", "first_touch_id", "last_touch_id")
_FILLED_TOGETHER = ("consent_at", "consent_text")


def merge_contacts(tx: Tx, actor: Actor, contact_id: int, other_id: int) -> int:
    """Make two clients one; returns the merge. Who has been a client for longer stays.

    Raises NotFound, Invalid for one and the same, Conflict when nothing connects them (any more).
    """
    require(actor, Permission.CONTACT_EDIT)
    if contact_id == other_id:
        raise Invalid({"other": N_("This is the same client.")})
    both = (known_contact(tx, actor, contact_id), known_contact(tx, actor, other_id))
    evidence = common_evidence(*both)
    if not evidence:
        raise Conflict(N_("These two clients have neither a phone nor a proved e-mail in common any more."))
    kept = who_stays(both)
    left = both[1] if kept is both[0] else both[0]
    return absorb(tx, actor, kept.contact_id, left.contact_id, reason=evidence[0].kind, value=evidence[0].value)


def absorb(
    tx: Tx, actor: Actor, kept_id: int, left_id: int, *, reason: str, value: str = "", address_id: int | None = None
) -> int:
    """Give the leaving client's addresses (or the one of them) to the one who stays; returns the merge.

    What both know stays as it was. A client without any address left is no line of its own any more.
    """
    here = Address.contact_id == left_id if address_id is None else Address.id == address_id
    addresses = list(tx.execute(select(Address.id).where(here)).scalars())
    values = {"kept_id": kept_id, "left_id": left_id, "reason": reason, "value": value, "at": tx.now}
    merge_id = new_id(tx.execute(insert(ContactMerge), {**values, "agent_id": actor.agent_id}))
    items = [("address", item) for item in addresses]
    items += [("column", name) for name in _fill_columns(tx, kept_id, left_id)]
    items += [("field", field_id) for field_id in _fill_fields(tx, kept_id, left_id)]
    _move(tx, addresses, kept_id)
    if tx.execute(select(Address.id).where(Address.contact_id == left_id).limit(1)).first() is None:
        items += [("touch", item) for item in _take(tx, Touch, left_id, kept_id)]
        items += [("click", item) for item in _take(tx, Click, left_id, kept_id)]
        tx.execute(update(Contact).where(Contact.id == left_id).values(merged_into_id=kept_id))
    rows = [{"merge_id": merge_id, "kind": kind, "item": str(item)} for kind, item in items]
    tx.execute(insert(MergedItem), rows)
    _record_for_both(tx, actor, EventKind.CONTACT_MERGED, kept_id, left_id, merge_id)
    return merge_id


def undo_merge(tx: Tx, actor: Actor, merge_id: int) -> None:
    """Take a merge apart: what came with the other client goes back to them, with what they wrote since.

    Raises NotFound for a merge that is not there or was undone already.
    """
    require(actor, Permission.CONTACT_EDIT)
    undone = update(ContactMerge).where(ContactMerge.id == merge_id, ContactMerge.undone_at.is_(None))
    if not tx.execute(undone.values(undone_at=tx.now)).rowcount:
        raise NotFound
    merge = tx.execute(select(ContactMerge.kept_id, ContactMerge.left_id).where(ContactMerge.id == merge_id)).one()
    found: dict[str, list[str]] = {}
    rows = tx.execute(select(MergedItem.kind, MergedItem.item).where(MergedItem.merge_id == merge_id))
    for kind, item in rows:
        found.setdefault(kind, []).append(item)
    # The one who stayed may have become a part of somebody since: that one holds everything now.
    holder_id = whole_of(tx, merge.kept_id)
    _give_back(tx, holder_id, merge.left_id, found)
    for contact_id in {merge.kept_id, holder_id}:
        _empty_columns(tx, contact_id, merge.left_id, found.get("column", ()))
        _empty_fields(tx, contact_id, merge.left_id, [int(item) for item in found.get("field", ())])
    tx.execute(update(Contact).where(Contact.id == merge.left_id).values(merged_into_id=None))
    _record_for_both(tx, actor, EventKind.CONTACT_UNMERGED, holder_id, merge.left_id, merge_id)


def keep_apart(tx: Tx, actor: Actor, contact_id: int, other_id: int) -> None:
    """Say that two clients are not one person: they are not offered to each other any more."""
    require(actor, Permission.CONTACT_EDIT)
    first, second = sorted(known_contact(tx, actor, known).contact_id for known in (contact_id, other_id))
    same = select(Distinction.first_id).where(Distinction.first_id == first, Distinction.second_id == second)
    if tx.execute(same).first() is None:
        values = {"first_id": first, "second_id": second, "agent_id": actor.agent_id, "at": tx.now}
        tx.execute(insert(Distinction), values)
    for known in (first, second):
        record(tx, actor, EventKind.CONTACT_CHANGED, contact_id=known, details={"apart_from": first + second - known})


def _give_back(tx: Tx, holder_id: int, left_id: int, found: dict[str, list[str]]) -> None:
    """Addresses, touches and clicks that are still here; what another undoing has taken is not."""
    wanted = Address.id.in_([int(item) for item in found.get("address", ())])
    addresses = list(tx.execute(select(Address.id).where(wanted, Address.contact_id == holder_id)).scalars())
    _move(tx, addresses, left_id)
    tx.execute(update(Address).where(Address.id.in_(addresses)).values(thread_id=None))
    since = select(Conversation.id).where(Conversation.address_id.in_(addresses))
    touches = Touch.conversation_id.in_(since) | Touch.id.in_([int(item) for item in found.get("touch", ())])
    tx.execute(update(Touch).where(Touch.contact_id == holder_id, touches).values(contact_id=left_id))
    clicks = Click.id.in_([int(item) for item in found.get("click", ())])
    tx.execute(update(Click).where(Click.contact_id == holder_id, clicks).values(contact_id=left_id))


def _move(tx: Tx, addresses: Sequence[int], contact_id: int) -> None:
    tx.execute(update(Address).where(Address.id.in_(addresses)).values(contact_id=contact_id))
    tx.execute(update(Conversation).where(Conversation.address_id.in_(addresses)).values(contact_id=contact_id))


def _take(tx: Tx, table: Any, left_id: int, kept_id: int) -> list[int]:
    """Move the rows of a ledger to the client who stays; their ids."""
    taken = list(tx.execute(select(table.id).where(table.contact_id == left_id)).scalars())
    tx.execute(update(table).where(table.contact_id == left_id).values(contact_id=kept_id))
    return taken


def _fill_columns(tx: Tx, kept_id: int, left_id: int) -> list[str]:
    kept, left = (_row(tx, contact_id) for contact_id in (kept_id, left_id))
    filled = [name for name in _FILLED if left[name] and not kept[name]]
    filled += _FILLED_TOGETHER if left["consent_at"] and not kept["consent_at"] else ()
    if filled:
        values = {name: left[name] for name in filled}
        tx.execute(update(Contact).where(Contact.id == kept_id).values(changed_at=tx.now, **values))
    return filled


def _empty_columns(tx: Tx, kept_id: int, left_id: int, names: Sequence[str]) -> None:
    """What somebody has changed since stays."""
    kept, left = (_row(tx, contact_id) for contact_id in (kept_id, left_id))
    same = {name: "" if name in ("name", "note") else None for name in names if kept[name] == left[name]}
    if same:
        tx.execute(update(Contact).where(Contact.id == kept_id).values(changed_at=tx.now, **same))


def _row(tx: Tx, contact_id: int) -> Any:
    return tx.execute(select(Contact.__table__).where(Contact.id == contact_id)).mappings().one()


def _fill_fields(tx: Tx, kept_id: int, left_id: int) -> list[int]:
    kept, left = _fields(tx, kept_id), _fields(tx, left_id)
    missing = [field_id for field_id in left if field_id not in kept]
    for field_id in missing:
        row = {"contact_id": kept_id, "contact_field_id": field_id, "value": left[field_id]}
        tx.execute(insert(ContactFieldValue), row)
    return missing


def _empty_fields(tx: Tx, kept_id: int, left_id: int, field_ids: Sequence[int]) -> None:
    kept, left = _fields(tx, kept_id), _fields(tx, left_id)
    same = [field_id for field_id in field_ids if kept.get(field_id) == left.get(field_id)]
    here = ContactFieldValue.contact_field_id.in_(same)
    tx.execute(delete(ContactFieldValue).where(ContactFieldValue.contact_id == kept_id, here))


def _fields(tx: Tx, contact_id: int) -> dict[int, str]:
    columns = select(ContactFieldValue.contact_field_id, ContactFieldValue.value)
    rows = tx.execute(columns.where(ContactFieldValue.contact_id == contact_id))
    return {row.contact_field_id: row.value for row in rows}


def _record_for_both(tx: Tx, actor: Actor, kind: EventKind, kept_id: int, left_id: int, merge_id: int) -> None:
    """A fact for each of the two, and one for every open dialog, so that every screen hears of it."""
    details = {"merge_id": merge_id, "kept_id": kept_id, "left_id": left_id}
    for contact_id in (kept_id, left_id):
        record(tx, actor, kind, contact_id=contact_id, details=details)
    theirs = Conversation.contact_id.in_((kept_id, left_id))
    open_ones = select(Conversation.id, Conversation.contact_id).where(
        theirs, Conversation.status != Status.RESOLVED.value
    )
    for conversation_id, contact_id in tx.execute(open_ones).all():
        record(tx, actor, kind, contact_id=contact_id, conversation_id=conversation_id, details=details)
