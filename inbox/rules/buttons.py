"""Buttons below a message, as a person types them: one line each, `Title` or `Title | https://address`."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BUTTONS = 10
MAX_TITLE = 40


@dataclass(frozen=True, slots=True)
class ReplyButton:
    """One button: it opens `url`, or sends its title as the client's message when there is none."""

    title: str
    url: str = ""


def read_buttons(lines: str) -> tuple[ReplyButton, ...]:
    """The buttons of a text, blank lines left out; raises ValueError with the line that is not a button."""
    buttons = []
    for line in lines.splitlines():
        if not line.strip():
            continue
        title, _, url = (part.strip() for part in line.partition("|"))
        if not title or len(title) > MAX_TITLE or (url and not url.startswith(("https://", "http://"))):
            raise ValueError(line.strip())
        buttons.append(ReplyButton(title, url))
    if len(buttons) > MAX_BUTTONS:
        raise ValueError(buttons[MAX_BUTTONS].title)
    return tuple(buttons)
