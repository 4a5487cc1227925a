"""Buttons in WhatsApp through Twilio: content that is laid down once in the account and sent by its name.

Only its frame is laid down: where lines break, and what the buttons say. The words go beside it in variables, which
hold no line breaks, so that one frame serves every message of its kind.

Facts: https://www.twilio.com/docs/content/twilio-quick-reply, .../twilio-list-picker, .../twilio-call-to-action,
https://www.twilio.com/docs/content/content-api-resources; what variables may hold: .../docs/api/errors/21656.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.buttons import LIST_BUTTON, Answers, Link, Rows
from connectors.contract import Net, Unreachable
from connectors.twilio_call import call
from connectors.twilio_config import Config

# Twilio takes a link's words shorter than WhatsApp does.
MAX_LINK_BODY = 640
MAX_LINES = 50
# Two of these begin a variable, and nothing takes that away from them.
_BRACES = "{{"


@dataclass(frozen=True, slots=True)
class Frame:
    """What is laid down (the type of content and its fields), and the words that fill it."""

    kind: str
    content: dict[str, Any]
    words: dict[str, str]

    @property
    def name(self) -> str:
        """The same for the same content: by this it is found again."""
        laid = orjson.dumps([self.kind, self.content], option=orjson.OPT_SORT_KEYS)
        return f"inbox-buttons-{hashlib.sha256(laid).hexdigest()[:32]}"


def frame_of(form: Link | Answers | Rows, body: str) -> Frame | None:
    """Buttons below a body; None when Twilio cannot show them so."""
    lines = [" ".join(line.split()) for line in body.split("\n")]
    words = {str(number): line for number, line in enumerate((line for line in lines if line), 1)}
    numbers = iter(words)
    laid = "\n".join(f"{{{{{next(numbers)}}}}}" if line else "" for line in lines)
    longest = MAX_LINK_BODY if isinstance(form, Link) else len(body)
    kind, fields = _fields(form)
    if len(lines) > MAX_LINES or len(body) > longest or _BRACES in orjson.dumps(fields).decode():
        return None
    return Frame(kind, {"body": laid, **fields}, words)


def _fields(form: Link | Answers | Rows) -> tuple[str, dict[str, Any]]:
    if isinstance(form, Link):
        return "twilio/call-to-action", {"actions": [{"type": "URL", "title": form.title, "url": form.url}]}
    if isinstance(form, Answers):
        return "twilio/quick-reply", {"actions": [{"title": title, "id": title} for title in form.titles]}
    items = [
        {"id": f"row-{number}", "item": title, **({"description": text} if text else {})}
        for number, (title, text) in enumerate(form.rows)
    ]
    return "twilio/list-picker", {"button": LIST_BUTTON, "items": items}


async def laid_down(frame: Frame, config: Config, net: Net) -> str:
    """The id of the content in the account, which gets it now if it has none yet. Raises SendError: nothing is sent."""
    try:
        said = await call(config, net, f"{config.content_url}/v2/Content?{urlencode({'ContentName': frame.name})}")
        listed = said.get("contents")
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, dict) and item.get("friendly_name") == frame.name and isinstance(item.get("sid"), str):
                return str(item["sid"])
        samples = dict.fromkeys(frame.words, "—")
        tree = {"friendly_name": frame.name, "language": "en", "variables": samples}
        made = await call(
            config, net, f"{config.content_url}/v1/Content", tree={**tree, "types": {frame.kind: frame.content}}
        )
    except Unreachable as error:
        raise Unreachable(error.reason) from error
    name = made.get("sid")
    if not isinstance(name, str) or not name:
        raise Unreachable("Twilio's answer could not be read.")
    return name
