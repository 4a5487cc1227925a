"""Telegram: a company's bot, and through it the owner's business account. docs/channels/telegram.md.

Only the declaration, cheap to import: whatever talks to Telegram loads aiogram when it is first needed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.telegram_config import Config, entry_url
from connectors.telegram_parse import parse, verify
from connectors.telegram_plan import LARGEST_FILE, MAX_CAPTION, MAX_TEXT

_SEND = "connectors.telegram_send"
_SETUP = "connectors.telegram_setup"

# Telegram's limits: about 30 messages a second for a bot, one a second in a chat.
PER_SECOND = 28.0
CHAT_PAUSE_SECONDS = 1.0


def _late(module: str, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A function of a module that is imported when it is first called, in a thread: aiogram takes seconds to load."""

    async def call(*arguments: Any) -> Any:
        found = sys.modules.get(module) or await asyncio.to_thread(import_module, module)
        return await getattr(found, name)(*arguments)

    return call


CONNECTOR = Connector(
    kind="telegram",
    title="Telegram",
    icon='<path d="M14 2.500 1.500 7.300l3.800 1.400L11 5 6.500 9.500v3.700l2-2 3 2.300z"/>',
    colour="#229ed9",
    config=Config,
    secrets=frozenset({"token", "proxy", "webhook_secret"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        text_unit="utf16",
        max_caption=MAX_CAPTION,
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        typing=True,
        edits=True,
        deletes=True,
        reactions=True,
        buttons=True,
        per_second=PER_SECOND,
        address_pause=CHAT_PAUSE_SECONDS,
    ),
    verify=verify,
    parse=parse,
    send=_late(_SEND, "send"),
    connect=_late(_SETUP, "connect"),
    disconnect=_late(_SETUP, "disconnect"),
    check=_late(_SETUP, "check"),
    poll=_late(_SETUP, "poll"),
    polls=lambda config: not config.webhook,
    account=lambda config: str(config.bot_id),
    entry_url=entry_url,
    profile=_late(_SETUP, "profile"),
    fetch_media=_late(_SETUP, "fetch_media"),
    edit=_late(_SEND, "edit"),
    delete=_late(_SEND, "delete"),
    react=_late(_SEND, "react"),
    acknowledge=_late(_SEND, "acknowledge"),
    typing=_late(_SEND, "show_typing"),
    mark_read=_late(_SEND, "mark_read"),
)
