"""Statements of the busiest paths: written in Core, compiled once, run on SQLite's own cursor.

`connection.execute` looks a statement up in a cache, builds a context and a result around every call, which costs more
than SQLite needs to run it. A Lean statement keeps the compiled SQL and the order of its parameters instead. On
PostgreSQL, where the way to the server outweighs all this, it is executed as any other.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.sql.expression import Insert, Select, Update

from inbox.runtime.database import Tx

Convert = Callable[[Any], Any]


class Lean:
    """One statement. Every call must give the same parameters as the first one, by name; IN lists cannot be given."""

    def __init__(self, statement: Insert | Update | Select[*tuple[Any, ...]]) -> None:
        """Nothing is compiled before the first call."""
        self._statement = statement
        self._compiled: _Compiled | None = None

    def rows(self, tx: Tx, values: Mapping[str, Any]) -> list[Any]:
        """All rows, with columns as attributes and by place."""
        raw = tx.sqlite
        if raw is None:
            return list(tx.execute(self._statement, dict(values)).all())
        compiled = self._compiled or self._compile(tx, values)
        return [compiled.row(found) for found in raw.execute(compiled.sql, compiled.bind(values))]

    def first(self, tx: Tx, values: Mapping[str, Any]) -> Any:
        """The first row, or None."""
        found = self.rows(tx, values)
        return found[0] if found else None

    def scalar(self, tx: Tx, values: Mapping[str, Any]) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(tx, values)
        return found[0][0] if found else None

    def insert(self, tx: Tx, values: Mapping[str, Any]) -> int:
        """Insert one row; returns its integer key."""
        raw = tx.sqlite
        if raw is None:
            key: int = tx.execute(self._statement, dict(values)).inserted_primary_key[0]  # type: ignore[index]
            return key
        compiled = self._compiled or self._compile(tx, values)
        return raw.execute(compiled.sql, compiled.bind(values)).lastrowid or 0

    def change(self, tx: Tx, values: Mapping[str, Any]) -> int:
        """Update; returns how many rows were hit."""
        raw = tx.sqlite
        if raw is None:
            return tx.execute(self._statement, dict(values)).rowcount
        compiled = self._compiled or self._compile(tx, values)
        return raw.execute(compiled.sql, compiled.bind(values)).rowcount

    def _compile(self, tx: Tx, values: Mapping[str, Any]) -> _Compiled:
        self._compiled = _Compiled(self._statement, tx.connection.dialect, values)
        return self._compiled


class _Compiled:
    """What is left of a statement to do for every call."""

    def __init__(self, statement: Any, dialect: Dialect, values: Mapping[str, Any]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(values))
        constants = dict(compiled.params)
        for column in compiled.insert_prefetch:
            constants[column.key] = column.default.arg
        self.sql = str(compiled)
        self._count = len(values)
        self._names: list[str] = compiled.positiontup or []
        self._constants: dict[str, Any] = {}
        self._converts: list[tuple[int, Convert]] = []
        for place, name in enumerate(self._names):
            convert = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            if name not in values:
                self._constants[name] = constants[name] if convert is None else convert(constants[name])
            elif convert is not None:
                self._converts.append((place, convert))
        self._read_columns(statement, dialect)

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters in the order of the SQL; raises KeyError when they are not those of the first call."""
        if len(values) != self._count:
            raise KeyError(sorted(values))
        given = {**self._constants, **values}
        bound = [given[name] for name in self._names]
        for place, convert in self._converts:
            bound[place] = convert(bound[place])
        return bound

    def _read_columns(self, statement: Any, dialect: Dialect) -> None:
        columns = list(getattr(statement, "exported_columns", ()))
        names = [column.key for column in columns]
        # Two columns may have one name; the later one is then reached by place only.
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024 - made at run time.
        make: Convert = row._make
        made = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        converts = [(place, convert) for place, convert in enumerate(made) if convert is not None]

        def read(found: tuple[Any, ...]) -> Any:
            values = list(found)
            for place, convert in converts:
                values[place] = convert(values[place])
            return make(values)

        self.row: Convert = read if converts else make
