"""Odnoklassniki: the messages of a group. docs/channels/ok.md.

Only the declaration; the modules ok_* read, send and set up.
"""

from __future__ import annotations

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.ok_config import Config
from connectors.ok_parse import parse, verify
from connectors.ok_send import LARGEST_FILE, MAX_TEXT, edit, mark_read, send, show_typing
from connectors.ok_setup import check, connect, disconnect, fetch_media

# OK documents no limit; this is slow enough for a group's key and fast enough for people.
PER_SECOND = 5.0

CONNECTOR = Connector(
    kind="ok",
    title="Odnoklassniki",
    icon='<path d="M8 1.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6zm0 1.700a1.300 1.300 0 1 1 0 2.600 1.300 1.300 0 0 1 0-2.600z'
    "M4.600 8.500 3.800 9.900c.8.6 1.700 1 2.600 1.200L4 13.500l1.200 1.200L8 11.900l2.800 2.800 1.200-1.200"
    '-2.400-2.400c.9-.2 1.800-.6 2.600-1.200l-.8-1.400a6.200 6.200 0 0 1-6.800 0z"/>',
    colour="#ee8208",
    config=Config,
    secrets=frozenset({"token", "webhook_secret"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        max_caption=MAX_TEXT,
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        buttons=True,
        per_second=PER_SECOND,
    ),
    verify=verify,
    parse=parse,
    send=send,
    connect=connect,
    disconnect=disconnect,
    check=check,
    account=lambda config: config.group_id,
    fetch_media=fetch_media,
    edit=edit,
    typing=show_typing,
    mark_read=mark_read,
)
