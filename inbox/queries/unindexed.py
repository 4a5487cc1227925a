"""What the search index does not hold yet, as the words that it will: read and stemmed without the writer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, text

from inbox.models import Contact, Message
from inbox.queries.event_log import facts_after
from inbox.rules.events import EventKind
from inbox.runtime.database import Tx
from inbox.runtime.stems import stems, unstemmed

_MESSAGES = frozenset(
    {
        EventKind.MESSAGE_RECEIVED,
        EventKind.MESSAGE_REPLIED,
        EventKind.MESSAGE_NOTED,
        EventKind.MESSAGE_ECHOED,
        EventKind.MESSAGE_KEPT,
        EventKind.MESSAGE_EDITED,
    }
)
_CLIENTS = frozenset({EventKind.CONTACT_CHANGED, EventKind.CONTACT_IDENTIFIED, EventKind.CONVERSATION_OPENED})

_CURSOR = text("SELECT event_id FROM search_state WHERE id = 1")

Words = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Unindexed:
    """The words of messages and contacts by id, for `facts` facts: those after `cursor`, up to `newest`."""

    cursor: int
    newest: int
    facts: int
    messages: Words
    clients: Words


def unindexed(tx: Tx, most: int) -> Unindexed | None:
    """What the next facts, at most `most`, bring into the index; None when it holds everything."""
    cursor = index_cursor(tx)
    facts = facts_after(tx, cursor, most)
    if not facts:
        return None
    messages = {fact.message_id for fact in facts if fact.kind in _MESSAGES and fact.message_id}
    clients = {fact.contact_id for fact in facts if fact.kind in _CLIENTS and fact.contact_id}
    return Unindexed(cursor, facts[-1].id, len(facts), _message_words(tx, messages), _client_words(tx, clients))


def index_cursor(tx: Tx) -> int:
    """The newest fact that the index knows."""
    return int(tx.execute(_CURSOR).scalar_one())


def _message_words(tx: Tx, ids: Iterable[int]) -> Words:
    """The stems of these messages."""
    if not (wanted := sorted(ids)):
        return ()
    rows = tx.execute(select(Message.id, Message.text).where(Message.id.in_(wanted), Message.text != ""))
    return tuple((key, stems(body)) for key, body in rows)


def _client_words(tx: Tx, ids: Iterable[int]) -> Words:
    """The names and e-mail addresses of these contacts, unstemmed: names are not words."""
    if not (wanted := sorted(ids)):
        return ()
    rows = tx.execute(select(Contact.id, Contact.name, Contact.email).where(Contact.id.in_(wanted)))
    return tuple((key, unstemmed(name, email)) for key, name, email in rows)
