"""Trees with one wrong node, and whether an event is exactly what its annotations say."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from connectors.contract import Media, Parsed, StatusChanged


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every node of a tree, by its path."""
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


def with_node(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The tree with one node replaced."""
    if not path:
        return value
    key, *rest = path
    # What lies beside the path is shared, not copied.
    changed = tree.copy()
    changed[key] = with_node(tree[key], tuple(rest), value)
    return changed


@functools.cache
def hints_of(kind: type) -> dict[str, Any]:
    """The annotations of a class, read once."""
    return get_type_hints(kind)


def flaws(value: Any, wanted: Any, where: str = "") -> list[str]:
    """How a value differs from its annotation, through dataclasses, unions, tuples and mappings."""
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        if type(value) in get_args(wanted):
            return flaws(value, type(value), where)
        tried = [flaws(value, option, where) for option in get_args(wanted)]
        return [] if [] in tried else min(tried, key=len)
    if origin is tuple:
        if type(value) is not tuple:
            return [f"{where}: {value!r:.60} is no tuple"]
        return [
            flaw for index, item in enumerate(value) for flaw in flaws(item, get_args(wanted)[0], f"{where}[{index}]")
        ]
    if origin is not None:
        if not isinstance(value, Mapping):
            return [f"{where}: {value!r:.60} is no mapping"]
        return [flaw for item in (*value, *value.values()) for flaw in flaws(item, str, where)]
    if type(value) is not wanted:
        return [f"{where}: {value!r:.60} is {type(value).__name__}, not {wanted}"]
    if is_dataclass(value):
        hints = hints_of(type(value))
        inner = [
            flaw
            for field in fields(value)
            for flaw in flaws(getattr(value, field.name), hints[field.name], f"{where}.{field.name}")
        ]
        return inner + odd(value, where)
    return odd(value, where)


def odd(value: Any, where: str) -> list[str]:
    """What the types cannot say."""
    match value:
        case str():
            return (
                []
                if value.isascii() or value.encode("utf-8", "ignore").decode() == value
                else [f"{where}: lone surrogate"]
            )
        case datetime():
            return [] if value.tzinfo is UTC else [f"{where}: {value} is not in UTC"]
        case Media():
            return [] if (value.ref is None) != (value.upload is None) else [f"{where}: exactly one of ref and upload"]
        case StatusChanged():
            known = ("sent", "delivered", "read", "failed")
            return [] if value.state in known else [f"{where}: state {value.state!r}"]
        case Parsed():
            return [] if 200 <= value.reply.status < 300 else [f"{where}: reply {value.reply.status}"]
    if is_dataclass(value):
        named = [name for name in ("address", "external_id") if getattr(value, name, "x") == ""]
        return [f"{where}: empty {name}" for name in named]
    return []


def well_typed(parsed: Parsed) -> list[str]:
    """Everything that is wrong with what a connector read; nothing when it may go on to the product."""
    return flaws(parsed, Parsed, "parsed")
