"""Files as every part of the contract names them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MediaKind(StrEnum):
    """How a file is shown."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Media:
    """A file of an incoming message, by exactly one of two names.

    `ref`: the worker fetches it later through `fetch_media`. `upload`: the token of a file that our own surface has
    already stored.
    """

    kind: MediaKind
    name: str = ""
    mime: str = ""
    size: int | None = None
    ref: str | None = None
    upload: str | None = None
