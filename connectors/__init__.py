"""The channels this product knows. A module is imported when its kind is first asked for, not before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from connectors.contract import AnyConnector

# kind, module whose CONNECTOR declares it. Outsiders add theirs by the entry point group "inbox.connectors".
CONNECTORS: tuple[tuple[str, str], ...] = (
    ("widget", "widget.connector"),
    ("vk", "connectors.vk"),
    ("max", "connectors.max"),
    ("ok", "connectors.ok"),
    ("avito", "connectors.avito"),
    ("api", "connectors.api"),
    ("telegram", "connectors.telegram"),
    ("whatsapp", "connectors.whatsapp"),
    ("email", "connectors.email"),
    ("messenger", "connectors.messenger"),
    ("instagram", "connectors.instagram"),
    ("viber", "connectors.viber"),
    ("line", "connectors.line"),
    ("twilio", "connectors.twilio"),
)


class UnknownConnector(LookupError):
    """No connector of that kind is installed."""


def kinds() -> tuple[str, ...]:
    """Every installed kind, ours first."""
    return (*(kind for kind, _ in CONNECTORS), *(entry.name for entry in entry_points(group="inbox.connectors")))


@cache
def find(kind: str) -> AnyConnector:
    """The declaration of a kind; raises UnknownConnector."""
    for known, module in CONNECTORS:
        if known == kind:
            declared: AnyConnector = import_module(module).CONNECTOR
            return declared
    for entry in entry_points(group="inbox.connectors", name=kind):
        plugged: AnyConnector = entry.load()
        return plugged
    raise UnknownConnector(kind)


def places() -> Iterator[bytes]:
    """What tells one installation of the connectors from another, without an import of any: files and versions."""
    for _, module in CONNECTORS:
        found = find_spec(module)
        if found is not None and found.origin is not None:
            yield Path(found.origin).read_bytes()
    for entry in entry_points(group="inbox.connectors"):
        yield f"{entry.name} {entry.value} {entry.dist.version if entry.dist else ''}".encode()


def every() -> Iterator[AnyConnector]:
    """All declarations, in the order of `kinds`; imports every connector."""
    return (find(kind) for kind in kinds())
