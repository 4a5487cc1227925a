"""What updates of MAX are made of. Only the fields that we read.

Facts: https://dev.max.ru/docs-api and the schema in github.com/max-messenger/max-bot-api-client-go.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from connectors.wire import Id, Maybe, Name, Wire


class User(Wire):
    """Somebody, bots included. Pictures come only with some updates."""

    user_id: Id
    first_name: Maybe[str] = None
    last_name: Maybe[str] = None
    username: Maybe[str] = None
    is_bot: Maybe[bool] = None

    @property
    def full_name(self) -> str:
        """First and last name, else @username."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part and part.strip())
        return full or (f"@{self.username}" if self.username else "")


class Recipient(Wire):
    """Where a message is."""

    chat_id: Id
    chat_type: Maybe[str] = None


class Markup(Wire):
    """A part of a text, in UTF-16 code units; `url` is what a hidden link leads to."""

    type: Maybe[str] = None
    start: int = Field(alias="from", ge=0, lt=2**31)
    length: int = Field(ge=0, lt=2**31)
    url: Maybe[str] = None


class Body(Wire):
    """What a message holds."""

    mid: Name
    text: Maybe[str] = None
    attachments: Maybe[list[Any]] = None
    markup: Maybe[list[Any]] = None


class Link(Wire):
    """The message that was replied to (reply) or passed on (forward)."""

    type: Name
    sender: Maybe[User] = None
    message: Maybe[Body] = None


class Message(Wire):
    """A message. Its body is null where it passes on another and says nothing itself."""

    sender: Maybe[User] = None
    recipient: Recipient
    timestamp: Maybe[int] = None
    body: Body
    link: Maybe[Link] = None


class Callback(Wire):
    """A pressed button."""

    callback_id: Name
    payload: Maybe[str] = None
    user: User
    timestamp: Maybe[int] = None


class Update(Wire):
    """What every update has; the rest is read by its kind."""

    update_type: Name
    timestamp: Maybe[int] = None
    user_locale: Maybe[str] = None


class Created(Wire):
    """message_created and message_edited."""

    message: Message


class Removed(Wire):
    """message_removed."""

    message_id: Name
    chat_id: Maybe[Id] = None


class Pressed(Wire):
    """message_callback. The message is null when it was taken back."""

    callback: Callback
    message: Maybe[Message] = None


class Dialog(Wire):
    """bot_started and bot_stopped. `payload` is what a link into the dialog carries."""

    chat_id: Id
    user: Maybe[User] = None
    payload: Maybe[str] = None
