"""An agents' console: a group of agents inside a messenger, where every dialog of every channel is a thread.

A connector that declares `Connector.agent_console` can keep one. What people do there comes in as `Parsed.console`;
what the product shows there goes out by the functions of `AgentConsole`. Like `send` they never retry and raise only
the SendError family.

Words: a `space` is the group, a `thread` is one dialog's place in it (None: the group's common place). A private talk
with one linked agent is a space of its own whose name is the person's id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from connectors.media import MediaKind
from connectors.outgoing import Net, OutgoingMedia, Rejected

C = TypeVar("C", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ConsoleButton:
    """A button below a post: opens `url`, or comes back as ConsolePressed with `action` (at most 60 ASCII letters)."""

    title: str
    action: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ConsolePost:
    """What to show. `quiet`: without a sound. `buttons` are rows.

    `captioned`: the post has (or, when it is edited, had) files, and the text stands below them. All files of one
    post fit into one request: see AgentConsole.album.
    """

    space: str
    thread: str | None
    text: str
    media: tuple[OutgoingMedia, ...] = ()
    buttons: tuple[tuple[ConsoleButton, ...], ...] = ()
    captioned: bool = False
    reply_to: str | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class ConsoleStep:
    """One thing that a console needs: an English title, whether it is so, and what to do when it is not."""

    title: str
    done: bool
    fix: str = ""


class ThreadGone(Rejected):
    """The thread was deleted: the same post fits into a new one."""

    code = "thread_gone"


class SpaceMoved(Rejected):
    """The group has another name now: the same post fits there."""

    code = "space_moved"

    def __init__(self, reason: str, to: str) -> None:
        """`to` is the new name."""
        super().__init__(reason)
        self.to = to


@dataclass(frozen=True, slots=True)
class AgentConsole(Generic[C]):
    """The ability to be the agents' console.

    `posts_per_minute` is what one space takes from us in a minute, all its threads together. Texts are measured in
    `text_unit`; `max_caption` limits the text of a post with files. At most `max_album` files of the kinds `album` go
    together in one post, any other file goes alone.

    - `login_link(token, config, net)` opens a private talk with us that tells the token (ConsoleLinked).
    - `invite_link(token, config, net)` brings us into a group of the person's choice (ConsoleClaimed).
    - `check(space, config, net)` tells step by step what is right and what is not.
    - `open_thread(space, title, config, net)` makes a thread and returns its name.
    - `post(post, config, net)` returns the external ids, the first one carries text and buttons.
    - `edit(external_id, post, config, net)` replaces text and buttons (never the files); what is so already is done.
    - `find_post` and `find_thread` tell whether a request whose answer was lost has arrived after all: they are given
      the newest external ids that are known of the space, and return what the request would have returned, or None.
    """

    max_text: int
    max_caption: int
    max_title: int
    max_album: int
    album: frozenset[MediaKind]
    text_unit: str
    posts_per_minute: int
    login_link: Callable[[str, C, Net], Awaitable[str]]
    invite_link: Callable[[str, C, Net], Awaitable[str]]
    check: Callable[[str, C, Net], Awaitable[tuple[ConsoleStep, ...]]]
    open_thread: Callable[[str, str, C, Net], Awaitable[str]]
    rename_thread: Callable[[str, str, str, C, Net], Awaitable[None]]
    close_thread: Callable[[str, str, bool, C, Net], Awaitable[None]]
    post: Callable[[ConsolePost, C, Net], Awaitable[Sequence[str]]]
    edit: Callable[[str, ConsolePost, C, Net], Awaitable[None]]
    pin: Callable[[str, str, C, Net], Awaitable[None]]
    find_post: Callable[[ConsolePost, Sequence[str], C, Net], Awaitable[Sequence[str] | None]]
    find_thread: Callable[[str, str, Sequence[str], C, Net], Awaitable[str | None]]


AnyConsole = AgentConsole[Any]
