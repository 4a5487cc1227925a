"""Telegram's updates: only the fields that we read. What messages are made of is in telegram_wire.

Facts: https://core.telegram.org/bots/api#update and below (Bot API 10.3).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from connectors.telegram_wire import (
    Chat,
    Checklist,
    Contact,
    Dice,
    Entity,
    File,
    Game,
    Id,
    Location,
    Maybe,
    Name,
    PaidMediaList,
    Poll,
    Sticker,
    Story,
    Text,
    User,
    Venue,
    WebAppAnswer,
    Wire,
)


class Quote(Wire):
    """The part of the answered message that was picked out."""

    text: Text


class Origin(Wire):
    """Who wrote a forwarded message first; exactly one of these is given."""

    sender_user: Maybe[User] = None
    sender_user_name: Maybe[Text] = None
    sender_chat: Maybe[Chat] = None
    chat: Maybe[Chat] = None

    @property
    def name(self) -> str:
        """What the person or the channel is called."""
        chat = self.sender_chat or self.chat
        user = self.sender_user.name if self.sender_user else self.sender_user_name
        return user or (chat.title if chat else None) or ""


class Answered(Wire):
    """The message that was answered, of which only the number counts."""

    message_id: Id


class Button(Wire):
    """A button below a message of ours."""

    text: Text
    callback_data: Maybe[Text] = None


class Keyboard(Wire):
    """The buttons below a message of ours."""

    inline_keyboard: list[list[Button]]


class Message(Wire):
    """A message. `date` is in seconds since 1970; 0 stands for a message that is not accessible any more."""

    message_id: Id
    chat: Chat
    date: Maybe[int] = None
    sender: Maybe[User] = Field(None, alias="from")
    business_connection_id: Maybe[Name] = None
    sender_business_bot: Maybe[User] = None
    is_from_offline: Maybe[bool] = None
    media_group_id: Maybe[Name] = None
    forward_origin: Maybe[Origin] = None
    reply_to_message: Maybe[Answered] = None
    reply_to_story: Maybe[Story] = None
    quote: Maybe[Quote] = None
    edit_date: Maybe[int] = None
    text: Maybe[Text] = None
    entities: Maybe[list[Entity]] = None
    caption: Maybe[Text] = None
    caption_entities: Maybe[list[Entity]] = None
    rich_message: Maybe[dict[str, Any]] = None
    photo: Maybe[list[File]] = None
    live_photo: Maybe[File] = None
    video: Maybe[File] = None
    animation: Maybe[File] = None
    video_note: Maybe[File] = None
    voice: Maybe[File] = None
    audio: Maybe[File] = None
    document: Maybe[File] = None
    sticker: Maybe[Sticker] = None
    paid_media: Maybe[PaidMediaList] = None
    location: Maybe[Location] = None
    venue: Maybe[Venue] = None
    contact: Maybe[Contact] = None
    poll: Maybe[Poll] = None
    checklist: Maybe[Checklist] = None
    dice: Maybe[Dice] = None
    game: Maybe[Game] = None
    story: Maybe[Story] = None
    web_app_data: Maybe[WebAppAnswer] = None
    reply_markup: Maybe[Keyboard] = None


class Press(Wire):
    """A pressed button."""

    id: Name
    sender: User = Field(alias="from")
    message: Maybe[Message] = None
    data: Maybe[Text] = None


class Sign(Wire):
    """One reaction; only ordinary ones have an emoji."""

    emoji: Maybe[Text] = None


class Reaction(Wire):
    """Somebody's reactions to a message are now these."""

    chat: Chat
    message_id: Id
    date: Maybe[int] = None
    new_reaction: list[Sign]


class Member(Wire):
    """What somebody is in a chat."""

    status: Name


class Membership(Wire):
    """The bot's own place in a chat has changed: in a private chat the person blocked it or let it in again."""

    chat: Chat
    date: Maybe[int] = None
    new_chat_member: Member


class Rights(Wire):
    """What the bot may do for a business account."""

    can_reply: Maybe[bool] = None


class BusinessConnection(Wire):
    """A person has connected the bot to their own account, changed its rights or taken it away."""

    id: Name
    is_enabled: bool
    rights: Maybe[Rights] = None


class BusinessDeleted(Wire):
    """Messages were deleted in a chat of a business account."""

    business_connection_id: Name
    chat: Chat
    message_ids: list[Id] = Field(max_length=1000)


def moment(seconds: int | None) -> datetime | None:
    """The time of a message; None is left to our own clock."""
    if not seconds or not 0 < seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, UTC)
