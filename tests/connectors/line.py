"""A connector's way to its platform, without the product: the network, a configuration, files to send."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.contract import Amendment, AnyConnector, MediaKind, Outgoing, OutgoingMedia, SendError
from inbox.rules.splitting import split_text
from inbox.runtime.net import GuardedNet
from tests.connectors.accounts import outgoing
from tests.platforms.loopback import Platform


@dataclass
class Line:
    """Our side of a platform. `config` is the checked configuration."""

    declared: AnyConnector
    config: Any
    net: GuardedNet
    address: str

    def answer(self, text: str = "Да, есть", **parts: Any) -> Outgoing:
        """An answer to the client."""
        limits = self.declared.capabilities
        pieces = split_text(text, limits.max_text, limits.text_unit) if text else ()
        return outgoing(text, **{"address": self.address, "parts": pieces, **parts})

    async def send(self, text: str = "Да, есть", **parts: Any) -> list[str]:
        """Hand it over; the external ids."""
        return list(await self.declared.send(self.answer(text, **parts), self.config, self.net))

    async def refused(self, text: str = "Да, есть", **parts: Any) -> SendError:
        """Hand it over in vain; the error."""
        with pytest.raises(SendError) as caught:
            await self.send(text, **parts)
        return caught.value

    def change(self, *external_ids: str, text: str = "", **parts: Any) -> Amendment:
        """A change of what was sent."""
        return Amendment(self.address, external_ids, text, (text,), **parts)


@contextlib.asynccontextmanager
async def line_to(
    platform: Platform,
    declared: AnyConnector,
    values: Mapping[str, Any],
    address: str,
    servers: Iterable[str] = ("base_url",),
) -> AsyncIterator[Line]:
    """A platform that listens as each of its `servers`, and our side of it with the other `values`."""
    net = GuardedNet(allow_private=True)
    await net.open()
    try:
        async with platform.run():
            config = declared.config.model_validate({**values, **dict.fromkeys(servers, platform.url)})
            yield Line(declared, config, net, address)
    finally:
        await net.close()


def file(kind: MediaKind, mime: str, name: str = "file", content: bytes = b"bytes", url: str = "") -> OutgoingMedia:
    """A file to send."""

    async def read() -> bytes:
        return content

    return OutgoingMedia(kind, name, mime, len(content), read, url)
