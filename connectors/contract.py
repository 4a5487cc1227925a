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

from pydantic import BaseModel, JsonValue

from connectors.cards import Card, CardKind
from connectors.console import AgentConsole
from connectors.incoming import (
    BadPayload,
    ChannelChanged,
    ContactStoppedUs,
    Echo,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Polled,
    Profile,
    Reacted,
    Referral,
    Reply,
    Request,
    Started,
    StatusChanged,
    Typing,
    Unauthorized,
)
from connectors.media import Media, MediaKind
from connectors.original import Original
from connectors.outgoing import (
    REPORT_KEY,
    Amendment,
    Button,
    ChannelMisconfigured,
    Connection,
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
    with_detail,
)
from connectors.templates import ApprovedTemplate, TemplateUse, TemplateValue, TemplateVariable

__all__ = [
    "REPORT_KEY",
    "AgentConsole",
    "Amendment",
    "AnyConnector",
    "ApprovedTemplate",
    "BadPayload",
    "Button",
    "Capabilities",
    "Card",
    "CardKind",
    "ChannelChanged",
    "ChannelMisconfigured",
    "Connection",
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
    "Original",
    "Outgoing",
    "OutgoingMedia",
    "Parsed",
    "Polled",
    "Profile",
    "Reacted",
    "Referral",
    "Rejected",
    "Reply",
    "Request",
    "Response",
    "SendError",
    "Started",
    "StatusChanged",
    "TemplateUse",
    "TemplateValue",
    "TemplateVariable",
    "Throttled",
    "TooLarge",
    "Typing",
    "Unauthorized",
    "Unreachable",
    "WindowClosed",
    "choices",
    "fact",
    "rare",
    "with_detail",
]

C = TypeVar("C", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the channel can do; the product asks these and never the channel's name.

    `typing`, `edits`, `deletes` and `reactions` say that the platform tells what the client does so, `receipts` that it
    tells what became of our messages; what we can do of it is told by the functions of the declaration.

    Sizes are bytes, times seconds. `stored_is_sent`: the message reaches the person from our own database, there is
    no platform to hand it to. `idempotent_send`: the platform drops a second request with the same key.
    `per_second`: requests of one account; `address_pause`: the least time between two messages to one person.
    `letters`: what is sent has a subject and may go to others in copy.
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
    address_pause: float = 0.0
    idempotent_send: bool = False
    stored_is_sent: bool = False
    live_presence: bool = False
    letters: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """The result of `check`: `state` is ok, degraded or reconnect; `reason` is an English sentence for people.

    `facts` are lines for the channel's page: an English title and a value (the account's name, what waits, ...).
    """

    state: str
    reason: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def choices(*words: str) -> dict[str, JsonValue]:
    """What the values of a Literal field are called in the form, in their order: its json_schema_extra."""
    return {"words": list(words)}


def rare() -> dict[str, JsonValue]:
    """The json_schema_extra of a text that is hardly ever changed: the form folds it; empty it has its default."""
    return {"rare": True}


def fact(title: str, value: str) -> tuple[str, str]:
    """A line for the channel's page. Its title, and a value that is written out here, are shown translated."""
    return title, value


@dataclass(frozen=True, slots=True)
class Connector(Generic[C]):
    """The declaration. An optional function that is present is an ability.

    `icon` is the inside of a 16 x 16 SVG; `colour` is #rrggbb. `secrets` names config fields that are encrypted at
    rest, never rendered back and never logged. Its page is docs/channels/<kind>.md. Fields of `config` may be marked in
    their json_schema_extra: `made` (a secret of ours when left empty), `found` (only `connect` sets it), and see
    `rare` and `choices`.

    - `kept` is what the platform expects to hear when its request was kept but could not be read.
    - `connect(config, url, net)` is asked before a configuration is saved: it tests it, sets the webhook to `url`
      where the platform allows that, and returns the configuration to keep; it raises SendError in words.
    - `check(config, net)` is asked when the channel was saved and now and then; it may mend what it finds, for example
      set a webhook that is gone.
    - `disconnect(config, net)` takes the webhook back when the channel is removed.
    - `poll(config, cursor, net)` waits some seconds for news. One process polls a channel at a time.
    - `polls(config)` says whether this account is polled; None: always, when there is a `poll`.
    - `account(config)` names the account: two channels of a kind with the same name would be one account twice.
    - `agent_console`: agents can answer from a group in this messenger; see connectors.console.
    - `entry_url(config, token)` is a link that opens the channel; the platform gives the token (1 to 64 of A-Z a-z 0-9
      _ -) back as Referral.token. "" when this account cannot be linked to.
    - `handshake(request, token)` answers a platform that asks whether the webhook's address is ours; `token` is the
      last part of that address, which the platform was told as the secret word. The channel may not be stored yet.
      Raises Unauthorized.
    - `addressees(request)` names the accounts (see `account`) that a body speaks to, where a platform has one webhook
      for several of them: the other channels of this kind are given it too, each after its own `verify`.
    - `typing_below(address, external_id, ...)` is `typing` for platforms that want the client's last message named.
    - `approved_templates(config, net)` lists the templates that go out also when the reply window is over; `send` gets
      the chosen one as Outgoing.template.
    - `original(request, config)` is the whole of a message whose bubble shows a part (`original` of its event); pure.
    - `inline_media(request, config, ref)` are the bytes of a file that came in the body itself, None for others; pure.
    - `acknowledge`, `typing` and `mark_read` are asked once and forgotten: a failure is only counted.
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
    kept: Reply = field(default_factory=Reply)
    handshake: Callable[[Request, str], Reply] | None = None
    addressees: Callable[[Request], frozenset[str]] | None = None
    connect: Callable[[C, str, Net], Awaitable[C]] | None = None
    disconnect: Callable[[C, Net], Awaitable[None]] | None = None
    check: Callable[[C, Net], Awaitable[Health]] | None = None
    poll: Callable[[C, str | None, Net], Awaitable[Polled]] | None = None
    polls: Callable[[C], bool] | None = None
    account: Callable[[C], str] | None = None
    entry_url: Callable[[C, str], str] | None = None
    profile: Callable[[str, C, Net], Awaitable[Profile | None]] | None = None
    fetch_media: Callable[[str, C, Net, int], Awaitable[bytes]] | None = None
    inline_media: Callable[[Request, C, str], bytes | None] | None = None
    original: Callable[[Request, C], Original] | None = None
    edit: Callable[[Amendment, C, Net], Awaitable[None]] | None = None
    delete: Callable[[Amendment, C, Net], Awaitable[None]] | None = None
    react: Callable[[Amendment, C, Net], Awaitable[None]] | None = None
    acknowledge: Callable[[str, C, Net], Awaitable[None]] | None = None
    typing: Callable[[str, C, Net], Awaitable[None]] | None = None
    typing_below: Callable[[str, str, C, Net], Awaitable[None]] | None = None
    mark_read: Callable[[str, str, C, Net], Awaitable[None]] | None = None
    approved_templates: Callable[[C, Net], Awaitable[Sequence[ApprovedTemplate]]] | None = None
    agent_console: AgentConsole[C] | None = None

    def is_polled(self, config: C) -> bool:
        """Whether this account is asked for news instead of telling them."""
        return self.poll is not None and (self.polls is None or self.polls(config))


AnyConnector = Connector[Any]
