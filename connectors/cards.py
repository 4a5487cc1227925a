"""What a message holds that is neither text nor a file, as every part of the contract names it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CardKind(StrEnum):
    """What a card of a message shows."""

    PLACE = "place"
    PERSON = "person"
    LINK = "link"
    LISTING = "listing"
    POLL = "poll"


@dataclass(frozen=True, slots=True)
class Card:
    """Something in a message that is neither text nor a file: a place, a person's phone, a link, a listing, a poll.

    Only the fields that its kind has are filled; `text` is what stands below the title (an address, a price).
    """

    kind: CardKind
    title: str = ""
    text: str = ""
    url: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None
