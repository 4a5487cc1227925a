"""What an answer of an agent becomes at VK, and changes to what was sent."""

from __future__ import annotations

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
    TooLarge,
    Unreachable,
)
from connectors.steps import Step, in_order
from connectors.vk_call import call, refusal
from connectors.vk_config import Config
from connectors.vk_ids import MOST_STEPS, external_id_of, number_of, peer_of, random_id, reaction_of
from connectors.vk_upload import upload

MAX_TEXT = 4096
MOST_ATTACHMENTS = 10
# An inline keyboard has at most six rows; ten buttons take two columns then.
MOST_ROWS = 6
MOST_LABEL = 40


def plan(outgoing: Outgoing) -> tuple[Step, ...]:
    """The requests, in order: files with the first part of the text, then the rest of it. A voice message is alone."""
    parts = [part for part in outgoing.parts if part.strip()]
    steps = [Step(media=tuple(group)) for group in _groups(outgoing.media)]
    carrier = next((index for index, step in enumerate(steps) if not is_voice(step.media[0])), None)
    if parts and carrier is not None:
        steps[carrier] = replace(steps[carrier], text=parts.pop(0))
    steps += [Step(part) for part in parts]
    if len(steps) > MOST_STEPS:
        raise TooLarge("The text is longer than VK takes.")
    return tuple(steps)


def is_voice(file: OutgoingMedia) -> bool:
    """Whether VK plays it as a voice message."""
    return file.kind is MediaKind.VOICE and file.mime.partition(";")[0] in ("audio/ogg", "audio/opus")


def _groups(media: Sequence[OutgoingMedia]) -> Iterator[list[OutgoingMedia]]:
    group: list[OutgoingMedia] = []
    for file in media:
        if group and (len(group) == MOST_ATTACHMENTS or is_voice(file) or is_voice(group[0])):
            yield group
            group = []
        group.append(file)
    if group:
        yield group


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled.

    VK drops a request whose random_id it has had, so a repeated attempt shows nothing twice.
    """
    peer_id = peer_of(outgoing.address)
    steps = plan(outgoing)

    async def make(number: int, step: Step) -> str:
        names = [await upload(file, peer_id, config, net, voice=is_voice(file)) for file in step.media]
        answer = await call(
            config,
            net,
            "messages.send",
            # In the plural VK answers with the number in the dialog, which everything else speaks of.
            peer_ids=str(peer_id),
            random_id=random_id(outgoing.dedup_key, number),
            message=step.text,
            attachment=",".join(names),
            forward=_quote(outgoing) if number == 0 else None,
            keyboard=_keyboard(outgoing.buttons) if number == len(steps) - 1 else None,
        )
        return _external_id(answer, peer_id)

    return await in_order(steps, outgoing.done, make)


def _external_id(answer: Any, peer_id: int) -> str:
    first = answer[0] if isinstance(answer, list) and answer else None
    if not isinstance(first, dict):
        raise Unreachable("VK's answer could not be read.", maybe_sent=True)
    error = first.get("error")
    if isinstance(error, dict):
        raise refusal(error.get("code"), error.get("description"))
    number = first.get("conversation_message_id")
    if type(number) is not int or number < 1:
        raise Unreachable("VK's answer could not be read.", maybe_sent=True)
    return external_id_of(peer_id, number)


def _quote(outgoing: Outgoing) -> Mapping[str, Any] | None:
    number = number_of(outgoing.address, outgoing.reply_to)
    if number is None:
        return None
    return {"peer_id": peer_of(outgoing.address), "conversation_message_ids": [number], "is_reply": 1}


def _keyboard(buttons: Sequence[Button]) -> Mapping[str, Any] | None:
    """Below the message; a press of one without an address makes the client say its title."""
    if not buttons:
        return None
    made = [
        {"action": {"type": "open_link", "label": button.title[:MOST_LABEL], "link": button.url}}
        if button.url
        else {"action": {"type": "text", "label": button.title[:MOST_LABEL]}, "color": "primary"}
        for button in buttons
    ]
    width = 1 if len(made) <= MOST_ROWS else 2
    return {"inline": True, "buttons": [made[start : start + width] for start in range(0, len(made), width)]}


async def edit(amendment: Amendment, config: Config, net: Net) -> None:
    """Replace the text of a message; its files have to be named again, or VK takes them away."""
    peer_id, number = _place(amendment, amendment.external_ids[0])
    names = await _attached(peer_id, number, config, net) if amendment.caption else ""
    await call(
        config,
        net,
        "messages.edit",
        peer_id=peer_id,
        cmid=number,
        message=amendment.text,
        attachment=names,
        keep_forward_messages=True,
        keep_snippets=True,
    )


async def _attached(peer_id: int, number: int, config: Config, net: Net) -> str:
    found = await call(
        config, net, "messages.getByConversationMessageId", peer_id=peer_id, conversation_message_ids=str(number)
    )
    items = found.get("items") if isinstance(found, dict) else None
    message = items[0] if isinstance(items, list) and items else None
    attachments = message.get("attachments") if isinstance(message, dict) else None
    if not isinstance(attachments, list):
        raise Rejected("The message is not at VK any more.")
    return ",".join(name for name in map(attachment_name, attachments) if name)


def attachment_name(attachment: Any) -> str:
    """How an attachment is named in a request: photo1_2 or doc1_2_key; "" for what cannot be named."""
    kind = attachment.get("type") if isinstance(attachment, dict) else None
    body = attachment.get(kind) if isinstance(kind, str) else None
    if not isinstance(body, dict) or type(body.get("owner_id")) is not int or type(body.get("id")) is not int:
        return ""
    key = body.get("access_key")
    return f"{kind}{body['owner_id']}_{body['id']}" + (f"_{key}" if isinstance(key, str) and key else "")


async def delete(amendment: Amendment, config: Config, net: Net) -> None:
    """Take every message of an answer back, for both sides."""
    places = [_place(amendment, external_id) for external_id in amendment.external_ids]
    numbers = ",".join(str(number) for _, number in places)
    await call(config, net, "messages.delete", peer_id=places[0][0], cmids=numbers, delete_for_all=True)


async def react(amendment: Amendment, config: Config, net: Net) -> None:
    """Put our reaction on a client's message, or take it back."""
    peer_id, number = _place(amendment, amendment.external_ids[0])
    if not amendment.text:
        await call(config, net, "messages.deleteReaction", peer_id=peer_id, cmid=number)
        return
    chosen = reaction_of(amendment.text)
    await call(config, net, "messages.sendReaction", peer_id=peer_id, cmid=number, reaction_id=chosen)


def _place(amendment: Amendment, external_id: str) -> tuple[int, int]:
    number = number_of(amendment.address, external_id)
    if number is None:
        raise Rejected("The message is not at VK any more.")
    return peer_of(amendment.address), number


async def show_typing(address: str, config: Config, net: Net) -> None:
    """Show "is typing" for ten seconds."""
    await call(config, net, "messages.setActivity", peer_id=peer_of(address), type="typing")


async def mark_read(address: str, _external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages read."""
    await call(config, net, "messages.markAsRead", peer_id=peer_of(address), mark_conversation_as_read=True)


async def acknowledge(reference: str, config: Config, net: Net) -> None:
    """Confirm a pressed button of another program's keyboard: its spinner stops."""
    user_id, peer_id, event_id = reference.split(":", 2)
    await call(config, net, "messages.sendMessageEventAnswer", event_id=event_id, user_id=user_id, peer_id=peer_id)
