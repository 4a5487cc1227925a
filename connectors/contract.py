"""What a connector is: one frozen declaration of data and functions per channel kind.

`verify` and `parse` are pure: no await, no clock, no network, so that a body kept in the journal can be read again
at any time with the same result. `send` and the optional functions get a `Net` and never retry by themselves: the
worker does that, and it reads only the `SendError` family, never a platform's codes.

The words of both directions are in `incoming` and `outgoing`; everybody takes them from here. Nothing of the product
is imported: the product imports this.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from connectors.incoming import (
    BadPayload,
    ContactStoppedUs,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Profile,
    Referral,
    Reply,
    Request,
    Started,
    StatusChanged,
    Typing,
    Unauthorized,
)
from connectors.outgoing import (
    ChannelMisconfigured,
    ContactStopped,
    Net,
    Outgoing,
    OutgoingMedia,
    Rejected,
    Response,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    WindowClosed,
)

__all__ = [
    "AnyConnector",
    "BadPayload",
    "Capabilities",
    "ChannelMisconfigured",
    "Connector",
    "ContactStopped",
    "ContactStoppedUs",
    "Echo",
    "Health",
    "InboundEvent",
    "Media",
    "MediaKind",
    "MessageDeleted",
    "MessageEdited",
    "MessageReceived",
    "Net",
    "Outgoing",
    "OutgoingMedia",
    "Parsed",
    "Profile",
    "Referral",
    "Rejected",
    "Reply",
    "Request",
    "Response",
    "SendError",
    "Started",
    "StatusChanged",
    "Throttled",
    "TooLarge",
    "Typing",
    "Unauthorized",
    "Unreachable",
    "WindowClosed",
]

C = TypeVar("C", bound=BaseModel)


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
    rest, never rendered back and never logged. Its page is docs/channels/<kind>.md.
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
