"""Search over clients and messages: word forms, any letter case, ё as е, phones in any format, the wrong layout.

SQLite keeps stems in a contentless FTS5 table, PostgreSQL in a tsvector column of the same words; both are filled by
`inbox/actions/index_search.py`, which trails the event log. Results are the newest, never ranked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, select, text

from inbox.models import Channel, Contact, Conversation, Message
from inbox.queries.access import visible_conversations
from inbox.queries.merges import whole_of
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.search_text import digits, excerpt, other_layout, words
from inbox.runtime.database import Tx
from inbox.runtime.phones import normalise_phone
from inbox.runtime.stems import stem

MOST = 20
_SHORTEST_PHONE = 4

_SQLITE = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :wanted ORDER BY rowid DESC LIMIT :most"
).bindparams(bindparam("most", MOST))
_POSTGRES = text(
    "SELECT message_id FROM search_words WHERE words @@ to_tsquery('simple', :wanted)"
    " ORDER BY message_id DESC LIMIT :most"
).bindparams(bindparam("most", MOST))

_SQLITE_CLIENTS = text(
    "SELECT rowid FROM search_index_client WHERE search_index_client MATCH :wanted ORDER BY rowid DESC LIMIT :most"
).bindparams(bindparam("most", MOST))
_POSTGRES_CLIENTS = text(
    "SELECT contact_id FROM search_clients WHERE words @@ to_tsquery('simple', :wanted)"
    " ORDER BY contact_id DESC LIMIT :most"
).bindparams(bindparam("most", MOST))


@dataclass(frozen=True, slots=True)
class FoundClient:
    """A client whose name, phone or e-mail fits; with their newest conversation."""

    contact_id: int
    name: str
    phone: str | None
    email: str | None
    conversation_id: int | None


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that holds all the words; `excerpt` is (piece, whether it was looked for)."""

    message_id: int
    client_id: str
    conversation_id: int
    contact_id: int
    contact_name: str
    channel_kind: str
    channel_name: str
    at: datetime
    excerpt: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found; `corrected` is the text in the other keyboard layout when only that one was found."""

    clients: tuple[FoundClient, ...]
    messages: tuple[FoundMessage, ...]
    corrected: str | None = None


def search(tx: Tx, actor: Actor, typed: str) -> SearchResult:
    """Clients and messages that fit what was typed; nothing for an empty text."""
    require(actor, Permission.CONTACT_READ)
    wanted = typed.strip()[:200]
    if not wanted:
        return SearchResult((), ())
    found = SearchResult(_clients(tx, actor, wanted), _messages(tx, actor, wanted))
    if found.clients or found.messages:
        return found
    other = other_layout(wanted)
    if other == wanted:
        return found
    corrected = SearchResult(_clients(tx, actor, other), _messages(tx, actor, other), other)
    return corrected if corrected.clients or corrected.messages else found


def _messages(tx: Tx, actor: Actor, wanted: str) -> tuple[FoundMessage, ...]:
    stems = [stem(word) for word in words(wanted)]
    if not stems:
        return ()
    if tx.connection.dialect.name == "sqlite":
        # Each word is quoted: what people type must never be read as FTS5 syntax. The last one may be unfinished.
        query = " ".join(f'"{word}"' for word in stems[:-1]) + f' "{stems[-1]}"*'
        ids = list(tx.execute(_SQLITE, {"wanted": query.strip()}).scalars())
    else:
        query = " & ".join([*stems[:-1], f"{stems[-1]}:*"])
        ids = list(tx.execute(_POSTGRES, {"wanted": query}).scalars())
    statement = (
        select(
            Message.id,
            Message.client_id,
            Message.conversation_id,
            Contact.id,
            Contact.name,
            Channel.kind,
            Channel.name,
            Message.at,
            Message.text,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .join(Channel, Channel.id == Conversation.channel_id)
        .where(Message.id.in_(ids), Message.deleted_at.is_(None), visible_conversations(actor))
        .order_by(Message.id.desc())
    )
    starts = tuple(stems)
    return tuple(_found(row, starts) for row in tx.execute(statement))


def _found(row: Any, starts: tuple[str, ...]) -> FoundMessage:
    number, client_id, conversation_id, contact_id, contact_name, kind, channel_name, at, words_found = row
    shown = excerpt(words_found, lambda word: stem(word).startswith(starts))
    return FoundMessage(number, client_id, conversation_id, contact_id, contact_name, kind, channel_name, at, shown)


def _clients(tx: Tx, actor: Actor, wanted: str) -> tuple[FoundClient, ...]:
    named = select(Contact.id).where(Contact.id.in_(_named(tx, wanted)))
    found: Select[int] | CompoundSelect[int] = named
    number = normalise_phone(wanted) if len(digits(wanted)) >= _SHORTEST_PHONE else ""
    if number:
        # A range instead of LIKE: it can use the index, and what was typed may be the beginning of the number.
        found = named.union(select(Contact.id).where(Contact.phone >= number, Contact.phone < number + ":"))
    newest = (
        select(Conversation.id)
        .where(Conversation.contact_id == Contact.id, visible_conversations(actor))
        .order_by(Conversation.id.desc())
        .limit(1)
        .correlate(Contact)
        .scalar_subquery()
    )
    statement = select(Contact.id, Contact.name, Contact.phone, Contact.email, newest)
    ids = {whole_of(tx, contact_id) for contact_id in tx.execute(found).scalars()}
    rows = tx.execute(statement.where(Contact.id.in_(ids)).order_by(Contact.id.desc()).limit(MOST))
    return tuple(FoundClient(*row) for row in rows)


def _named(tx: Tx, wanted: str) -> list[int]:
    """Clients whose name or e-mail has words that begin so."""
    parts = words(wanted)
    if not parts:
        return []
    if tx.connection.dialect.name == "sqlite":
        query = " ".join(f'"{part}"*' for part in parts)
        return list(tx.execute(_SQLITE_CLIENTS, {"wanted": query}).scalars())
    return list(tx.execute(_POSTGRES_CLIENTS, {"wanted": " & ".join(f"{part}:*" for part in parts)}).scalars())
