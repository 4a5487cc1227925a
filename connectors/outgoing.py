"""What a connector is asked to hand over, the network it gets for that, and the closed family of its failures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.media import MediaKind
from connectors.templates import TemplateUse

# How the `dedup_key` begins of what goes out beside any dialog: seen again among sent letters it is nobody's message.
REPORT_KEY = "report"


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
class Button:
    """A button below a message: opens `url`, or sends its title back when it has none."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to hand over.

    `dedup_key` stays the same over retries; `parts` is the text split by the limit; `at` is when it was written,
    `now` when this attempt is made (a signature needs it). A long message goes out as several requests: `done` holds
    the external ids that former attempts have got, in order, and those requests are not made again. `reply_until` ends
    the reply window, where there is one. `template`: the text is that of an approved template, which goes out by name.

    Letters (Capabilities.letters) have a `subject`, copies to `cc` and hidden ones to `bcc`; `thread` holds the
    external ids of the dialog's newest messages before this one, oldest first. `html` is the text once more with looks;
    `cid:` and the name of a file show that file in its place.
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
    buttons: tuple[Button, ...] = ()
    done: tuple[str, ...] = ()
    reply_until: datetime | None = None
    template: TemplateUse | None = None
    subject: str = ""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change to a message that was handed over before under these `external_ids` (in the order of its requests).

    `text` is the new text (edit), the emoji or "" (react), unused (delete); `caption` tells that the text stands
    below a file.
    """

    address: str
    external_ids: tuple[str, ...]
    text: str = ""
    parts: tuple[str, ...] = ()
    caption: bool = False


class SendError(Exception):
    """Handing over failed. `retryable` says whether trying the same again can help; `reason` is for the agent."""

    retryable = False
    code = "send_error"

    def __init__(self, reason: str = "") -> None:
        """Keep the platform's words; they are shown to the agent and must carry no secret."""
        super().__init__(reason)
        self.reason = reason
        # External ids that this attempt got before it failed; `send` fills it, the next attempt goes on after them.
        self.sent: tuple[str, ...] = ()


def with_detail(reason: str, detail: object) -> str:
    """Our own sentence, which people read in their language, and behind it what a platform said, as it said it."""
    return f"{reason.removesuffix('.')}: {detail}" if detail else reason


class Throttled(SendError):
    """The platform asks to wait; `everybody`: not only this person, the whole account has to."""

    retryable = True
    code = "throttled"

    def __init__(self, reason: str = "", retry_after: float | None = None, *, everybody: bool = False) -> None:
        """`retry_after` in seconds, when the platform gave it."""
        super().__init__(reason)
        self.retry_after = retry_after
        self.everybody = everybody


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


class Connection(Protocol):
    """A line to a server that does not speak HTTP. Everything raises Unreachable when the line breaks."""

    async def read_line(self) -> bytes:
        """The next line with its end; at most a mebibyte."""
        ...

    async def read_exactly(self, count: int) -> bytes:
        """So many bytes."""
        ...

    async def write(self, content: bytes) -> None:
        """Send, and wait until the network has taken it."""
        ...

    async def start_tls(self) -> None:
        """Go on encrypted; raises Unreachable when the certificate is not the host's."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class Net(Protocol):
    """The guarded network: refuses private addresses, caps time (seconds) and size (bytes), follows no redirect."""

    async def connect(self, host: str, port: int, *, tls: bool, authorities: str = "") -> Connection:
        """Open a line, encrypted from the start with `tls`; raises Unreachable. The caller closes it."""
        ...

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        max_bytes: int = 1 << 20,
        proxy: str = "",
        authorities: str = "",
    ) -> Response:
        """Send one request; raises Unreachable (also for a refused address or an oversized answer).

        `proxy` is an http:// address to go through; `authorities` are PEM certificates of authorities to trust for
        this request beside the usual ones.
        """
        ...
