"""The generic channel: any system over signed HTTP, by Standard Webhooks in both directions.

Bodies: docs/channels/api.md.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from connectors.api_body import Attachment, Body, event_of
from connectors.contract import (
    Capabilities,
    ChannelMisconfigured,
    Connector,
    Health,
    MediaKind,
    Net,
    Outgoing,
    Parsed,
    Rejected,
    Reply,
    Request,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    with_detail,
)
from connectors.standard_webhooks import check_signature, signature, signing_key
from connectors.wire import as_documented, object_in

MAX_TEXT = 20_000
MAX_FILE = 26_214_400


class Config(BaseModel):
    """What connects the channel."""

    model_config = ConfigDict(extra="ignore")

    secret: str = Field(
        title="Secret",
        description="whsec_ and 24 to 64 random bytes in base64; both sides sign with it",
        json_schema_extra={"made": True},
    )
    old_secret: str = Field("", title="Former secret", description="Accepted too while the secret is being changed")
    url: str = Field("", title="Your address", description="Answers are sent there; empty: they can only be read here")

    @field_validator("secret", "old_secret")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        if value:
            signing_key(value)
        return value

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
            raise ValueError("expected an address with https://")
        return value


def verify(request: Request, config: Config) -> None:
    """Check the signature with the secret or the former one; raises Unauthorized."""
    check_signature(request, (config.secret, config.old_secret))


def parse(request: Request, config: Config) -> Parsed:
    """Read a body by its `type`: message (default), echo, edited, deleted, status, typing. Raises BadPayload."""
    dedupe_key = request.headers.get("webhook-id")
    with as_documented():
        body = Body.model_validate(orjson.loads(request.body))
    event = event_of(body)
    return Parsed((event,), Reply(200, b'{"ok":true}', "application/json"), dedupe_key)


def inline_media(request: Request, config: Config, ref: str) -> bytes | None:
    """The bytes of an attachment that came as base64 in its message; None for one that is fetched by URL."""
    if not ref.startswith("inline:"):
        return None
    try:
        body = Body.model_validate(orjson.loads(request.body))
        attachments = (body.message.attachments if body.message else None) or []
        content = base64.b64decode(_numbered(attachments, ref).base64 or "", validate=True)
    except (orjson.JSONDecodeError, ValidationError, IndexError, ValueError) as error:
        raise Rejected("The attachment is neither a link nor base64.") from error
    if not content:
        raise Rejected("The attachment is neither a link nor base64.")
    return content


def _numbered(attachments: Sequence[Attachment], ref: str) -> Attachment:
    number = ref.removeprefix("inline:")
    if not number.isdecimal():
        raise IndexError(number)
    return attachments[int(number)]


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes behind a link of the customer's system."""
    answer = await net.request("GET", ref, timeout=60, max_bytes=max_bytes)
    if answer.status != 200:
        words = with_detail("The link cannot be read.", answer.status)
        raise Unreachable(words) if answer.status >= 500 else Rejected(words)
    return answer.body


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Post the answer to the customer's address; the webhook id stays the same over retries."""
    if not config.url:
        raise ChannelMisconfigured("This channel has no address to send answers to.")
    body = orjson.dumps(await _outgoing_body(outgoing))
    timestamp = str(int(outgoing.now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": outgoing.dedup_key,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(config.secret, outgoing.dedup_key, timestamp, body),
    }
    answer = await net.request("POST", config.url, headers=headers, body=body, timeout=20)
    if 200 <= answer.status < 300:
        return (_external_id(answer.body) or outgoing.dedup_key,)
    raise _problem(answer.status, answer.headers)


def _external_id(body: bytes) -> str:
    found = object_in(body).get("external_id")
    return str(found)[:200] if type(found) in (str, int) else ""


async def _outgoing_body(outgoing: Outgoing) -> dict[str, Any]:
    return {
        "type": "message",
        "contact": {"external_id": outgoing.address},
        "message": {
            "id": outgoing.dedup_key,
            "text": outgoing.text,
            "reply_to": outgoing.reply_to,
            "author": outgoing.agent_name,
            "timestamp": outgoing.at.astimezone(UTC).isoformat(),
            "attachments": [
                {"url": file.url, "mime": file.mime, "filename": file.name, "size": file.size}
                for file in outgoing.media
            ],
        },
    }


def _problem(status: int, headers: Mapping[str, str]) -> SendError:
    if status == 429:
        after = headers.get("retry-after", "")
        return Throttled("The address asks to wait.", float(after) if after.isascii() and after.isdecimal() else None)
    if status in (401, 403, 404, 410):
        return ChannelMisconfigured(with_detail("The address refuses us.", status))
    if status == 413:
        return TooLarge("The address says that the message is too large.")
    if status >= 500 or status == 408:
        return Unreachable(with_detail("The address has trouble of its own.", status), maybe_sent=True)
    return Rejected(with_detail("The address refuses this message.", status))


async def check(config: Config, net: Net) -> Health:
    """Say whether the configuration can work; the address is only asked whether it is there."""
    if not config.url:
        return Health("ok", "Messages can come in; there is no address for answers.")
    try:
        await net.request("HEAD", config.url, timeout=5)
    except Unreachable as error:
        return Health("degraded", with_detail("The address cannot be reached.", error.reason))
    return Health("ok")


CONNECTOR = Connector(
    kind="api",
    title="HTTP API",
    icon='<path d="M6 5 3.5 8 6 11M10 5l2.5 3L10 11M8.800 4.500 7.200 11.500"/>',
    colour="#475569",
    config=Config,
    secrets=frozenset({"secret", "old_secret"}),
    capabilities=Capabilities(
        max_text=MAX_TEXT,
        media=dict.fromkeys(MediaKind, MAX_FILE),
        receipts=True,
        typing=True,
        edits=True,
        deletes=True,
        idempotent_send=True,
    ),
    verify=verify,
    parse=parse,
    send=send,
    check=check,
    fetch_media=fetch_media,
    inline_media=inline_media,
)
