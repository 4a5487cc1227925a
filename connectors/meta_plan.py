"""Which requests an answer becomes on Messenger and Instagram, in order. Pure.

Facts: https://developers.facebook.com/docs/messenger-platform/reference/send-api,
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import Button, MediaKind, Outgoing, OutgoingMedia
from connectors.meta_messaging import DAY_SECONDS, HUMAN_AGENT_SECONDS

MAX_QUICK_REPLIES = 13
MAX_TITLE = 20
MAX_TEMPLATE_BUTTONS = 3
MAX_TEMPLATE_TEXT = 640
POINTER = "👇"

_TYPES = {
    MediaKind.IMAGE: "image",
    MediaKind.VIDEO: "video",
    MediaKind.AUDIO: "audio",
    MediaKind.VOICE: "audio",
    MediaKind.FILE: "file",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One request: a message, and the file that it carries."""

    message: dict[str, Any]
    file: OutgoingMedia | None = None


def plan(outgoing: Outgoing, max_text: int) -> list[Step]:
    """The requests of an answer: words and files go apart, buttons below the last words."""
    parts = [part for part in outgoing.parts if part.strip()]
    steps = [Step({"text": part}) for part in parts]
    steps += [Step({"attachment": {"type": _TYPES[file.kind]}}, file) for file in outgoing.media]
    if not outgoing.buttons:
        return steps
    own_words = bool(steps) and steps[-1].file is None
    body = parts[-1] if own_words else POINTER
    if any(button.url for button in outgoing.buttons):
        below = _links(outgoing.buttons, body)
        if below is None:
            lines = "\n".join(f"{one.title}: {one.url}" if one.url else one.title for one in outgoing.buttons)
            return [*steps, Step({"text": lines[:max_text]})]
    else:
        below = {"text": body, "quick_replies": _quick_replies(outgoing.buttons)}
    return [*(steps[:-1] if own_words else steps), Step(below)]


def _quick_replies(buttons: Sequence[Button]) -> list[dict[str, str]]:
    return [
        {"content_type": "text", "title": button.title[:MAX_TITLE], "payload": button.title}
        for button in buttons[:MAX_QUICK_REPLIES]
    ]


def _links(buttons: Sequence[Button], body: str) -> dict[str, Any] | None:
    """A template with buttons that open something; None when there are too many, or too many words for it."""
    if len(buttons) > MAX_TEMPLATE_BUTTONS or len(body) > MAX_TEMPLATE_TEXT:
        return None
    drawn = [
        {"type": "web_url", "title": button.title[:MAX_TITLE], "url": button.url}
        if button.url
        else {"type": "postback", "title": button.title[:MAX_TITLE], "payload": button.title}
        for button in buttons
    ]
    payload = {"template_type": "button", "text": body, "buttons": drawn}
    return {"attachment": {"type": "template", "payload": payload}}


def messaging_type(outgoing: Outgoing, *, human_agent: bool) -> dict[str, str]:
    """By which right an answer goes out: a reply within a day, a person's answer within a week."""
    if human_agent and outgoing.reply_until is not None:
        left = (outgoing.reply_until - outgoing.now).total_seconds()
        if left < HUMAN_AGENT_SECONDS - DAY_SECONDS:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return {"messaging_type": "RESPONSE"}
