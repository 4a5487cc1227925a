"""The site chat's protocol, version 1: JSON objects with a `type`, the same over a socket, long polling and tests.

Client to server. The first frame of a socket is `hello`; unknown fields are ignored, so that an old page meets a new
server and the other way round.

    hello     {v, key, site, token?, since, rev, page, referrer, first, last, metrica, identity, time_zone, language}
    send      {client_id, text, files: [token], reply_to?, prechat?: {name, phone, email, consent}}
    typing    {on}          the visitor types; shown for some seconds
    page      {url, title}  the visitor is on this page now
    received  {message}     every answer up to this id has reached the visitor's browser
    read      {message}     ... and was in front of the visitor
    identify  {identity: {id, hash, name, phone, email, attributes}}
    history   {before}      messages older than this id
    ping      {}            is the line alive? answered by pong

Server to client.

    welcome   {v, token?, state, messages, more, rev}   the newest messages beyond `since`, oldest first
    message   {message}     new, or changed: the id says which
    state     {state, rev}  see State
    typing    {name, on}
    history   {messages, more}
    pong      {}
    refresh   {}            forget what is shown and say hello again
    error     {code, text, client_id?, fields?, retry_after?}   code: invalid, busy, large, origin, channel, session,
                            identity, broken. After `broken`, `origin` and `channel` the socket is closed.

A message that the visitor sent is accepted when it comes back with its `client_id`; until then the page keeps it and
sends it again, and the server stores it once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

VERSION = 1
MAX_FRAME_BYTES = 65_536
MAX_FILES = 10


def _cut(limit: int) -> BeforeValidator:
    """What is only told to agents is cut to a sane length instead of being refused."""
    return BeforeValidator(lambda value: _printable(value)[:limit] if isinstance(value, str) else "")


def _printable(text: str) -> str:
    # Neither database stores NUL, and a lone surrogate is not text.
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


Url = Annotated[str, _cut(2000)]
Words = Annotated[str, _cut(300)]
Id = Annotated[int, Field(ge=0, lt=2**53)]
Text = Annotated[str, BeforeValidator(lambda value: _printable(value) if isinstance(value, str) else value)]


class Frame(BaseModel):
    """Base of what a client says."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class Page(Frame):
    """A page of the site."""

    url: Url = ""
    title: Words = ""


class Arrival(Frame):
    """How the visitor came to the site: the landing page and the page before it."""

    url: Url = ""
    referrer: Url = ""


class Identity(Frame):
    """Who the visitor is, by the site's own account. Only with a right `hash` is `id` believed."""

    id: Words = ""
    hash: Words = ""
    name: Words = ""
    phone: Words = ""
    email: Words = ""
    attributes: dict[Words, Words] = Field(default_factory=dict, max_length=50)


class About(Frame):
    """What is known of the visitor besides their words."""

    page: Page | None = None
    referrer: Url = ""
    first: Arrival | None = None
    last: Arrival | None = None
    metrica: Words = ""
    time_zone: Words = ""
    language: Words = ""


class Hello(About):
    """The first frame."""

    type: Literal["hello"] = "hello"
    v: int
    key: str = Field(max_length=100)
    site: Words = ""
    token: str | None = Field(None, max_length=600)
    since: Id = 0
    rev: Words = ""
    identity: Identity | None = None


class Prechat(Frame):
    """What the visitor told in the form before the chat."""

    name: Words = ""
    phone: Words = ""
    email: Words = ""
    consent: bool = False


class Send(Frame):
    """A message of the visitor."""

    type: Literal["send"] = "send"
    client_id: str = Field(min_length=8, max_length=64, pattern=r"^[\w-]+$")
    text: Text = ""
    files: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=MAX_FILES)
    reply_to: Id | None = None
    prechat: Prechat | None = None


class Typing(Frame):
    """The visitor types, or stopped."""

    type: Literal["typing"] = "typing"
    on: bool = True


class Moved(Page):
    """The visitor went to another page."""

    type: Literal["page"] = "page"


class Seen(Frame):
    """The visitor's browser has (received), or the visitor saw (read), every answer up to `message`."""

    type: Literal["received", "read"]
    message: Id


class Identify(Frame):
    """The page now knows who its visitor is."""

    type: Literal["identify"] = "identify"
    identity: Identity


class History(Frame):
    """The visitor scrolls up."""

    type: Literal["history"] = "history"
    before: Id


class Ping(Frame):
    """The page wants to know whether its line is alive."""

    type: Literal["ping"] = "ping"


Said = Annotated[Hello | Send | Typing | Moved | Seen | Identify | History | Ping, Field(discriminator="type")]
_SAID: TypeAdapter[Said] = TypeAdapter(Said, config=ConfigDict(defer_build=True))


class BadFrameError(ValueError):
    """A frame that is not of this protocol. `client_id` of the message it was about, when that could be read."""

    def __init__(self, client_id: str | None = None) -> None:
        """Keep which message it was."""
        super().__init__("not a frame")
        self.client_id = client_id


def read_frame(raw: str | bytes) -> Said:
    """What a client said; raises BadFrameError."""
    try:
        said: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadFrameError from error
    return frame_of(said)


def frame_of(said: Any) -> Said:
    """A parsed JSON value as a frame; raises BadFrameError."""
    try:
        return _SAID.validate_python(said)
    except ValidationError as error:
        client_id = said.get("client_id") if isinstance(said, dict) else None
        raise BadFrameError(client_id if isinstance(client_id, str) and len(client_id) <= 64 else None) from error


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a message. `state` is pending, ready or failed."""

    url: str
    name: str
    kind: str
    size: int | None
    width: int | None
    height: int | None
    state: str


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as the visitor sees it. `own`: the visitor wrote it. `at` is milliseconds since 1970."""

    id: int
    client_id: str
    own: bool
    text: str
    at: int
    author: str | None
    files: tuple[ShownFile, ...] = ()
    reply_to: int | None = None
    edited: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Where the dialog stands: `status` is none, open or resolved.

    `delivered` and `read`: the visitor's messages up to these ids have reached an agent's screen, were opened by an
    agent. `seen`: our messages up to this id were read by the visitor, in whichever tab. `open` are the working hours,
    `opens_at` (milliseconds) their next beginning. `reach`: we know a phone or an e-mail of the visitor. `rate`: they
    were asked how it was, and have not said yet.
    """

    status: str = "none"
    delivered: int = 0
    read: int = 0
    seen: int = 0
    agent: str | None = None
    online: bool = False
    open: bool = True
    opens_at: int | None = None
    reach: bool = False
    rate: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A frame of the server, ready to be serialised."""

    type: str
    body: dict[str, Any] = field(default_factory=dict)

    def dump(self) -> str:
        """As JSON text; dataclasses inside become objects."""
        return orjson.dumps({"type": self.type, **self.body}).decode()
