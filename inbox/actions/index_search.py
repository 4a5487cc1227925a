"""Filling the search index: trails the event log, so that the writer of a message never waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import TextClause, text

from inbox.queries.unindexed import Unindexed, index_cursor, unindexed
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.stems import stems, unstemmed

# Facts per call: small enough to leave the writer free between two calls.
BATCH = 500

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


def keep_words(tx: Tx, actor: Actor, found: Unindexed) -> None:
    """Put into the index what a reader prepared, unless another process was there first."""
    if index_cursor(tx) != found.cursor:
        return
    _add(tx, _ADD, found.messages)
    _add(tx, _ADD_CLIENT, found.clients)
    tx.execute(_ADVANCE, {"event_id": found.newest})


def index_search(tx: Tx, actor: Actor) -> int:
    """Index what happened since the last call, at most BATCH facts; returns how many facts were read."""
    found = unindexed(tx, BATCH)
    if found is None:
        return 0
    keep_words(tx, actor, found)
    return found.facts


def add_words(tx: Tx, messages: Iterable[tuple[int, str]], clients: Iterable[tuple[int, str, str | None]]) -> None:
    """Index a bulk load: (id, text) of messages, (id, name, e-mail) of contacts. None of them may be indexed yet."""
    _add(tx, _ADD, ((key, stems(body)) for key, body in messages))
    _add(tx, _ADD_CLIENT, ((key, unstemmed(name, email)) for key, name, email in clients))


def _add(tx: Tx, statements: Mapping[str, TextClause], found: Iterable[tuple[int, str]]) -> None:
    rows = [{"key": key, "words": said} for key, said in found]
    if rows:
        tx.execute(statements[tx.connection.dialect.name], rows)


def skip_to_newest(tx: Tx, event_id: int) -> None:
    """Move the cursor after a bulk load that was indexed by itself."""
    tx.execute(_ADVANCE, {"event_id": event_id})
