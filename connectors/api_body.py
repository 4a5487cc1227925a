"""The bodies of the generic channel: only what we read. Described for people in docs/channels/api.md."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connectors.contract import (
    BadPayload,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Profile,
    Referral,
    StatusChanged,
    Typing,
    with_detail,
)
from connectors.unshown import kind_name

_NOTHING_SAID = Profile()
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}

Text = Annotated[str, Field(max_length=100_000)]
# Numbers are welcome where people keep numeric ids.
Id = Annotated[
    str, BeforeValidator(lambda value: str(value) if type(value) is int else value), Field(min_length=1, max_length=200)
]

# A moment in words, or seconds as a number.
Moment = Annotated[
    str, BeforeValidator(lambda value: str(value) if type(value) is int else value), Field(max_length=200)
]


class Wire(BaseModel):
    """Unknown fields are ignored, wrong types refused."""

    model_config = ConfigDict(extra="ignore", strict=True, defer_build=True)


class Contact(Wire):
    """Who writes."""

    external_id: Id
    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    username: Text | None = None
    language: Text | None = None
    time_zone: Text | None = None
    attributes: dict[str, Text] | None = None


class Attachment(Wire):
    """A file, by link or inline as base64."""

    url: Text | None = None
    base64: str | None = None
    mime: Text | None = None
    filename: Text | None = None


class Message(Wire):
    """What was written."""

    external_id: Id
    text: str | None = None
    attachments: list[Attachment] | None = Field(None, max_length=20)
    reply_to: Id | None = None
    timestamp: Moment | None = None
    author: Text | None = None


class Source(Wire):
    """Where the person came from."""

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


class Status(Wire):
    """How far an answer of ours got."""

    external_id: Id
    state: Literal["sent", "delivered", "read", "failed"]
    error: Text | None = None


class Body(Wire):
    """The whole body, of any type."""

    type: str = Field("message", min_length=1)
    contact: Contact | None = None
    message: Message | None = None
    source: Source | None = None
    status: Status | None = None


def event_of(body: Body) -> InboundEvent:
    """The event that a body means; raises BadPayload when it misses what its type needs."""
    contact, message = body.contact, body.message
    if body.type == "status" and body.status is not None:
        return StatusChanged(body.status.external_id, body.status.state, error=body.status.error)
    if body.type == "typing" and contact is not None:
        return Typing(contact.external_id)
    if message is None:
        raise BadPayload(with_detail("a body of this type needs a message", body.type[:40]))
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
        unsupported=None if body.type == "message" else kind_name(body.type),
    )


def _profile(contact: Contact) -> Profile | None:
    profile = Profile(
        name=contact.name or "",
        phone=contact.phone or "",
        email=contact.email or "",
        username=contact.username or "",
        language=contact.language or "",
        time_zone=contact.time_zone or "",
        attributes=contact.attributes or {},
    )
    return None if profile == _NOTHING_SAID else profile


def _referral(source: Source | None) -> Referral | None:
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


def _media(index: int, item: Attachment) -> Media:
    kind = _KINDS.get((item.mime or "").split("/")[0], MediaKind.FILE)
    ref = item.url or f"inline:{index}"
    return Media(kind, (item.filename or "")[:200], (item.mime or "")[:100], None, ref)


def _moment(text: str | None) -> datetime | None:
    """ISO 8601 with a zone, or seconds or milliseconds since 1970; anything else is left to our own clock."""
    if not text:
        return None
    try:
        if text.isascii() and text.isdecimal():
            number = int(text)
            return datetime.fromtimestamp(number / 1000 if number >= 10**12 else number, UTC)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        return None
