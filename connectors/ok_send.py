"""What an answer of an agent becomes in Odnoklassniki, and changes to what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.contract import (
    Amendment,
    Button,
    MediaKind,
    Net,
    Outgoing,
    OutgoingMedia,
    Rejected,
    Unreachable,
)
from connectors.multipart import file_form
from connectors.ok_call import call, unreadable
from connectors.ok_config import Config
from connectors.steps import Step, in_order, name_among
from connectors.wire import object_in

# OK documents no limit; longer messages have been refused.
MAX_TEXT = 1800
LARGEST_FILE = 50 << 20
# Five attachments, one of which may be the buttons.
MOST_ATTACHMENTS = 4
UPLOAD_SECONDS = 30.0
# OK works on an uploaded file for "some seconds" and refuses it until then: how long to wait before asking again.
READY_SECONDS = (0.5, 1.5, 3.0)

_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif"})
_NAMES = {
    MediaKind.IMAGE: "IMAGE",
    MediaKind.VIDEO: "VIDEO",
    MediaKind.VOICE: "AUDIO",
    MediaKind.AUDIO: "AUDIO",
    MediaKind.FILE: "FILE",
}


def kind_of(file: OutgoingMedia) -> str:
    """How OK calls a file."""
    return name_among(_NAMES, file, _IMAGES)


def plan(outgoing: Outgoing) -> tuple[Step, ...]:
    """The requests, in order: files with the first part of the text, then the rest of it."""
    parts = [part for part in outgoing.parts if part.strip()]
    groups = [
        outgoing.media[start : start + MOST_ATTACHMENTS] for start in range(0, len(outgoing.media), MOST_ATTACHMENTS)
    ]
    steps = [Step(parts.pop(0) if parts and number == 0 else "", tuple(group)) for number, group in enumerate(groups)]
    return (*steps, *(Step(part) for part in parts))


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    steps = plan(outgoing)

    async def make(number: int, step: Step) -> str:
        attachments: list[Mapping[str, Any]] = [await _uploaded(file, config, net) for file in step.media]
        if number == len(steps) - 1 and outgoing.buttons:
            attachments.append(_keyboard(outgoing.buttons))
        message: dict[str, Any] = {"text": step.text} if step.text else {}
        if attachments:
            message["attachments"] = attachments
        if number == 0 and outgoing.reply_to:
            message["reply_to"] = outgoing.reply_to
        return await _send_when_ready(outgoing.address, message, config, net, has_files=bool(step.media))

    return await in_order(steps, outgoing.done, make)


async def _send_when_ready(
    address: str, message: Mapping[str, Any], config: Config, net: Net, *, has_files: bool
) -> str:
    """Send, and once more after a while when a message with files is refused: nobody says "not ready" plainly."""
    for pause in READY_SECONDS if has_files else ():
        try:
            return await _post(address, message, config, net)
        except Rejected:
            await asyncio.sleep(pause)
    return await _post(address, message, config, net)


async def _post(address: str, message: Mapping[str, Any], config: Config, net: Net) -> str:
    body = {"recipient": {"chat_id": address}, "message": message}
    answer = await call(config, net, "POST", f"me/messages/{quote(address, safe=':')}", body)
    name = answer.get("message_id")
    if not isinstance(name, str) or not name:
        raise Unreachable("OK's answer could not be read.", maybe_sent=True)
    return name


async def _uploaded(file: OutgoingMedia, config: Config, net: Net) -> Mapping[str, Any]:
    """Give OK a file: ask where to, upload, and name it as an attachment."""
    kind = kind_of(file)
    place = await call(config, net, "GET", "me/fileUploadUrl", type=kind)
    url = place.get("url")
    if not isinstance(url, str) or not url:
        raise Unreachable("OK's answer could not be read.")
    content_type, body = file_form("file", file.name or "file", file.mime, await file.read())
    answer = await net.request("POST", url, headers={"Content-Type": content_type}, body=body, timeout=UPLOAD_SECONDS)
    if answer.status != 200:
        raise unreadable(answer)
    # A picture is named by its upload, everything else before it.
    token = _photo_token(object_in(answer.body)) if kind == "IMAGE" else place.get("token")
    if not isinstance(token, str) or not token:
        raise Rejected("OK does not take this file.")
    return {"type": kind, "payload": {"token": token}}


def _photo_token(said: Mapping[str, Any]) -> Any:
    photos = said.get("photos")
    first = next(iter(photos.values()), None) if isinstance(photos, dict) else None
    return first.get("token") if isinstance(first, dict) else None


def _keyboard(buttons: Sequence[Button]) -> Mapping[str, Any]:
    """Below the message; a press of one without an address comes back as what the client says."""
    rows = [
        [{"type": "LINK", "text": button.title, "intent": "DEFAULT", "url": button.url}]
        if button.url
        else [{"type": "CALLBACK", "text": button.title, "intent": "DEFAULT", "payload": button.title}]
        for button in buttons
    ]
    return {"type": "INLINE_KEYBOARD", "payload": {"keyboard": {"buttons": rows}}}


async def edit(amendment: Amendment, config: Config, net: Net) -> None:
    """Replace the text of a message. OK replaces a message whole, so one with files stays as it is."""
    if amendment.caption:
        raise Rejected("OK would take the files away: messages with files cannot be changed.")
    body = {"message": {"text": amendment.text}}
    await call(config, net, "POST", f"{quote(amendment.external_ids[0], safe=':')}/edit", body)


async def show_typing(address: str, config: Config, net: Net) -> None:
    """Show that somebody is typing."""
    await _act(address, "typing_on", config, net)


async def mark_read(address: str, _external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages read."""
    await _act(address, "mark_seen", config, net)


async def _act(address: str, action: str, config: Config, net: Net) -> None:
    body = {"recipient": {"chat_id": address}, "sender_action": action}
    await call(config, net, "POST", f"me/messages/{quote(address, safe=':')}", body)
