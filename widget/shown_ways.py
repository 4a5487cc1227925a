"""The messengers that a chat offers to go on in, and the accounts whose links on the site's pages are ours."""

from __future__ import annotations

from dataclasses import dataclass

import connectors
from inbox.entry_address import entry_address
from inbox.queries.entry_links import ways
from inbox.rules.entry_links import account_of
from widget.surface import Chat, Surface


@dataclass(frozen=True, slots=True)
class ShownWay:
    """A messenger to go on in."""

    channel_id: int
    title: str


async def shown_ways(surface: Surface, chat: Chat) -> list[ShownWay]:
    """The messengers that a chat offers, each kind once."""
    if not chat.config.go_on:
        return []
    found: dict[str, ShownWay] = {}
    for way in await surface.database.read(ways):
        if entry_address(surface.vault, way, "x"):
            found.setdefault(way.kind, ShownWay(way.channel_id, connectors.find(way.kind).title))
    return list(found.values())


async def linked_accounts(surface: Surface) -> list[str]:
    """Host and first step of the links into our channels, as they stand on the site's pages."""
    addresses = [entry_address(surface.vault, way, "x") for way in await surface.database.read(ways)]
    return sorted({account_of(address) for address in addresses if address})
