"""What agents do in their console (see connectors.console): the closed family of events that come in from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.media import Media


@dataclass(frozen=True, slots=True)
class ConsolePerson:
    """Who did it there. `id` is the platform's; "" when the platform hides the person behind the group."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleMessage:
    """Somebody wrote in a thread. Items with the same `group` are one message (an album comes as many updates)."""

    space: str
    thread: str
    external_id: str
    person: ConsolePerson
    text: str = ""
    media: tuple[Media, ...] = ()
    reply_to: str | None = None
    group: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsoleEdited:
    """Somebody changed what they wrote in a thread."""

    space: str
    thread: str
    external_id: str
    person: ConsolePerson
    text: str


@dataclass(frozen=True, slots=True)
class ConsolePressed:
    """Somebody pressed a button of ours: `action` is what ConsoleButton.action said."""

    space: str
    thread: str | None
    person: ConsolePerson
    action: str


@dataclass(frozen=True, slots=True)
class ConsoleThreadChanged:
    """Somebody closed or reopened a thread with the messenger's own means."""

    space: str
    thread: str
    person: ConsolePerson
    closed: bool


@dataclass(frozen=True, slots=True)
class ConsoleLinked:
    """Somebody opened the login link of an agent: `token` is the proof."""

    person: ConsolePerson
    token: str


@dataclass(frozen=True, slots=True)
class ConsoleClaimed:
    """Somebody brought us into a group by the link of the settings, or named its code there: `token` is the proof."""

    space: str
    title: str
    person: ConsolePerson
    token: str


@dataclass(frozen=True, slots=True)
class ConsoleMoved:
    """The platform gave the group another name."""

    space: str
    to: str


@dataclass(frozen=True, slots=True)
class ConsoleLeft:
    """We were put out of the group."""

    space: str


ConsoleEvent = (
    ConsoleMessage
    | ConsoleEdited
    | ConsolePressed
    | ConsoleThreadChanged
    | ConsoleLinked
    | ConsoleClaimed
    | ConsoleMoved
    | ConsoleLeft
)
