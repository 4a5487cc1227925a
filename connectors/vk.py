"""VK: the messages of a community. docs/channels/vk.md.

Only the declaration; the modules vk_* read, send and set up.
"""

from __future__ import annotations

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.vk_config import Config
from connectors.vk_parse import OK, parse, verify
from connectors.vk_send import MAX_TEXT, acknowledge, delete, edit, mark_read, react, send, show_typing
from connectors.vk_setup import check, connect, disconnect, entry_url, fetch_media, poll, profile
from connectors.vk_upload import LARGEST_FILE

# VK takes twenty requests a second with the key of a community; reading and typing take some of them.
PER_SECOND = 15.0

CONNECTOR = Connector(
    kind="vk",
    title="VK",
    icon='<path d="M2 4.500h2.300c.2 3 1.300 4.800 2.500 5.200V4.500H9v3'
    "c1.300-.2 2.500-1.600 3-3h2c-.4 1.700-1.600 3.200-2.700 3.800"
    ' 1.200.6 2.400 1.800 3 3.700h-2.300c-.5-1.300-1.500-2.300-3-2.500V12h-.7C4.700 12 2.200 9.300 2 4.500z"/>',
    colour="#0077ff",
    config=Config,
    secrets=frozenset({"token", "webhook_secret"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        max_caption=MAX_TEXT,
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        receipts=True,
        typing=True,
        edits=True,
        reactions=True,
        buttons=True,
        per_second=PER_SECOND,
        idempotent_send=True,
    ),
    verify=verify,
    parse=parse,
    send=send,
    kept=OK,
    connect=connect,
    disconnect=disconnect,
    check=check,
    poll=poll,
    polls=lambda config: not config.webhook_url,
    account=lambda config: str(config.group_id),
    entry_url=entry_url,
    profile=profile,
    fetch_media=fetch_media,
    edit=edit,
    delete=delete,
    react=react,
    acknowledge=acknowledge,
    typing=show_typing,
    mark_read=mark_read,
)
