"""What the site chat holds for the life of the process, and how a channel's settings are opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from aiohttp import web
from sqlalchemy import select

from inbox.models import Channel, Company
from inbox.queries.channels import ChannelRow, channel_by_token
from inbox.runtime.blobs import Blobs
from inbox.runtime.clock import Clock
from inbox.runtime.database import Database, Tx
from inbox.runtime.secrets import Vault
from widget.connector import CONNECTOR, WidgetConfig
from widget.limits import Limits
from widget.origins import is_allowed, rules_of
from widget.push import Push

SURFACE: web.AppKey[Surface] = web.AppKey("site_chat")


@dataclass(frozen=True, slots=True)
class Chat:
    """One channel of the site chat with its settings opened."""

    id: int
    key: str
    company: str
    config: WidgetConfig

    @property
    def sites(self) -> tuple[str, ...]:
        """The rules of the sites that may show it."""
        return rules_of(self.config.allowed_origins)


@dataclass
class Surface:
    """Resources and counters. `visitor_typing` is told the conversation and whether its client types now."""

    database: Database
    clock: Clock
    blobs: Blobs
    vault: Vault
    base_url: str
    max_upload_bytes: int
    trust_proxy: bool = False
    visitor_typing: Callable[[int, bool], None] = lambda _conversation_id, _on: None
    limits: Limits = field(default_factory=Limits)
    lines_by_network: dict[str, int] = field(default_factory=dict)
    moves: set[asyncio.Task[None]] = field(default_factory=set)
    _opened: dict[str, tuple[tuple[ChannelRow, str], Chat]] = field(default_factory=dict)

    @cached_property
    def push(self) -> Push:
        """The open chats."""
        return Push(self.database)

    async def chat(self, key: str) -> Chat | None:
        """The channel of a public key as it is now, one object for all of its visitors; None when there is none."""
        found = await self.database.read(_chat_row, key)
        if found is None:
            self._opened.pop(key, None)
            return None
        known = self._opened.get(key)
        if known is not None and known[0] == found:
            return known[1]
        row, company = found
        chat = Chat(row.id, row.token, company, WidgetConfig.model_validate(self.vault.unlock(row.config)))
        self._opened[key] = (found, chat)
        return chat

    async def first_chat_key(self) -> str | None:
        """The key of the oldest site chat, for the demo site."""
        return await self.database.read(_first_key)

    def network(self, request: web.Request) -> str:
        """The client's network address; a proxy's word is taken only when the settings trust it."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        if self.trust_proxy and forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
        return request.remote or ""

    def home(self, request: web.Request) -> str:
        """Our own origin as this browser sees it; the setting wins when the browser came by it or by a proxy."""
        own = f"{request.scheme}://{request.host}"
        return self.base_url if self.base_url.partition("://")[2] == request.host or self.trust_proxy else own

    def speaks_for_us(self, request: web.Request, chat: Chat) -> bool:
        """Whether a request comes from our own frame or an allowed site. A client without an Origin is no browser."""
        origin = request.headers.get("Origin")
        if origin is None:
            return True
        own = self.home(request)
        return origin.lower() == own.lower() or (bool(chat.sites) and is_allowed(origin, chat.sites, own))


def _chat_row(tx: Tx, key: str) -> tuple[ChannelRow, str] | None:
    row = channel_by_token(tx, CONNECTOR.kind, key)
    company = tx.execute(select(Company.name)).scalar_one_or_none()
    return None if row is None else (row, company or row.name)


def _first_key(tx: Tx) -> str | None:
    alive = select(Channel.token).where(Channel.kind == CONNECTOR.kind, Channel.removed_at.is_(None))
    return tx.execute(alive.order_by(Channel.id).limit(1)).scalar_one_or_none()
