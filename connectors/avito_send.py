"""What an answer of an agent becomes in Avito: a picture each, then the text. Nothing else can be sent there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.avito_call import Session, open_session
from connectors.avito_config import Config
from connectors.contract import (
    Amendment,
    MediaKind,
    Net,
    Outgoing,
    OutgoingMedia,
    Rejected,
    TooLarge,
    Unreachable,
)
from connectors.multipart import file_form
from connectors.steps import in_order

MAX_TEXT = 1000
LARGEST_PICTURE = 24 << 20
_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/heic"})


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    steps: list[OutgoingMedia | str] = [*outgoing.media, *(part for part in outgoing.parts if part.strip())]
    for step in steps[len(outgoing.done) :]:
        if isinstance(step, OutgoingMedia):
            _assert_takes(step)
    session = await open_session(config, net)

    async def make(_number: int, step: OutgoingMedia | str) -> str:
        if isinstance(step, str):
            path = session.chat(outgoing.address, "/messages")
            answer = await session.post(path, message={"text": step}, type="text")
        else:
            image_id = await _uploaded(step, session)
            answer = await session.post(session.chat(outgoing.address, "/messages/image"), image_id=image_id)
        return _name(answer)

    return await in_order(steps, outgoing.done, make)


def _assert_takes(file: OutgoingMedia) -> None:
    if file.kind is not MediaKind.IMAGE or file.mime.partition(";")[0] not in _PICTURES:
        raise Rejected("Avito takes only pictures: JPEG, PNG, GIF, BMP or HEIC.")
    if file.size > LARGEST_PICTURE:
        raise TooLarge("The picture is larger than Avito takes.")


async def _uploaded(file: OutgoingMedia, session: Session) -> str:
    """Give Avito a picture; its name there. Nobody has seen it when that fails."""
    kind, body = file_form("uploadfile[]", file.name or "picture", file.mime, await file.read())
    path = f"/messenger/v1/accounts/{session.config.user_id}/uploadImages"
    try:
        answer = await session.call("POST", path, body=body, kind=kind)
    except Unreachable as error:
        raise Unreachable(error.reason) from None
    name = next(iter(answer), None) if isinstance(answer, dict) else None
    if not isinstance(name, str) or not name:
        raise Rejected("Avito does not take this picture.")
    return name


def _name(answer: Any) -> str:
    name = answer.get("id") if isinstance(answer, dict) else None
    if not isinstance(name, str) or not name:
        raise Unreachable("Avito's answer could not be read.", maybe_sent=True)
    return name


async def delete(amendment: Amendment, config: Config, net: Net) -> None:
    """Take every message of an answer back, which Avito allows for an hour."""
    session = await open_session(config, net)
    for external_id in amendment.external_ids:
        await session.post(session.chat(amendment.address, f"/messages/{external_id}"))


async def mark_read(address: str, _external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages read."""
    session = await open_session(config, net)
    await session.post(session.chat(address, "/read"))
