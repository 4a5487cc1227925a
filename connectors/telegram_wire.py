"""What messages of Telegram are made of: people, chats, files, places, lists. Only the fields that we read.

What has a wrong type where we can do without it is left out (`Maybe`). Facts: https://core.telegram.org/bots/api#user
and below (Bot API 10.3).
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WrapValidator

T = TypeVar("T")


def _or_nothing(value: Any, read: Any) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


# PostgreSQL's texts hold no NUL.
Text = Annotated[str, AfterValidator(lambda text: text.replace("\0", ""))]
Maybe = Annotated[T | None, WrapValidator(_or_nothing)]
Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Name = Annotated[Text, Field(min_length=1, max_length=512)]


class Wire(BaseModel):
    """Unknown fields are ignored, wrong types refused (or left out, where `Maybe` says so)."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False, defer_build=True)


class User(Wire):
    """Somebody with an account, bots included."""

    id: Id
    first_name: Maybe[Text] = None
    last_name: Maybe[Text] = None
    username: Maybe[Text] = None
    language_code: Maybe[Text] = None

    @property
    def name(self) -> str:
        """First and last name, else @username."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part and part.strip())
        return full or (f"@{self.username}" if self.username else "")


class Chat(Wire):
    """Where a message is."""

    id: Id
    type: Name
    title: Maybe[Text] = None
    username: Maybe[Text] = None


class Entity(Wire):
    """A part of a text, in UTF-16 code units."""

    type: Name
    offset: int = Field(ge=0, lt=2**31)
    length: int = Field(ge=0, lt=2**31)
    url: Maybe[Text] = None


class File(Wire):
    """A file in any of its forms: document, video, voice message ..."""

    file_id: Name
    file_name: Maybe[Text] = None
    mime_type: Maybe[Text] = None
    file_size: Maybe[int] = None


class Sticker(Wire):
    """A picture, perhaps a moving one; its thumbnail stands still."""

    file_id: Name
    is_animated: Maybe[bool] = None
    is_video: Maybe[bool] = None
    emoji: Maybe[Text] = None
    thumbnail: Maybe[File] = None


class PaidMedia(Wire):
    """One item that was paid for; a preview has neither."""

    photo: Maybe[list[File]] = None
    video: Maybe[File] = None


class PaidMediaList(Wire):
    """What was paid for."""

    paid_media: list[PaidMedia]


class Location(Wire):
    """A point; with `live_period` it moves."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    live_period: Maybe[int] = None


class Venue(Wire):
    """A place with a name."""

    location: Location
    title: Maybe[Text] = None
    address: Maybe[Text] = None


class Contact(Wire):
    """A card of the phone book."""

    phone_number: Text
    first_name: Maybe[Text] = None
    last_name: Maybe[Text] = None


class Line(Wire):
    """A line of a poll or of a checklist."""

    text: Text


class Poll(Wire):
    """A question with choices."""

    question: Text
    options: Maybe[list[Line]] = None


class Checklist(Wire):
    """A list of things to do."""

    title: Text
    tasks: Maybe[list[Line]] = None


class Dice(Wire):
    """An emoji with a random number."""

    emoji: Text
    value: int


class Game(Wire):
    """A game."""

    title: Text


class Story(Wire):
    """A story that was passed on or answered to."""

    id: Id
    chat: Chat


class WebAppAnswer(Wire):
    """What a web application sent back."""

    data: Text
    button_text: Maybe[Text] = None
