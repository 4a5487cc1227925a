"""INSERT that does nothing where the row is there already: the same words in both dialects, of two classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import sqlite


def insert_once(dialect: str, table: Any, columns: Sequence[str]) -> Any:
    """`INSERT ... ON CONFLICT (columns) DO NOTHING` of a dialect; PostgreSQL's is imported only where it is spoken."""
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=columns)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing(index_elements=columns)
