"""Telling a database that cannot take anything now from a statement that is wrong."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError


class Unavailable(Exception):
    """The database is locked, full or gone for now. Nothing was stored: the same may be tried again later."""


# Primary result codes of SQLite, https://www.sqlite.org/rescode.html
_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
# Classes of PostgreSQL's codes: no connection, out of resources, not in the right state (locked, closed to
# connections), an operator's intervention, trouble of its system.
_POSTGRES = ("08", "53", "55", "57", "58")


def as_unavailable(error: Exception) -> Exception:
    """`Unavailable` with the error as its cause when waiting can help, else the error itself."""
    if not _passes(error):
        return error
    unavailable = Unavailable(f"the database is not available: {type(error).__name__}")
    unavailable.__cause__ = error
    return unavailable


def _passes(error: Exception) -> bool:
    # asyncpg leaves a refused or broken connection as the system's own error.
    if isinstance(error, OSError):
        return True
    # The lean statements of the busiest paths raise the driver's own error.
    own = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(own, "sqlite_errorcode", None)
    if code is not None:
        # Extended codes keep the primary one in their lowest byte.
        return code & 0xFF in _SQLITE
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(own, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(_POSTGRES)
