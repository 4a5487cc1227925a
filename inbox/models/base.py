"""How a table is written, and the column types of ours.

Tables are written in the words of SQLAlchemy's declarative classes, but are plain Core: docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar, cast, get_args, get_origin, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnClause,
    ColumnElement,
    Dialect,
    FromClause,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    literal_column,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

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

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """What stores a moment: the function itself, for what a TypeDecorator wraps around it costs more than it."""
        return _to_stored

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """What loads a moment, aware and in UTC."""
        return _from_stored


def _to_stored(value: datetime | None) -> int | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a datetime without a time zone cannot be stored")
    return (value - _EPOCH) // _MILLISECOND


def _from_stored(value: Any) -> datetime | None:
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


# What an annotation means for a column that names no type.
_TYPES: Mapping[Any, type[TypeEngine[Any]]] = {int: Integer, str: String, bool: Boolean, datetime: UtcDateTime}

# What a class of ours has in the place of a column. Column itself cannot be typed so: SQLAlchemy 2.1 lets no type
# checker read it from a class.
Mapped = ColumnClause


def mapped_column(*parts: Any, **options: Any) -> Any:
    """A column, with what its annotation does not say: another type, a foreign key, a default."""
    return parts, options


class Base:
    """A table: each annotation `Mapped[...]` is one of its columns, `Mapped[... | None]` one that may be NULL.

    In a statement the class stands for the table and its attributes for the columns. It has no objects. Constraint
    names are fixed so that migrations can address them.
    """

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[Any, ...]] = ()
    __table_options__: ClassVar[Mapping[str, Any]] = {}
    __table__: ClassVar[FromClause]

    def __init_subclass__(cls) -> None:
        """Make the table of a new class."""
        columns = [
            _made(name, get_args(hint)[0], *vars(cls).get(name, mapped_column()))
            for name, hint in get_type_hints(cls).items()
            if get_origin(hint) is ColumnClause
        ]
        cls.__table__ = Table(cls.__tablename__, Base.metadata, *columns, *cls.__table_args__, **cls.__table_options__)
        for one in columns:
            setattr(cls, one.key, one)

    @classmethod
    def __clause_element__(cls) -> FromClause:
        """What SQLAlchemy asks of whatever stands in a statement."""
        return cls.__table__


M = TypeVar("M", bound=Base)


def aliased(model: type[M]) -> type[M]:
    """The same table once more in one statement."""
    table = model.__table__.alias()
    columns = {one.key: one for one in table.columns}
    return cast("type[M]", type(model.__name__, (_Alias,), {"__table__": table, **columns}))


class _Alias:
    __table__: ClassVar[FromClause]

    @classmethod
    def __clause_element__(cls) -> FromClause:
        return cls.__table__


def _made(name: str, values: Any, parts: tuple[Any, ...], options: Mapping[str, Any]) -> Column[Any]:
    """The column of an annotation; `values` is what it may hold. A foreign key brings the type of what it points to."""
    kinds = get_args(values) or (values,)
    return Column(name, *(parts or (_TYPES[kinds[0]],)), nullable=type(None) in kinds, **options)
