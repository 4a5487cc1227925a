"""What messages of Avito are made of. Only the fields that we read.

Facts: the schemas WebhookMessage, MessageContent and Chat of
https://developers.avito.ru/api-catalog/messenger/documentation.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from connectors.wire import Id, Maybe, Name, Wire


class Payload(Wire):
    """What an update tells; `value` is read by its type."""

    type: Name
    value: Any = None


class Update(Wire):
    """One request of the webhook."""

    payload: Payload


class Quote(Wire):
    """The message that was answered."""

    id: Name


class Preview(Wire):
    """What stands behind a link."""

    title: Maybe[str] = None
    description: Maybe[str] = None
    url: Maybe[str] = None


class Link(Wire):
    """A link, also one without https://."""

    text: Maybe[str] = None
    url: Maybe[str] = None
    preview: Maybe[Preview] = None


class Item(Wire):
    """A listing that was sent into a dialog."""

    title: Maybe[str] = None
    price_string: Maybe[str] = None
    item_url: Maybe[str] = None


class Location(Wire):
    """A place."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    title: Maybe[str] = None
    text: Maybe[str] = None


class Image(Wire):
    """A picture: addresses by "widthxheight"."""

    sizes: Maybe[dict[str, Any]] = None


class Voice(Wire):
    """A voice message; its file is asked for by name."""

    voice_id: Name


class Call(Wire):
    """A call by the messenger."""

    status: Maybe[str] = None


class Content(Wire):
    """One of these is there, by the type of the message."""

    text: Maybe[str] = None
    link: Maybe[Link] = None
    item: Maybe[Item] = None
    location: Maybe[Location] = None
    image: Maybe[Image] = None
    voice: Maybe[Voice] = None
    call: Maybe[Call] = None


class Message(Wire):
    """A message. `user_id` is the account that it came to, `item_id` the listing that the dialog is about."""

    id: Name
    chat_id: Name
    author_id: Id
    user_id: Maybe[Id] = None
    type: Name
    created: Maybe[int] = None
    item_id: Maybe[Id] = None
    content: Maybe[Content] = None
    quote: Maybe[Quote] = None


class Avatar(Wire):
    """Pictures by "widthxheight", and the one that is shown."""

    default: Maybe[str] = None
    images: Maybe[dict[str, Any]] = None


class PublicProfile(Wire):
    """A person's page."""

    avatar: Maybe[Avatar] = None


class User(Wire):
    """Somebody in a dialog."""

    id: Id
    name: Maybe[str] = None
    public_user_profile: Maybe[PublicProfile] = None


class Listing(Wire):
    """The listing that a dialog is about."""

    id: Maybe[Id] = None
    title: Maybe[str] = None
    price_string: Maybe[str] = None
    url: Maybe[str] = None


class Context(Wire):
    """What a dialog is about."""

    type: Maybe[str] = None
    value: Maybe[Listing] = None


class LastMessage(Wire):
    """The newest message of a dialog."""

    id: Name
    created: int = Field(ge=0, lt=2**53)


class Chat(Wire):
    """A dialog."""

    id: Name
    users: Maybe[list[Any]] = None
    context: Maybe[Context] = None
    last_message: Maybe[LastMessage] = None
