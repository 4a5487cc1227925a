"""What an answer of an agent becomes at Twilio.

Facts: https://www.twilio.com/docs/messaging/api/message-resource,
https://www.twilio.com/docs/whatsapp/api/typing-indicators-resource. Files go as links that Twilio fetches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from connectors.buttons import MAX_BODY, POINTER, as_lines, form_of
from connectors.contract import MediaKind, Net, Outgoing, Rejected, TooLarge, Unreachable
from connectors.steps import in_order
from connectors.twilio_buttons import Frame, frame_of, laid_down
from connectors.twilio_call import ask, call
from connectors.twilio_config import WHATSAPP, Config

MAX_TEXT = 1600
# WhatsApp takes files of so many bytes through Twilio, MMS so many.
LARGEST_FILE = 16 << 20
LARGEST_MMS = 5 << 20

_WITH_WORDS = frozenset({MediaKind.IMAGE, MediaKind.VIDEO})


@dataclass(frozen=True, slots=True)
class Step:
    """One message: its fields, or the frame whose buttons it shows."""

    fields: dict[str, str] = field(default_factory=dict)
    frame: Frame | None = None


def plan(outgoing: Outgoing) -> list[Step]:
    """The messages, in order, a file each. The last words go with the buttons, or with the first file."""
    used = outgoing.template
    if used is not None:
        return [Step(_content(used.external_id, {value.name: value.text for value in used.values}))]
    parts = [part for part in outgoing.parts if part.strip()]
    files = [{"MediaUrl": file.url} for file in outgoing.media]
    if outgoing.buttons:
        return [*_with_buttons(parts, outgoing), *(Step(file) for file in files)]
    # WhatsApp shows no words below sounds and documents.
    if files and parts and (not _in_whatsapp(outgoing) or outgoing.media[0].kind in _WITH_WORDS):
        files[0]["Body"] = parts.pop()
    return [*(Step({"Body": part}) for part in parts), *(Step(file) for file in files)]


def _with_buttons(parts: list[str], outgoing: Outgoing) -> list[Step]:
    """The words, the last of them with the buttons; where there are no buttons, as in SMS, these are lines of text."""
    form = form_of(outgoing.buttons) if _in_whatsapp(outgoing) else None
    alone = not parts or len(parts[-1]) > MAX_BODY
    frame = frame_of(form, POINTER if alone else parts[-1]) if form is not None else None
    if frame is not None:
        return [*(Step({"Body": part}) for part in (parts if alone else parts[:-1])), Step(frame=frame)]
    lines = as_lines(outgoing.buttons)
    if parts and len(parts[-1]) + len(lines) + 2 <= MAX_TEXT:
        lines = f"{parts.pop()}\n\n{lines}"
    return [Step({"Body": part}) for part in (*parts, lines[:MAX_TEXT])]


def _content(name: str, words: Mapping[str, str]) -> dict[str, str]:
    """Content of the account with its variables."""
    variables = {"ContentVariables": orjson.dumps(words).decode()} if words else {}
    return {"ContentSid": name, **variables}


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    _check_files(outgoing)
    common = {"To": outgoing.address}
    common["MessagingServiceSid" if config.service else "From"] = config.sender
    if urlsplit(config.webhook_url).scheme == "https":
        common["StatusCallback"] = config.webhook_url

    async def make(_number: int, step: Step) -> str:
        fields = step.fields
        if step.frame is not None:
            fields = _content(await laid_down(step.frame, config, net), step.frame.words)
        said = await ask(config, net, "/Messages.json", **common, **fields)
        name = said.get("sid")
        if not isinstance(name, str) or not name:
            raise Unreachable("Twilio's answer could not be read.", maybe_sent=True)
        return name

    return await in_order(plan(outgoing), outgoing.done, make)


async def typing_below(address: str, external_id: str, config: Config, net: Net) -> None:
    """Show "typing..." below the client's message for 25 seconds, which also marks it read. SMS has no such thing."""
    if address.startswith(WHATSAPP):
        told = {"messageId": external_id, "channel": "whatsapp"}
        await call(config, net, f"{config.messaging_url}/v2/Indicators/Typing.json", form=told)


def _in_whatsapp(outgoing: Outgoing) -> bool:
    """By the client's address: a Messaging Service sends to both."""
    return outgoing.address.startswith(WHATSAPP)


def _check_files(outgoing: Outgoing) -> None:
    if any(not file.url.startswith("https://") for file in outgoing.media):
        raise Rejected("Twilio fetches files from this server, which needs a public https:// address for that.")
    if not _in_whatsapp(outgoing) and any(file.size > LARGEST_MMS for file in outgoing.media):
        raise TooLarge("A file in an MMS may have 5 MB at most.")
