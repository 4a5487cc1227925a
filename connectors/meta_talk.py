"""Handing answers over to Messenger and Instagram, and what else is asked of their accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import FormData

from connectors.contract import Health, Net, Outgoing, OutgoingMedia, Unreachable, fact
from connectors.meta_errors import Meanings
from connectors.meta_graph import GraphConfig, ask, callback_of, id_in
from connectors.meta_plan import Step
from connectors.steps import in_order

MESSAGES = "me/messages"


async def send_steps(
    steps: list[Step],
    outgoing: Outgoing,
    around: Mapping[str, Any],
    config: GraphConfig,
    net: Net,
    meanings: Meanings,
    *,
    by_link: bool = False,
    marked: bool = True,
) -> list[str]:
    """Send what of an answer is not there yet; returns the ids of this attempt. A SendError has its `sent` filled.

    `by_link`: the platform fetches files by their public link; else they are uploaded. `marked`: our own key goes with
    each message and comes back in its echo.
    """

    async def make(number: int, step: Step) -> str:
        message = dict(step.message)
        if step.file is not None:
            payload = {"url": step.file.url} if by_link else await _uploaded(step, step.file, config, net, meanings)
            message["attachment"] = {**message["attachment"], "payload": payload}
        if marked:
            message["metadata"] = outgoing.dedup_key
        body = {"recipient": {"id": outgoing.address}, **around, "message": message}
        if outgoing.reply_to and number == 0:
            body["reply_to"] = {"mid": outgoing.reply_to}
        return id_in(await ask(config, net, "POST", MESSAGES, meanings, body=body), "message_id")

    return await in_order(steps, outgoing.done, make)


async def _uploaded(
    step: Step, file: OutgoingMedia, config: GraphConfig, net: Net, meanings: Meanings
) -> dict[str, str]:
    form = FormData(quote_fields=False)
    message = {"attachment": {"type": step.message["attachment"]["type"], "payload": {"is_reusable": False}}}
    form.add_field("message", orjson.dumps(message).decode())
    name = "".join("_" if sign in '"\\' or not sign.isprintable() else sign for sign in file.name) or "file"
    mime = file.mime.partition(";")[0].strip() or "application/octet-stream"
    form.add_field("filedata", await file.read(), filename=name, content_type=mime)
    try:
        said = await ask(config, net, "POST", "me/message_attachments", meanings, form=form)
        return {"attachment_id": id_in(said, "attachment_id")}
    except Unreachable as error:
        # A file that may have been uploaded twice is no message sent twice.
        raise Unreachable(error.reason) from error


async def act(address: str, action: str, config: GraphConfig, net: Net, meanings: Meanings, **more: Any) -> None:
    """Typing, a read mark, a reaction."""
    body = {"recipient": {"id": address}, "sender_action": action, **more}
    await ask(config, net, "POST", MESSAGES, meanings, body=body)


async def health(
    config: GraphConfig, net: Net, meanings: Meanings, *, kind: str, webhook_url: str, name: str
) -> Health:
    """Whether the token is good and the webhook leads here; `name` is what the account calls itself."""
    facts = [fact("Name", name)]
    if not config.app_id:
        return Health("ok", "", tuple(facts))
    query = {"input_token": config.access_token}
    told = (await ask(config, net, "GET", "debug_token", meanings, query=query, as_app=True)).get("data")
    token = told if isinstance(told, dict) else {}
    ends = token.get("expires_at")
    if type(ends) is int and 0 < ends < 2**33:
        facts.append(fact("The access token is good until", datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%d")))
    else:
        facts.append(fact("The access token is good until", "it is taken back"))
    listed = await ask(config, net, "GET", f"{config.app_id}/subscriptions", meanings, as_app=True)
    there = callback_of(listed, kind)
    # Several accounts of one app share the address of the first one.
    if there.rpartition("/")[0] != webhook_url.rpartition("/")[0]:
        return Health("degraded", "Meta sends the messages to another address. Save the channel.", tuple(facts))
    return Health("ok", "", tuple(facts))
