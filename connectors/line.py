"""LINE: an official account. docs/channels/line.md."""

from __future__ import annotations

from urllib.parse import quote

from connectors.contract import Capabilities, Connector, MediaKind
from connectors.line_config import Config
from connectors.line_parse import parse, verify
from connectors.line_send import (
    LARGEST_FILE,
    MAX_TEXT,
    check,
    connect,
    fetch_media,
    profile,
    send,
    typing,
)
from connectors.marks import with_mark


def entry_url(config: Config, token: str) -> str:
    """A link that opens the chat with words prepared; they end with the mark by which the link is known again."""
    words = quote(with_mark(config.greeting, token))
    return f"https://line.me/R/oaMessage/{quote(config.basic_id)}/?{words}" if config.basic_id else ""


CONNECTOR = Connector(
    kind="line",
    title="LINE",
    icon=(
        '<path d="M8 2.500c-3.600 0-6 2.200-6 4.900 0 2.400 2 4.300 4.800 4.800.5.1.5.4.2 1.800 2.800-1.200 '
        '7-3.500 7-6.600 0-2.700-2.400-4.900-6-4.900z"/>'
    ),
    colour="#06a94b",
    config=Config,
    secrets=frozenset({"channel_secret", "access_token"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        text_unit="utf16",
        media=dict.fromkeys(MediaKind, LARGEST_FILE),
        edits=True,
        deletes=True,
        buttons=True,
        per_second=50.0,
        idempotent_send=True,
    ),
    verify=verify,
    parse=parse,
    send=send,
    connect=connect,
    check=check,
    account=lambda config: config.bot_id,
    entry_url=entry_url,
    profile=profile,
    fetch_media=fetch_media,
    typing=typing,
)
