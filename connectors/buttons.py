"""Buttons where there are few or none: the forms that WhatsApp has, and lines of text for everybody else.

Facts: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#interactive-object. Whoever carries
a message into WhatsApp is held to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.outgoing import Button

# Characters of the words above buttons. Where they are too many, this stands above the buttons instead.
MAX_BODY = 1024
POINTER = "👇"
# What stands on the button that opens a list.
LIST_BUTTON = "☰"

MAX_ANSWERS = 3
MAX_TITLE = 20
MAX_ROWS = 10
MAX_ROW_TITLE = 24
MAX_ROW_TEXT = 72


@dataclass(frozen=True, slots=True)
class Link:
    """One button that opens an address."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Up to three buttons that send their title back."""

    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list that opens: of each row the title, and the whole text ("" when the title is all of it)."""

    rows: tuple[tuple[str, str], ...]


def form_of(buttons: Sequence[Button]) -> Link | Answers | Rows | None:
    """As what WhatsApp shows buttons; None for what it has no form for: a link among others."""
    links = [button for button in buttons if button.url]
    if links:
        return Link(links[0].title[:MAX_TITLE], links[0].url) if len(buttons) == 1 else None
    titles = tuple(dict.fromkeys(button.title for button in buttons))
    if len(titles) <= MAX_ANSWERS and all(len(title) <= MAX_TITLE for title in titles):
        return Answers(titles)
    return Rows(tuple((title[:MAX_ROW_TITLE], _rest(title)) for title in titles[:MAX_ROWS]))


def _rest(title: str) -> str:
    return title[:MAX_ROW_TEXT] if len(title) > MAX_ROW_TITLE else ""


def as_lines(buttons: Sequence[Button]) -> str:
    """Buttons as text: a line each, with the address behind what it is called."""
    return "\n".join(f"{button.title}: {button.url}" if button.url else button.title for button in buttons)
