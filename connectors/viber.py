"""Viber: a company's bot. docs/channels/viber.md.

Only the declaration; the modules viber_* read, send and set up.
"""

from __future__ import annotations

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.viber_config import Config
from connectors.viber_parse import SESSION_SECONDS, parse, verify
from connectors.viber_send import LARGEST_FILE, MAX_CAPTION, MAX_TEXT, send
from connectors.viber_setup import check, connect, disconnect, entry_url, fetch_media, profile

# Viber names no number for single messages; broadcasts may go fifty a second.
PER_SECOND = 20.0

CONNECTOR = Connector(
    kind="viber",
    title="Viber",
    icon=(
        '<path d="M8 2c-4 0-5.500 1.500-5.500 5 0 2 .5 3.500 1.500 4.300V14l2.200-2.200'
        'c.6.1 1.100.2 1.800.2 4 0 5.500-1.500 5.500-5S12 2 8 2z"/>'
        '<path d="M6 5c-.7.5-.5 1.700.6 3.200S9 10.200 9.700 9.700l.4-.6-1.300-1-.6.5'
        'C7.500 8.200 7 7.600 6.800 6.900l.6-.5L6.600 5z"/>'
    ),
    colour="#7360f2",
    config=Config,
    secrets=frozenset({"token"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        max_caption=MAX_CAPTION,
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        receipts=True,
        buttons=True,
        reply_window=SESSION_SECONDS,
        per_second=PER_SECOND,
    ),
    verify=verify,
    parse=parse,
    send=send,
    connect=connect,
    disconnect=disconnect,
    check=check,
    account=lambda config: config.account_id,
    entry_url=entry_url,
    profile=profile,
    fetch_media=fetch_media,
)
