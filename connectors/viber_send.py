"""What an answer of an agent becomes in Viber.

Facts: https://developers.viber.com/docs/api/rest-bot-api/#message-types. Files go as links that Viber fetches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import Button, MediaKind, Net, Outgoing, OutgoingMedia, Rejected, Unreachable
from connectors.steps import in_order
from connectors.viber_call import call
from connectors.viber_config import Config
from connectors.viber_parse import MOST_NAME

MAX_TEXT = 7000
MAX_CAPTION = 512
LARGEST_PICTURE = 1 << 20
LARGEST_VIDEO = 26 << 20
LARGEST_FILE = 50 << 20
# Rows of a keyboard, each with one button.
MOST_BUTTONS = 24
MOST_TITLE = 250

_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif"})


def plan(outgoing: Outgoing) -> list[dict[str, Any]]:
    """The messages, in order: words below the first picture where they fit, else before the files."""
    parts = [part for part in outgoing.parts if part.strip()]
    files = [_file(file) for file in outgoing.media]
    if files and files[0]["type"] == "picture" and len(parts) == 1 and len(parts[0]) <= MAX_CAPTION:
        files[0]["text"] = parts.pop()
    steps = [*({"type": "text", "text": part} for part in parts), *files]
    if outgoing.buttons and steps:
        steps[-1]["keyboard"] = _keyboard(outgoing.buttons)
    return steps


def _file(file: OutgoingMedia) -> dict[str, Any]:
    """As what Viber takes a file: what it does not show goes as a document."""
    mime = file.mime.partition(";")[0].strip().lower()
    if file.kind is MediaKind.IMAGE and mime in _PICTURES and file.size <= LARGEST_PICTURE:
        return {"type": "picture", "text": "", "media": file.url}
    if file.kind is MediaKind.VIDEO and mime == "video/mp4" and file.size <= LARGEST_VIDEO:
        return {"type": "video", "media": file.url, "size": file.size}
    return {"type": "file", "media": file.url, "size": file.size, "file_name": (file.name or "file")[-256:]}


def _keyboard(buttons: Sequence[Button]) -> Mapping[str, Any]:
    """Stands where the client types until something else is said; a press says its title."""
    made = [
        {
            "Columns": 6,
            "Rows": 1,
            "ActionType": "open-url" if button.url else "reply",
            "ActionBody": button.url or button.title[:MOST_TITLE],
            "Text": button.title[:MOST_TITLE],
        }
        for button in buttons[:MOST_BUTTONS]
    ]
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": made}


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    if any(not file.url.startswith("https://") for file in outgoing.media):
        raise Rejected("Viber fetches files from this server, which needs a public https:// address for that.")
    name = outgoing.agent_name if config.signed_by == "agent" else ""
    sender = {"name": (name or config.account_name or "Bot")[:MOST_NAME]}

    async def make(_number: int, step: dict[str, Any]) -> str:
        said = await call(config, net, "send_message", receiver=outgoing.address, sender=sender, **step)
        token = said.get("message_token")
        if type(token) is not int:
            raise Unreachable("Viber's answer could not be read.", maybe_sent=True)
        return str(token)

    return await in_order(plan(outgoing), outgoing.done, make)
