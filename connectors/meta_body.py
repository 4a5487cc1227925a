"""Meta's bodies are batches: what of one can be read becomes events, what cannot keeps the body for later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import ValidationError

from connectors.contract import BadPayload, InboundEvent
from connectors.wire import first_mistake, unread_parts

# What one item says: nothing, one thing, or several.
Found = InboundEvent | tuple[InboundEvent, ...] | None


class Unreadable(Exception):
    """An item lacks what it cannot be read without."""


@dataclass
class Reading:
    """What has been read of one body so far."""

    events: list[InboundEvent] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    @property
    def unread(self) -> str:
        """Where the body could not be read; "" when all of it could."""
        return unread_parts(self.mistakes)

    def take(self, found: Found) -> None:
        """Add what an item says."""
        if isinstance(found, tuple):
            self.events.extend(found)
        elif found is not None:
            self.events.append(found)

    def miss(self, where: str) -> None:
        """Note a part that could not be read."""
        self.mistakes.append(where)

    def each(self, items: Any, read: Callable[[Mapping[str, Any]], Found]) -> None:
        """Read every item of a list by itself, so that one that is wrong does not hold up the others."""
        if items is not None and not isinstance(items, list):
            self.miss("not a list")
            return
        for item in items or ():
            try:
                if not isinstance(item, dict):
                    raise Unreadable("not an object")
                self.take(read(item))
            except ValidationError as error:
                self.miss(first_mistake(error))
            except Unreadable as error:
                self.miss(str(error))


def entries_of(body: bytes, kinds: frozenset[str]) -> Iterator[Mapping[str, Any]]:
    """The entries of a body about one of these kinds of objects; raises BadPayload for anything else."""
    try:
        tree: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadPayload("the body is not JSON") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("object"), str) or tree["object"] not in kinds:
        raise BadPayload("the body is of another kind than this channel is told")
    entries = tree.get("entry")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadPayload("the body has no list of entries")
    return iter(entries)
