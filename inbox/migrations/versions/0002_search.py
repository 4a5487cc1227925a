"""Lay the search index: stems of messages and words of clients, per database in its own kind of table."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE search_state (id INTEGER PRIMARY KEY, event_id BIGINT NOT NULL)")
    op.execute("INSERT INTO search_state (id, event_id) VALUES (1, 0)")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_index USING fts5(words, content='', tokenize='unicode61')")
        op.execute("CREATE VIRTUAL TABLE search_index_client USING fts5(words, tokenize='unicode61', prefix='2 3')")
        return
    for name, key in (("search_words", "message_id"), ("search_clients", "contact_id")):
        op.execute(f"CREATE TABLE {name} ({key} BIGINT PRIMARY KEY, words tsvector NOT NULL)")
        op.execute(f"CREATE INDEX ix_{name} ON {name} USING gin (words)")
