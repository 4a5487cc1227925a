"""What a connector reads out of a platform's request: the closed family of events that the product understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.cards import Card
from connectors.console_events import ConsoleEvent
from connectors.media import Media


@dataclass(frozen=True, slots=True)
class Request:
    """A platform's request as data. Header names are lower-case; `received_at` is UTC.

    `url` is the whole public address that was asked, for platforms that sign it. Only `verify` and `handshake` have it:
    what is read again from the journal has none.
    """

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the platform expects to hear after its request was stored."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Profile:
    """What the platform says about the person. Empty values never overwrite known ones.

    `picture` is a reference for `fetch_media`. `wanted`: the platform tells more when it is asked for the profile.
    `about` is what the whole dialog is about (a listing): it is shown at the client's first message.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    username: str = ""
    language: str = ""
    time_zone: str = ""
    picture: str = ""
    wanted: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    about: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Referral:
    """Where the person came from, as the platform or our own loader told it. Untrusted text, bounded by the core.

    `token` is what a platform gives back of a link into the channel; the core looks up what it stands for.
    """

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
    token: str = ""


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """The client wrote. `unsupported` names a kind we keep but cannot show.

    `group`: items of one address with the same group are one message (an album comes as many updates).
    `forwarded_from` names who wrote it first; `quote` is the part of the answered message that was picked out.
    `window_seconds`: from this message on we may answer for so long; None when nothing limits it.
    `also` are other addresses of the same person here, as the platform tells them: one person, one dialog.

    Letters have a `subject`, and copies went to `cc`. `automatic`: a machine or a list sent it, so nobody waits for an
    answer and nothing may answer by itself. `original`: the body holds more than is shown; see Connector.original.
    """

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
    cards: tuple[Card, ...] = ()
    group: str | None = None
    forwarded_from: str = ""
    quote: str = ""
    window_seconds: int | None = None
    also: tuple[str, ...] = ()
    subject: str = ""
    cc: tuple[str, ...] = ()
    automatic: bool = False
    original: bool = False


@dataclass(frozen=True, slots=True)
class Echo:
    """A person of the company wrote in the platform's own app: an outgoing message that closes the wait.

    An echo of what we sent ourselves is recognised by its `external_id`, or, when it overtakes the platform's
    answer to our request, by `dedup_key` where the platform gives that back. `automatic`: the app sent it by itself
    (a greeting, an away message), so nobody has answered yet. `unkeyed`: the platform never gives a key back, so an
    answer of ours that is on its way is recognised by its address and words. `unsupported` is as in MessageReceived.
    """

    address: str
    external_id: str
    text: str = ""
    at: datetime | None = None
    media: tuple[Media, ...] = ()
    author: str = ""
    cards: tuple[Card, ...] = ()
    reply_to: str | None = None
    group: str | None = None
    dedup_key: str | None = None
    automatic: bool = False
    subject: str = ""
    cc: tuple[str, ...] = ()
    original: bool = False
    unkeyed: bool = False
    unsupported: str | None = None


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
class Reacted:
    """The client's reactions to a message are now these signs ("" takes them back)."""

    external_id: str
    emoji: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """What became of a message of ours: `state` is sent, delivered, read or failed.

    With `watermark`, every message to this `address` up to and including `external_id` has reached the state; when
    `external_id` is empty, every message handed over until `at`. `error_code` is a code of the SendError family.
    `dedup_key` is ours, where the platform gives it back: it names a message whose id we have not been told yet.
    """

    external_id: str
    state: str
    at: datetime | None = None
    error: str | None = None
    address: str | None = None
    watermark: bool = False
    error_code: str | None = None
    dedup_key: str | None = None


@dataclass(frozen=True, slots=True)
class ContactStoppedUs:
    """The person blocked us (`stopped`) or let us in again."""

    address: str
    stopped: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The person opened the dialog without writing yet, perhaps by a link that says from where.

    `also` are other addresses of the same person here: a number that they had before.
    """

    address: str
    profile: Profile | None = None
    referral: Referral | None = None
    at: datetime | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """The account itself changed: `state` is ok, degraded or reconnect; `reason` is an English sentence for people.

    It stays so until the same part of the account (`about`, where it has several) is told to be ok, or until an
    administrator saves the channel.
    """

    state: str
    reason: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Typing:
    """The client is typing; shown for some seconds and not stored."""

    address: str


InboundEvent = (
    MessageReceived
    | Echo
    | MessageEdited
    | MessageDeleted
    | Reacted
    | StatusChanged
    | ContactStoppedUs
    | Started
    | ChannelChanged
    | Typing
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything one request said, in order, and what to answer.

    `dedupe_key` names the request in the journal (None: the hash of its body). `acknowledge` names what the platform
    wants confirmed by a request of ours once the events are stored (a pressed button): see Connector.acknowledge.
    `console` is what agents did in their console: see connectors.console. `unread` says what of the body could not
    be read beside its events: they are applied, and the body is kept to be read again after a fix.
    """

    events: tuple[InboundEvent, ...] = ()
    reply: Reply = field(default_factory=Reply)
    dedupe_key: str | None = None
    acknowledge: tuple[str, ...] = ()
    console: tuple[ConsoleEvent, ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Polled:
    """What a connector fetched by itself: raw bodies, oldest first, and where to go on from (opaque text).

    Each body goes through the same journal and `parse` as a webhook's. `cursor` is stored after the bodies are.
    """

    bodies: tuple[bytes, ...]
    cursor: str | None


class Unauthorized(Exception):
    """The signature or secret of a request is wrong or missing."""


class BadPayload(Exception):
    """The body is not what the platform documents; it is kept and can be replayed after a fix."""
