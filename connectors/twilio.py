"""Twilio: SMS, MMS and WhatsApp by a number of Twilio's. docs/channels/twilio.md.

Only the declaration; the modules twilio_* read, send and set up.
"""

from __future__ import annotations

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.twilio_config import Config
from connectors.twilio_parse import NOTHING_TO_SAY, parse, verify
from connectors.twilio_send import LARGEST_FILE, MAX_TEXT, send, typing_below
from connectors.twilio_setup import check, connect, disconnect, entry_url, fetch_media
from connectors.twilio_templates import approved_templates

# Twilio queues what a number cannot send at once; its API answers many more requests than this.
PER_SECOND = 10.0

CONNECTOR = Connector(
    kind="twilio",
    title="SMS (Twilio)",
    icon=(
        '<path d="M2.500 3.500h11v7.500H7l-3 2.500V11H2.500z"/>'
        '<circle cx="5.500" cy="7.200" r=".6"/><circle cx="8" cy="7.200" r=".6"/>'
        '<circle cx="10.500" cy="7.200" r=".6"/>'
    ),
    colour="#c8102e",
    config=Config,
    secrets=frozenset({"auth_token"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        max_caption=MAX_TEXT,
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        receipts=True,
        buttons=True,
        per_second=PER_SECOND,
    ),
    verify=verify,
    parse=parse,
    send=send,
    kept=NOTHING_TO_SAY,
    connect=connect,
    disconnect=disconnect,
    check=check,
    account=lambda config: config.sender,
    entry_url=entry_url,
    fetch_media=fetch_media,
    typing_below=typing_below,
    approved_templates=approved_templates,
)
