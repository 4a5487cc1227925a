"""What an answer of an agent becomes in MAX, and changes to what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import (
    Amendment,
    Button,
    MediaKind,
    Net,
    Outgoing,
    OutgoingMedia,
    Rejected,
    Throttled,
    Unreachable,
)
from connectors.max_call import NotReady, call, refusal
from connectors.max_config import Config
from connectors.multipart import file_form
from connectors.steps import Step, in_order, name_among
from connectors.wire import object_in

# MAX takes "up to 4000" and has been seen to refuse exactly that many.
MAX_TEXT = 3999
LARGEST_FILE = 50 << 20
# Twelve attachments, one of which may be the buttons.
MOST_ATTACHMENTS = 11
MOST_TITLE = 128
UPLOAD_SECONDS = 30.0
# After an upload MAX works on the file for a moment and refuses it until then: how long to wait before asking again.
READY_SECONDS = (0.3, 0.6, 1.2, 2.4, 4.8)

_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff"})
_NAMES = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "video", MediaKind.VOICE: "audio", MediaKind.FILE: "file"}


def kind_of(file: OutgoingMedia) -> str:
    """How MAX calls a file."""
    return name_among(_NAMES, file, _IMAGES)


def plan(outgoing: Outgoing) -> tuple[Step, ...]:
    """The requests, in order: files with the first part of the text, then the rest of it.

    Pictures and films stand together; a document and a voice message stand alone, as people send them.
    """
    parts = [part for part in outgoing.parts if part.strip()]
    steps = [Step(media=tuple(group)) for group in _groups(outgoing.media)]
    if parts and steps:
        steps[0] = replace(steps[0], text=parts.pop(0))
    return (*steps, *(Step(part) for part in parts))


def _groups(media: Sequence[OutgoingMedia]) -> Iterator[list[OutgoingMedia]]:
    group: list[OutgoingMedia] = []
    for file in media:
        alone = kind_of(file) in ("file", "audio")
        if group and (alone or len(group) == MOST_ATTACHMENTS):
            yield group
            group = []
        group.append(file)
        if alone:
            yield group
            group = []
    if group:
        yield group


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    steps = plan(outgoing)

    async def make(number: int, step: Step) -> str:
        attachments: list[Mapping[str, Any]] = [await _uploaded(file, config, net) for file in step.media]
        if number == len(steps) - 1 and outgoing.buttons:
            attachments.append(_keyboard(outgoing.buttons))
        body: dict[str, Any] = {"text": step.text or None, "attachments": attachments or None}
        if number == 0 and outgoing.reply_to:
            body["link"] = {"type": "reply", "mid": outgoing.reply_to}
        return await _send_when_ready(outgoing.address, body, config, net)

    return await in_order(steps, outgoing.done, make)


async def _send_when_ready(address: str, body: Mapping[str, Any], config: Config, net: Net) -> str:
    for pause in (*READY_SECONDS, None):
        try:
            answer = await call(config, net, "POST", "/messages", body=body, chat_id=_chat(address))
        except NotReady as error:
            if pause is None:
                raise Throttled("MAX is still preparing the file.") from error
            await asyncio.sleep(pause)
        else:
            return _mid(answer)
    raise Rejected("MAX refuses this message.")


def _mid(answer: Mapping[str, Any]) -> str:
    message = answer.get("message")
    body = message.get("body") if isinstance(message, dict) else None
    mid = body.get("mid") if isinstance(body, dict) else None
    if not isinstance(mid, str) or not mid:
        raise Unreachable("MAX's answer could not be read.", maybe_sent=True)
    return mid


def _chat(address: str) -> int:
    if not address.removeprefix("-").isdecimal() or not address.isascii():
        raise Rejected("MAX does not know this dialog any more.")
    return int(address)


async def _uploaded(file: OutgoingMedia, config: Config, net: Net) -> Mapping[str, Any]:
    """Give MAX a file: ask where to, upload, and name it as an attachment."""
    kind = kind_of(file)
    place = await call(config, net, "POST", "/uploads", type=kind)
    url = place.get("url")
    if not isinstance(url, str) or not url:
        raise Unreachable("MAX's answer could not be read.")
    content_type, body = file_form("data", file.name or "file", file.mime, await file.read())
    answer = await net.request(
        "POST",
        url,
        headers={"Content-Type": content_type},
        body=body,
        timeout=UPLOAD_SECONDS,
        authorities=config.authorities,
    )
    said = object_in(answer.body)
    if answer.status != 200:
        raise refusal(answer, said)
    # Films and voice messages are named before the upload, the others by it; pictures in several sizes.
    if kind == "image" and isinstance(said.get("photos"), dict) and said["photos"]:
        return {"type": kind, "payload": {"photos": said["photos"]}}
    token = said.get("token") or place.get("token")
    if not isinstance(token, str) or not token:
        raise Rejected("MAX does not take this file.")
    return {"type": kind, "payload": {"token": token}}


def _keyboard(buttons: Sequence[Button]) -> Mapping[str, Any]:
    """Below the message; a press of one without an address makes the client say its title."""
    made = [
        {"type": "link", "text": button.title[:MOST_TITLE], "url": button.url}
        if button.url
        else {"type": "message", "text": button.title[:MOST_TITLE]}
        for button in buttons
    ]
    return {"type": "inline_keyboard", "payload": {"buttons": [[button] for button in made]}}


async def edit(amendment: Amendment, config: Config, net: Net) -> None:
    """Replace the text of a message; without a list of attachments MAX leaves them as they are."""
    body = {"text": amendment.text}
    await call(config, net, "PUT", "/messages", body=body, message_id=amendment.external_ids[0])


async def delete(amendment: Amendment, config: Config, net: Net) -> None:
    """Take every message of an answer back."""
    for external_id in amendment.external_ids:
        await call(config, net, "DELETE", "/messages", message_id=external_id)


async def show_typing(address: str, config: Config, net: Net) -> None:
    """Show that somebody is typing."""
    await call(config, net, "POST", f"/chats/{_chat(address)}/actions", body={"action": "typing_on"})


async def mark_read(address: str, _external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages read."""
    await call(config, net, "POST", f"/chats/{_chat(address)}/actions", body={"action": "mark_seen"})


async def acknowledge(reference: str, config: Config, net: Net) -> None:
    """Confirm a pressed button of another program's keyboard: its spinner stops."""
    await call(config, net, "POST", "/answers", body={"notification": "✓"}, callback_id=reference)
