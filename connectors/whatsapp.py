"""WhatsApp: a number of the WhatsApp Business Platform (Cloud API). docs/channels/whatsapp.md."""

from __future__ import annotations

from urllib.parse import quote

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.marks import with_mark
from connectors.meta_graph import handshake
from connectors.whatsapp_config import Config
from connectors.whatsapp_parse import WINDOW_SECONDS, addressees, parse, verify
from connectors.whatsapp_plan import LARGEST_FILE, MAX_CAPTION, MAX_TEXT
from connectors.whatsapp_send import mark_read, react, send, typing_below
from connectors.whatsapp_setup import approved_templates, check, connect, disconnect, fetch_media

# A number that is used on the phone too may send 20 messages a second, others 80.
PER_SECOND = 20.0
# WhatsApp lets some messages to one client through at once, then one in six seconds; it says so, and we wait then.
CLIENT_PAUSE_SECONDS = 0.5


def entry_url(config: Config, token: str) -> str:
    """A link that opens the chat with words prepared; they end with the mark by which the link is known again."""
    text = quote(with_mark(config.greeting, token))
    return f"https://wa.me/{config.digits}?text={text}" if config.digits else ""


CONNECTOR = Connector(
    kind="whatsapp",
    title="WhatsApp",
    icon=(
        '<path d="M2.500 13.500l.8-2.900A5.600 5.600 0 1 1 5.500 12.700z"/>'
        '<path d="M6 5.500c-.3 1.800 2.700 4.900 4.500 4.500l.4-1.200-1.400-.7-.6.6L7.300 7.100l.6-.6L7.200 5.100z"/>'
    ),
    colour="#1f9d55",
    config=Config,
    secrets=frozenset({"app_secret", "access_token", "proxy"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        max_caption=MAX_CAPTION,
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        receipts=True,
        edits=True,
        deletes=True,
        reactions=True,
        buttons=True,
        reply_window=WINDOW_SECONDS,
        per_second=PER_SECOND,
        address_pause=CLIENT_PAUSE_SECONDS,
    ),
    verify=verify,
    parse=parse,
    send=send,
    handshake=handshake,
    addressees=addressees,
    connect=connect,
    disconnect=disconnect,
    check=check,
    account=lambda config: config.phone_number_id,
    entry_url=entry_url,
    fetch_media=fetch_media,
    react=react,
    typing_below=typing_below,
    mark_read=mark_read,
    approved_templates=approved_templates,
)
