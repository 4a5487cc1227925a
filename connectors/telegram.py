"""Telegram: a company's bot, and through it the owner's business account. docs/channels/telegram.md.

Only the declaration, cheap to import: whatever talks to Telegram loads aiogram when it is first needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from connectors.console import AgentConsole
from connectors.contract import Capabilities, Connector, MediaKind
from connectors.telegram_config import Config, entry_url
from connectors.telegram_parse import parse, verify
from connectors.telegram_plan import LARGEST_FILE, MAX_CAPTION, MAX_TEXT, MOST_IN_ALBUM

_SEND = "connectors.telegram_send"
_SETUP = "connectors.telegram_setup"
_CONSOLE = "connectors.telegram_console"

# Telegram's limits: about 30 messages a second for a bot, one a second in a chat.
PER_SECOND = 28.0
CHAT_PAUSE_SECONDS = 1.0
# All topics of a group share them.
GROUP_POSTS_PER_MINUTE = 20
MAX_TOPIC = 128


def _late(module: str, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A function of a module that is imported when it is first called, in a thread: aiogram takes seconds to load."""

    async def call(*arguments: Any) -> Any:
        # Also when it is known already: a module that another call is loading stands half made in sys.modules.
        found = await asyncio.to_thread(import_module, module)
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
    agent_console=AgentConsole(
        max_text=MAX_TEXT,
        max_caption=MAX_CAPTION,
        max_title=MAX_TOPIC,
        max_album=MOST_IN_ALBUM,
        album=frozenset({MediaKind.IMAGE, MediaKind.VIDEO}),
        text_unit="utf16",
        posts_per_minute=GROUP_POSTS_PER_MINUTE,
        login_link=_late(_CONSOLE, "login_link"),
        invite_link=_late(_CONSOLE, "invite_link"),
        check=_late(_CONSOLE, "check"),
        open_thread=_late(_CONSOLE, "open_thread"),
        rename_thread=_late(_CONSOLE, "rename_thread"),
        close_thread=_late(_CONSOLE, "close_thread"),
        post=_late(_CONSOLE, "post"),
        edit=_late(_CONSOLE, "edit"),
        pin=_late(_CONSOLE, "pin"),
        find_post=_late(_CONSOLE, "find_post"),
        find_thread=_late(_CONSOLE, "find_thread"),
    ),
)
