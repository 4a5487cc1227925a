"""The generic channel: any system over signed HTTP, by Standard Webhooks in both directions.

Format: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
Bodies: docs/channels/api.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from connectors.contract import (
    BadPayload,
    Capabilities,
    ChannelMisconfigured,
    Connector,
    Echo,
    Health,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Net,
    Outgoing,
    Parsed,
    Profile,
    Referral,
    Rejected,
    Reply,
    Request,
    SendError,
    StatusChanged,
    Throttled,
    TooLarge,
    Typing,
    Unauthorized,
    Unreachable,
)

TOLERANCE_SECONDS = 300
MAX_TEXT = 20_000
MAX_FILE = 26_214_400
_PREFIX = "whsec_"
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}


class Config(BaseModel):
    """What connects the channel."""

    model_config = ConfigDict(extra="ignore")

    secret: str = Field(
        title="Secret", description="whsec_ and 24 to 64 random bytes in base64; both sides sign with it"
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


def signing_key(secret: str) -> bytes:
    """The bytes that sign; raises ValueError when the secret is not whsec_ and at least 16 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("expected whsec_ and base64") from error
    if len(key) < 16:
        raise ValueError("the secret is too short: at least 16 bytes")
    return key


def signature(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    """`v1,<base64>` over id, timestamp and raw body."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(signing_key(secret), signed, hashlib.sha256).digest()).decode()


def verify(request: Request, config: Config) -> None:
    """Check the three headers over the raw body; raises Unauthorized. Without a secret nothing is let in."""
    event_id = request.headers.get("webhook-id", "")
    timestamp = request.headers.get("webhook-timestamp", "")
    given = request.headers.get("webhook-signature", "").split(" ")
    if not event_id or not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        raise Unauthorized
    if abs(request.received_at.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Unauthorized
    expected = [
        signature(secret, event_id, timestamp, request.body) for secret in (config.secret, config.old_secret) if secret
    ]
    matches = [
        hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode())
        for one in given
        for other in expected
    ]
    if not any(matches):
        raise Unauthorized


# The wire format: only what we read, unknown fields ignored, wrong types refused.

Text = Annotated[str, Field(max_length=100_000)]
# Numbers are welcome where people keep numeric ids.
Id = Annotated[
    str, BeforeValidator(lambda value: str(value) if type(value) is int else value), Field(min_length=1, max_length=200)
]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Contact(_Wire):
    external_id: Id
    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    username: Text | None = None
    language: Text | None = None
    time_zone: Text | None = None
    attributes: dict[str, Text] | None = None


class _Attachment(_Wire):
    url: Text | None = None
    base64: str | None = None
    mime: Text | None = None
    filename: Text | None = None


class _Message(_Wire):
    external_id: Id
    text: str | None = None
    attachments: list[_Attachment] | None = Field(None, max_length=20)
    reply_to: Id | None = None
    timestamp: Text | None = None
    author: Text | None = None


class _Source(_Wire):
    utm_source: Text | None = None
    utm_medium: Text | None = None
    utm_campaign: Text | None = None
    utm_content: Text | None = None
    utm_term: Text | None = None
    ad_id: Text | None = None
    click_id: Text | None = None
    click_id_kind: Text | None = None
    metrica_client_id: Text | None = None
    page_url: Text | None = None
    landing_url: Text | None = None
    referrer: Text | None = None


class _Status(_Wire):
    external_id: Id
    state: Literal["sent", "delivered", "read", "failed"]
    error: Text | None = None


class _Body(_Wire):
    type: str = "message"
    contact: _Contact | None = None
    message: _Message | None = None
    source: _Source | None = None
    status: _Status | None = None


def parse(request: Request, config: Config) -> Parsed:
    """Read a body by its `type`: message (default), echo, edited, deleted, status, typing. Raises BadPayload."""
    dedupe_key = request.headers.get("webhook-id")
    try:
        body = _Body.model_validate(orjson.loads(request.body))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise BadPayload(_first_mistake(error)) from error
    event = _event(body)
    return Parsed((event,), Reply(200, b'{"ok":true}', "application/json"), dedupe_key)


def _event(body: _Body) -> InboundEvent:
    contact, message = body.contact, body.message
    if body.type == "status" and body.status is not None:
        return StatusChanged(body.status.external_id, body.status.state, error=body.status.error)
    if body.type == "typing" and contact is not None:
        return Typing(contact.external_id)
    if message is None:
        raise BadPayload(f"a body of type {body.type[:40]!r} needs a message")
    at = _moment(message.timestamp)
    if body.type == "edited":
        return MessageEdited(message.external_id, message.text or "", at)
    if body.type == "deleted":
        return MessageDeleted(message.external_id, at)
    if contact is None:
        raise BadPayload("contact.external_id is missing")
    media = tuple(_media(index, item) for index, item in enumerate(message.attachments or ()))
    if body.type == "echo":
        return Echo(contact.external_id, message.external_id, message.text or "", at, media, message.author or "")
    return MessageReceived(
        address=contact.external_id,
        external_id=message.external_id,
        text=message.text or "",
        at=at,
        media=media,
        profile=_profile(contact),
        reply_to=message.reply_to,
        referral=_referral(body.source),
        unsupported=None if body.type == "message" else body.type[:60],
    )


def _profile(contact: _Contact) -> Profile | None:
    profile = Profile(
        name=contact.name or "",
        phone=contact.phone or "",
        email=contact.email or "",
        username=contact.username or "",
        language=contact.language or "",
        time_zone=contact.time_zone or "",
        attributes=contact.attributes or {},
    )
    return None if profile == Profile() else profile


def _referral(source: _Source | None) -> Referral | None:
    if source is None:
        return None
    kind = "ad" if source.ad_id else "utm" if source.utm_source else ""
    return Referral(
        kind=kind,
        source=source.utm_source or "",
        medium=source.utm_medium or "",
        campaign=source.utm_campaign or "",
        content=source.utm_content or "",
        term=source.utm_term or "",
        ad_id=source.ad_id or "",
        click_id_kind=(source.click_id_kind or "click_id") if source.click_id else "",
        click_id=source.click_id or "",
        metrica_client_id=source.metrica_client_id or "",
        landing_url=source.landing_url or "",
        page_url=source.page_url or "",
        referrer=source.referrer or "",
    )


def _media(index: int, item: _Attachment) -> Media:
    kind = _KINDS.get((item.mime or "").split("/")[0], MediaKind.FILE)
    ref = item.url or f"inline:{index}"
    return Media(kind, (item.filename or "")[:200], (item.mime or "")[:100], None, ref)


def inline_media(request: Request, config: Config, ref: str) -> bytes | None:
    """The bytes of an attachment that came as base64 in its message; None for one that is fetched by URL."""
    if not ref.startswith("inline:"):
        return None
    try:
        body = _Body.model_validate(orjson.loads(request.body))
        attachments = (body.message.attachments if body.message else None) or []
        return base64.b64decode(attachments[int(ref.removeprefix("inline:"))].base64 or "", validate=True)
    except (orjson.JSONDecodeError, ValidationError, IndexError, ValueError, binascii.Error) as error:
        raise Rejected("The attachment is neither a link nor base64.") from error


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes behind a link of the customer's system."""
    answer = await net.request("GET", ref, timeout=60, max_bytes=max_bytes)
    if answer.status != 200:
        raise (Unreachable if answer.status >= 500 else Rejected)(f"The link answered {answer.status}.")
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
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    found = said.get("external_id") if isinstance(said, dict) else None
    return str(found)[:200] if isinstance(found, str | int) else ""


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
        return ChannelMisconfigured(f"The address refuses us: it answered {status}.")
    if status == 413:
        return TooLarge("The address says that the message is too large.")
    if status >= 500 or status == 408:
        return Unreachable(f"The address answered {status}.", maybe_sent=True)
    return Rejected(f"The address refuses this message: it answered {status}.")


async def check(config: Config, net: Net) -> Health:
    """Say whether the configuration can work; the address is only asked whether it is there."""
    if not config.url:
        return Health("ok", "Messages can come in; there is no address for answers.")
    try:
        await net.request("HEAD", config.url, timeout=5)
    except Unreachable as error:
        return Health("degraded", f"The address cannot be reached: {error.reason}")
    return Health("ok")


def _moment(text: str | None) -> datetime | None:
    """ISO 8601 with a zone, or seconds or milliseconds since 1970; anything else is left to our own clock."""
    if not text:
        return None
    try:
        if text.isascii() and text.isdecimal():
            number = int(text)
            return datetime.fromtimestamp(number / 1000 if number >= 10**12 else number, UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else None


def _first_mistake(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return "the body is not JSON"


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
