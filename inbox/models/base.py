"""The declarative base and the column types of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement, Dialect, Index, Integer, MetaData, String, literal_column, text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# SQLite gives out row ids by itself only to a column declared INTEGER, never BIGINT.
BigId = BigInteger().with_variant(Integer(), "sqlite")


def to_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware datetime, the stored form of every `_at` column."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """The aware UTC datetime of a stored `_at` value."""
    return _EPOCH + timedelta(milliseconds=value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored as integer milliseconds since 1970 (UTC) on every database.

    Integers subtract and compare the same way in SQLite and PostgreSQL, so a report needs no dialect.
    A naive datetime is refused: it would silently mean the server's zone.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Store an aware datetime; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Load an aware UTC datetime."""
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


class Code(String):
    """One of a few words (a status, a state). A comparison with such a word has it in the SQL, not as a parameter.

    A partial index serves only a query in which the database sees the same word when it plans; and SQLite plans a
    statement anew for every call when a parameter might be that word.
    """

    class Comparator(String.Comparator[Any]):
        """Writes words out."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Build the comparison."""
            return super().operate(op, *(_written_out(value) for value in other), **kwargs)

    comparator_factory = Comparator


def _written_out(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and value.isidentifier():
        # A plain str, for an enum's member would be written with its class.
        return literal_column(f"'{str.__str__(value)}'")
    if isinstance(value, tuple | list):
        return [_written_out(one) for one in value]
    return value


def partial_index(name: str, where: str, *columns: str, unique: bool = False) -> Index:
    """An index of the rows where a condition holds.

    Words, not bound values: SQLite uses such an index only for a query that states the same words. PostgreSQL has the
    same condition from the migrations, which alone make tables: to name it here would load its dialect everywhere.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


class Base(DeclarativeBase):
    """Base of all tables. Constraint names are fixed so that migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}
