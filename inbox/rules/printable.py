"""Taking out of texts what no database stores and nobody can see."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

T = TypeVar("T")


def printable(value: T) -> T:
    """The value without NUL and lone surrogates in any of its texts, through dataclasses, tuples and mappings."""
    return cast("T", _cleaned(value))


def _cleaned(value: Any) -> Any:
    if type(value) is str:
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{entry.name: _cleaned(getattr(value, entry.name)) for entry in fields(value)})
    return value
