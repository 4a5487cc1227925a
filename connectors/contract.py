"""What a connector is: one frozen declaration of data and functions per channel kind.

`verify` and `parse` are pure: no await, no clock, no network, so that a body kept in the journal can be read again
at any time with the same result. `send` and the optional functions get a `Net` and never retry by themselves: the
worker does that, and it reads only the `SendError` family, never a platform's codes.

This module imports nothing of the product; the product imports it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

C = TypeVar("C", bound=BaseModel)


# What comes in -------------------------------------------------------------------------------------------------


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


# What goes out -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutgoingMedia:
    """A file to send. `read` gives its bytes; `url` is public for platforms that fetch by themselves."""

    kind: MediaKind
    name: str
    mime: str
    size: int
    read: Callable[[], Awaitable[bytes]]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to hand over.

    `dedup_key` stays the same over retries; `parts` is the text split by the limit; `at` is when it was written,
    `now` when this attempt is made (a signature needs it).
    """

    dedup_key: str
    address: str
    text: str
    parts: tuple[str, ...]
    at: datetime
    now: datetime
    media: tuple[OutgoingMedia, ...] = ()
    reply_to: str | None = None
    agent_name: str = ""


class SendError(Exception):
    """Handing over failed. `retryable` says whether trying the same again can help; `reason` is for the agent."""

    retryable = False
    code = "send_error"

    def __init__(self, reason: str = "") -> None:
        """Keep the platform's words; they are shown to the agent and must carry no secret."""
        super().__init__(reason)
        self.reason = reason


class Throttled(SendError):
    """The platform asks to wait."""

    retryable = True
    code = "throttled"

    def __init__(self, reason: str = "", retry_after: float | None = None) -> None:
        """`retry_after` in seconds, when the platform gave it."""
        super().__init__(reason)
        self.retry_after = retry_after


class Unreachable(SendError):
    """No usable answer: network trouble, a time-out or the platform's own failure.

    `maybe_sent`: the request may have been accepted, so only an idempotent channel may send it again.
    """

    retryable = True
    code = "unreachable"

    def __init__(self, reason: str = "", *, maybe_sent: bool = False) -> None:
        """Keep whether the platform may have accepted the request."""
        super().__init__(reason)
        self.maybe_sent = maybe_sent


class Rejected(SendError):
    """The platform refuses this message for good."""

    code = "rejected"


class ContactStopped(SendError):
    """The person does not want messages from us."""

    code = "contact_stopped"


class WindowClosed(SendError):
    """The platform's reply window is over."""

    code = "window_closed"


class TooLarge(SendError):
    """A file or text is beyond the platform's limit."""

    code = "too_large"


class ChannelMisconfigured(SendError):
    """The account's credentials or settings are wrong: nothing more goes out until an administrator acts."""

    code = "channel_misconfigured"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer from the network, read whole under a size cap. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Net(Protocol):
    """The guarded network: refuses private addresses, caps time (seconds) and size (bytes), follows no redirect."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        max_bytes: int = 1 << 20,
    ) -> Response:
        """Send one request; raises Unreachable (also for a refused address or an oversized answer)."""
        ...


# The declaration -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the channel can do; the product asks these and never the channel's name.

    Sizes are bytes, times seconds. `stored_is_sent`: the message reaches the person from our own database, there is
    no platform to hand it to. `idempotent_send`: the platform drops a second request with the same key.
    """

    max_text: int
    text_unit: str = "codepoints"
    max_caption: int | None = None
    media: Mapping[MediaKind, int] = field(default_factory=dict)
    receipts: bool = False
    typing: bool = False
    edits: bool = False
    deletes: bool = False
    reactions: bool = False
    buttons: bool = False
    reply_window: int | None = None
    per_second: float | None = None
    per_address_second: float | None = None
    idempotent_send: bool = False
    stored_is_sent: bool = False
    live_presence: bool = False
    agent_console: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """The result of `check`: `state` is ok, degraded or reconnect; `reason` is an English sentence for people."""

    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Connector(Generic[C]):
    """The declaration. An optional function that is present is an ability.

    `icon` is the inside of a 16 x 16 SVG; `colour` is #rrggbb. `secrets` names config fields that are encrypted at
    rest, never rendered back and never logged. `documentation` is a page under docs/channels.
    """

    kind: str
    title: str
    icon: str
    colour: str
    config: type[C]
    secrets: frozenset[str]
    capabilities: Capabilities
    verify: Callable[[Request, C], None]
    parse: Callable[[Request, C], Parsed]
    send: Callable[[Outgoing, C, Net], Awaitable[Sequence[str]]]
    connect: Callable[[C, str, Net], Awaitable[C]] | None = None
    check: Callable[[C, Net], Awaitable[Health]] | None = None
    fetch_media: Callable[[str, C, Net, int], Awaitable[bytes]] | None = None
    inline_media: Callable[[Request, C, str], bytes | None] | None = None
    typing: Callable[[str, C, Net], Awaitable[None]] | None = None
    mark_read: Callable[[str, str, C, Net], Awaitable[None]] | None = None
    webhook_path: bool = True
    single: bool = False


AnyConnector = Connector[Any]
