"""What LINE's webhooks are made of. Only the fields that we read.

Facts: https://developers.line.biz/en/reference/messaging-api/#webhooks.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from connectors.wire import Maybe, Name, Wire


class Source(Wire):
    """Where something happened: with one person, in a group or in a room."""

    type: Name
    userId: Maybe[Name] = None  # noqa: N815 - LINE's own names.


class Provider(Wire):
    """Who keeps a file: LINE, or somebody else by an address."""

    type: Maybe[str] = None


class Message(Wire):
    """What was said."""

    id: Name
    type: Name
    text: Maybe[str] = None
    quotedMessageId: Maybe[Name] = None  # noqa: N815
    fileName: Maybe[str] = None  # noqa: N815
    fileSize: Maybe[int] = None  # noqa: N815
    title: Maybe[str] = None
    address: Maybe[str] = None
    latitude: Maybe[float] = None
    longitude: Maybe[float] = None
    keywords: Maybe[list[Any]] = None
    contentProvider: Maybe[Provider] = None  # noqa: N815


class Unsent(Wire):
    """What was taken back."""

    messageId: Name  # noqa: N815


class Postback(Wire):
    """A pressed button of a menu."""

    data: str


class Event(Wire):
    """One thing that happened; what it holds is read by its type."""

    type: Name
    timestamp: Maybe[int] = None
    webhookEventId: Maybe[Name] = None  # noqa: N815
    source: Maybe[Source] = None


class Body(Wire):
    """Several things at once, of several people."""

    events: list[Any] = Field(max_length=1000)
