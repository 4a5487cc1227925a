"""Filling the search index: trails the event log, so that the writer of a message never waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from sqlalchemy import TextClause, select, text

from inbox.models import Contact, Message
from inbox.queries.event_log import facts_after
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.rules.search_text import words
from inbox.runtime.database import Tx
from inbox.runtime.stems import stem

# Facts per call: small enough to leave the writer free between two calls.
BATCH = 500

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
_ADVANCE = text("UPDATE search_state SET event_id = :event_id WHERE id = 1")
_ADD = {
    "sqlite": text("INSERT INTO search_index (rowid, words) VALUES (:key, :words)"),
    "postgresql": text(
        "INSERT INTO search_words (message_id, words) VALUES (:key, to_tsvector('simple', :words))"
        " ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
    ),
}
_ADD_CLIENT = {
    "sqlite": text("INSERT OR REPLACE INTO search_index_client (rowid, words) VALUES (:key, :words)"),
    "postgresql": text(
        "INSERT INTO search_clients (contact_id, words) VALUES (:key, to_tsvector('simple', :words))"
        " ON CONFLICT (contact_id) DO UPDATE SET words = excluded.words"
    ),
}


def index_search(tx: Tx, actor: Actor) -> int:
    """Index what happened since the last call, at most BATCH facts; returns how many facts were read."""
    cursor = tx.execute(_CURSOR).scalar_one()
    facts = facts_after(tx, cursor, BATCH)
    if not facts:
        return 0
    index_messages(tx, {fact.message_id for fact in facts if fact.kind in _MESSAGES and fact.message_id})
    index_clients(tx, {fact.contact_id for fact in facts if fact.kind in _CLIENTS and fact.contact_id})
    tx.execute(_ADVANCE, {"event_id": facts[-1].id})
    return len(facts)


def index_messages(tx: Tx, ids: Iterable[int]) -> None:
    """Put the stems of these messages into the index."""
    rows = tx.execute(select(Message.id, Message.text).where(Message.id.in_(sorted(ids)), Message.text != ""))
    _add(tx, _ADD, ((key, _stems(body)) for key, body in rows))


def index_clients(tx: Tx, ids: Iterable[int]) -> None:
    """Put the names and e-mail addresses of these contacts into the index, unstemmed: names are not words."""
    columns = select(Contact.id, Contact.name, Contact.email)
    rows = tx.execute(columns.where(Contact.id.in_(sorted(ids))))
    _add(tx, _ADD_CLIENT, ((key, _client_words(name, email)) for key, name, email in rows))


def add_words(tx: Tx, messages: Iterable[tuple[int, str]], clients: Iterable[tuple[int, str, str | None]]) -> None:
    """Index a bulk load: (id, text) of messages, (id, name, e-mail) of contacts. None of them may be indexed yet."""
    _add(tx, _ADD, ((key, _stems(body)) for key, body in messages))
    _add(tx, _ADD_CLIENT, ((key, _client_words(name, email)) for key, name, email in clients))


def _add(tx: Tx, statements: Mapping[str, TextClause], found: Iterable[tuple[int, str]]) -> None:
    rows = [{"key": key, "words": said} for key, said in found]
    if rows:
        tx.execute(statements[tx.connection.dialect.name], rows)


@lru_cache(maxsize=20_000)
def _stems(body: str) -> str:
    return " ".join(stem(word) for word in words(body))


def _client_words(name: str, email: str | None) -> str:
    return " ".join(words(f"{name} {email or ''}"))


def skip_to_newest(tx: Tx, event_id: int) -> None:
    """Move the cursor after a bulk load that was indexed by itself."""
    tx.execute(_ADVANCE, {"event_id": event_id})
