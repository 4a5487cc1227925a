"""Asking Avito for news where it cannot call us.

Avito has no queue of events: the dialogs tell when they were last written in, and those with news are read. The cursor
is a moment, and the names of the messages known from then on; some seconds are always looked at again, because
messages do not become visible in the order of their times.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from connectors.avito_call import Session, open_session
from connectors.avito_config import Config
from connectors.avito_wire import Chat
from connectors.contract import Net, Polled
from connectors.wire import each

# One poll looks so often with one token, and waits so long between two looks.
LOOKS = 8
LOOK_SECONDS = 5.0
# How long a message may take to become visible.
OVERLAP_SECONDS = 60
PAGE = 100
# Avito refuses to go further.
FURTHEST = 1000


async def poll(config: Config, cursor: str | None, net: Net) -> Polled:
    """Wait for news; messages later than the moment of connecting, oldest first."""
    session = await open_session(config, net)
    since, known = _read(cursor, config.since)
    for look in range(LOOKS):
        if look:
            await asyncio.sleep(LOOK_SECONDS)
        fresh = await _news(session, since, known)
        if fresh:
            newest = max(since, *(message["created"] for message in fresh))
            start = max(since, newest - OVERLAP_SECONDS)
            seen = {**known, **{message["id"]: message["created"] for message in fresh}}
            kept = {name: created for name, created in seen.items() if created >= start}
            return Polled(tuple(_update(message) for message in fresh), _written(start, kept))
    return Polled((), _written(since, known))


async def newest_moment(session: Session) -> int:
    """When a message was last written in any dialog; 0 when there is none."""
    async for chat in _chats(session):
        return chat.last_message.created if chat.last_message else 0
    return 0


def _read(cursor: str | None, since: int) -> tuple[int, dict[str, int]]:
    """The first second to look at, and the messages known from then on."""
    if cursor is None:
        return since + 1, {}
    read = orjson.loads(cursor)
    return read["since"], read["known"]


def _written(since: int, known: Mapping[str, int]) -> str:
    return orjson.dumps({"since": since, "known": known}).decode()


async def _news(session: Session, since: int, known: Mapping[str, int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for chat in _chats(session):
        # The dialogs come by their last message, newest first.
        if chat.last_message is None or chat.last_message.created < since:
            break
        if chat.last_message.id not in known:
            found += [one async for one in _messages(session, chat, since) if one["id"] not in known]
    return sorted(found, key=lambda message: int(message["created"]))


async def _chats(session: Session) -> AsyncIterator[Chat]:
    path = f"/messenger/v2/accounts/{session.config.user_id}/chats"
    for offset in range(0, FURTHEST, PAGE):
        answer = await session.call("GET", path, chat_types="u2i,u2u", limit=PAGE, offset=offset)
        listed = answer.get("chats") if isinstance(answer, dict) else None
        page = listed if isinstance(listed, list) else []
        for chat in each(Chat, page):
            yield chat
        if len(page) < PAGE:
            return


async def _messages(session: Session, chat: Chat, since: int) -> AsyncIterator[dict[str, Any]]:
    """The messages of a dialog that are not older, in the shape of the webhook's."""
    listing = chat.context.value.id if chat.context and chat.context.type == "item" and chat.context.value else None
    around = {"chat_id": chat.id, "user_id": session.config.user_id, "item_id": listing}
    for offset in range(0, FURTHEST, PAGE):
        path = session.chat(chat.id, "/messages/", version=3)
        answer = await session.call("GET", path, limit=PAGE, offset=offset)
        # The documentation shows a bare list; what is seen in practice is an object that holds it.
        listed = answer.get("messages") if isinstance(answer, dict) else answer
        page = [one for one in listed if _is_message(one)] if isinstance(listed, list) else []
        for message in page:
            if message["created"] >= since:
                yield {**message, **around}
        if len(page) < PAGE or page[-1]["created"] < since:
            return


def _is_message(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), str) and type(one.get("created")) is int


def _update(message: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"payload": {"type": "message", "value": message}})
