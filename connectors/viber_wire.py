"""What callbacks of Viber are made of. Only the fields that we read.

Facts: https://developers.viber.com/docs/api/rest-bot-api/#callbacks. A message_token is beyond what JavaScript counts.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from connectors.wire import Maybe, Name, Wire

Token = Annotated[int, Field(ge=0, lt=2**64)]


class Callback(Wire):
    """What every callback has; the rest is read by its event."""

    event: Name
    timestamp: Maybe[int] = None
    message_token: Maybe[Token] = None


class User(Wire):
    """A client. `language` is that of the phone, `country` two letters."""

    id: Name
    name: Maybe[str] = None
    avatar: Maybe[str] = None
    language: Maybe[str] = None
    country: Maybe[str] = None


class Person(Wire):
    """A contact that somebody sent."""

    name: Maybe[str] = None
    phone_number: Maybe[str] = None


class Place(Wire):
    """A place that somebody sent."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Message(Wire):
    """What was said. `media` is an address; its kind is told by `type`."""

    type: Name
    text: Maybe[str] = None
    media: Maybe[str] = None
    file_name: Maybe[str] = None
    size: Maybe[int] = None
    contact: Maybe[Person] = None
    location: Maybe[Place] = None


class Said(Wire):
    """The event "message"."""

    message_token: Token
    sender: User
    message: Message


class Reached(Wire):
    """The events "delivered", "seen" and "failed": what became of a message of ours."""

    message_token: Token
    user_id: Maybe[str] = None
    desc: Maybe[str] = None


class Opened(Wire):
    """The events "conversation_started" and "subscribed"; `context` is the mark of a link."""

    user: User
    context: Maybe[str] = None
    subscribed: Maybe[bool] = None


class Left(Wire):
    """The event "unsubscribed"."""

    user_id: Name


class Account(Wire):
    """What get_account_info answers."""

    id: Name
    name: Maybe[str] = None
    uri: Maybe[str] = None
    webhook: Maybe[str] = None
    event_types: Maybe[list[Any]] = None
