"""Avito: the messenger of a business account. docs/channels/avito.md.

Only the declaration; the modules avito_* read, send, ask and set up.
"""

from __future__ import annotations

from connectors.avito_config import Config
from connectors.avito_parse import parse, verify
from connectors.avito_poll import poll
from connectors.avito_send import LARGEST_PICTURE, MAX_TEXT, delete, mark_read, send
from connectors.avito_setup import check, connect, disconnect, fetch_media, profile
from connectors.contract import Capabilities, Connector, MediaKind

# Avito tells no limit; a request a second has been seen to be fine.
PER_SECOND = 1.0

CONNECTOR = Connector(
    kind="avito",
    title="Avito",
    icon='<circle cx="5.500" cy="5" r="2.500"/><circle cx="11" cy="5.500" r="1.800"/>'
    '<circle cx="5" cy="11" r="1.500"/><circle cx="10.500" cy="11" r="3"/>',
    colour="#00a046",
    config=Config,
    secrets=frozenset({"client_secret", "webhook_secret", "webhook_url"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        media={MediaKind.IMAGE: LARGEST_PICTURE},
        deletes=True,
        per_second=PER_SECOND,
    ),
    verify=verify,
    parse=parse,
    send=send,
    connect=connect,
    disconnect=disconnect,
    check=check,
    poll=poll,
    polls=lambda config: not config.webhook_url,
    account=lambda config: str(config.user_id),
    profile=profile,
    fetch_media=fetch_media,
    delete=delete,
    mark_read=mark_read,
)
