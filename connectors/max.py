"""MAX: a company's bot. docs/channels/max.md.

Only the declaration; the modules max_* read, send and set up.
"""

from __future__ import annotations

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.max_config import Config
from connectors.max_parse import parse, verify
from connectors.max_send import LARGEST_FILE, MAX_TEXT, acknowledge, delete, edit, mark_read, send, show_typing
from connectors.max_setup import check, connect, disconnect, entry_url, fetch_media, poll, profile

# MAX takes thirty requests a second from a bot and two messages a second in a dialog.
PER_SECOND = 25.0
DIALOG_PAUSE_SECONDS = 0.5

CONNECTOR = Connector(
    kind="max",
    title="MAX",
    icon='<path d="M8 2a6 6 0 0 0-6 6c0 1 .1 5.300.6 6 .5.5 1.900-.9 2.400-1.100A6 6 0 1 0 8 2z'
    'm0 3a3 3 0 1 1 0 6 3 3 0 0 1 0-6z"/>',
    colour="#5b4dff",
    config=Config,
    secrets=frozenset({"token", "webhook_secret"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        max_caption=MAX_TEXT,
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        edits=True,
        deletes=True,
        buttons=True,
        per_second=PER_SECOND,
        address_pause=DIALOG_PAUSE_SECONDS,
    ),
    verify=verify,
    parse=parse,
    send=send,
    connect=connect,
    disconnect=disconnect,
    check=check,
    poll=poll,
    polls=lambda config: not config.webhook_url,
    account=lambda config: str(config.bot_id),
    entry_url=entry_url,
    profile=profile,
    fetch_media=fetch_media,
    edit=edit,
    delete=delete,
    acknowledge=acknowledge,
    typing=show_typing,
    mark_read=mark_read,
)
