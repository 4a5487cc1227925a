"""What a connector reads out of a platform's request: the closed family of events that the product understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Request:
    """A platform's request as data. Header names are lower-case; `received_at` is UTC."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What the platform expects to hear after its request was stored."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


class MediaKind(StrEnum):
    """How a file is shown."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Media:
    """A file of an incoming message, by exactly one of two names.

    `ref`: the worker fetches it later through `fetch_media`. `upload`: the token of a file that our own surface has
    already stored.
    """

    kind: MediaKind
    name: str = ""
    mime: str = ""
    size: int | None = None
    ref: str | None = None
    upload: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the platform says about the person. Empty values never overwrite known ones."""

    name: str = ""
    phone: str = ""
    email: str = ""
    username: str = ""
    language: str = ""
    time_zone: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Referral:
    """Where the person came from, as the platform or our own loader told it. Untrusted text, bounded by the core."""

    kind: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    ad_id: str = ""
    click_id_kind: str = ""
    click_id: str = ""
    metrica_client_id: str = ""
    landing_url: str = ""
    page_url: str = ""
    referrer: str = ""
    confidence: str = "exact"


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """The client wrote. `unsupported` names a kind we keep but cannot show."""

    address: str
    external_id: str
    text: str = ""
    at: datetime | None = None
    media: tuple[Media, ...] = ()
    profile: Profile | None = None
    reply_to: str | None = None
    referral: Referral | None = None
    client_id: str | None = None
    unsupported: str | None = None


@dataclass(frozen=True, slots=True)
class Echo:
    """A person of the company wrote in the platform's own app: an outgoing message that closes the wait."""

    address: str
    external_id: str
    text: str = ""
    at: datetime | None = None
    media: tuple[Media, ...] = ()
    author: str = ""


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The client changed a message."""

    external_id: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """The client took a message back."""

    external_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """What became of a message of ours: `state` is sent, delivered, read or failed.

    With `watermark`, every message to this `address` up to and including `external_id` has reached the state.
    """

    external_id: str
    state: str
    at: datetime | None = None
    error: str | None = None
    address: str | None = None
    watermark: bool = False


@dataclass(frozen=True, slots=True)
class ContactStoppedUs:
    """The person blocked us (`stopped`) or let us in again."""

    address: str
    stopped: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The person opened the dialog without writing yet, perhaps by a link that says from where."""

    address: str
    profile: Profile | None = None
    referral: Referral | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Typing:
    """The client is typing; shown for some seconds and not stored."""

    address: str


InboundEvent = (
    MessageReceived | Echo | MessageEdited | MessageDeleted | StatusChanged | ContactStoppedUs | Started | Typing
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything one request said, in order, and what to answer."""

    events: tuple[InboundEvent, ...] = ()
    reply: Reply = field(default_factory=Reply)
    # Several ids when a platform batches items; the journal keeps the first that is new.
    dedupe_key: str | None = None


class Unauthorized(Exception):
    """The signature or secret of a request is wrong or missing."""


class BadPayload(Exception):
    """The body is not what the platform documents; it is kept and can be replayed after a fix."""
