"""Handing messages over to WhatsApp: files by upload, then one request for each step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import FormData

from connectors.contract import Amendment, Net, Outgoing, OutgoingMedia, Unreachable
from connectors.meta_graph import ask, id_in
from connectors.steps import in_order
from connectors.whatsapp_config import Config
from connectors.whatsapp_errors import MEANINGS
from connectors.whatsapp_plan import Step, plan

# A business-scoped id: a country and a number; a phone is digits only.
_SCOPED = re.compile(r"[A-Z]{2}\.")


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    return await in_order(
        plan(outgoing),
        outgoing.done,
        lambda number, step: _send_step(step, outgoing, config, net, first=number == 0),
    )


async def _send_step(step: Step, outgoing: Outgoing, config: Config, net: Net, *, first: bool) -> str:
    content = step.content
    if step.file is not None:
        content = {"id": await _upload(step.file, config, net), **content}
    body = _to(outgoing.address) | {
        "recipient_type": "individual",
        "type": step.type,
        step.type: content,
        "biz_opaque_callback_data": outgoing.dedup_key,
    }
    if outgoing.reply_to and first:
        body["context"] = {"message_id": outgoing.reply_to}
    said = await ask(config, net, "POST", f"{config.phone_number_id}/messages", MEANINGS, body=body)
    messages = said.get("messages")
    message = messages[0] if isinstance(messages, list) and messages else None
    if not isinstance(message, dict):
        raise Unreachable("Meta's answer could not be read.", maybe_sent=True)
    return id_in(message, "id")


def _to(address: str) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", ("recipient" if _SCOPED.match(address) else "to"): address}


async def _upload(file: OutgoingMedia, config: Config, net: Net) -> str:
    mime = file.mime.partition(";")[0].strip() or "application/octet-stream"
    form = FormData(quote_fields=False)
    form.add_field("messaging_product", "whatsapp")
    form.add_field("type", mime)
    name = "".join("_" if sign in '"\\' or not sign.isprintable() else sign for sign in file.name) or "file"
    form.add_field("file", await file.read(), filename=name, content_type=mime)
    try:
        said = await ask(config, net, "POST", f"{config.phone_number_id}/media", MEANINGS, form=form)
        return id_in(said, "id")
    except Unreachable as error:
        # A file that may have been uploaded twice is no message sent twice.
        raise Unreachable(error.reason) from error


async def react(amendment: Amendment, config: Config, net: Net) -> None:
    """Put our reaction on a client's message, or take it back."""
    reaction = {"message_id": amendment.external_ids[0], "emoji": amendment.text}
    body = _to(amendment.address) | {"recipient_type": "individual", "type": "reaction", "reaction": reaction}
    await ask(config, net, "POST", f"{config.phone_number_id}/messages", MEANINGS, body=body)


async def mark_read(address: str, external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages up to this one read."""
    await _note(external_id, config, net, {})


async def typing_below(address: str, external_id: str, config: Config, net: Net) -> None:
    """Show "typing..." for 25 seconds or until the answer; WhatsApp marks the message read with that."""
    await _note(external_id, config, net, {"typing_indicator": {"type": "text"}})


async def _note(external_id: str, config: Config, net: Net, more: dict[str, Any]) -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id, **more}
    await ask(config, net, "POST", f"{config.phone_number_id}/messages", MEANINGS, body=body)
