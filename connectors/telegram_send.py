"""Handing messages and changes over to Telegram, by aiogram's methods."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteBusinessMessages,
    DeleteMessages,
    EditMessageCaption,
    EditMessageText,
    ReadBusinessMessage,
    SendAnimation,
    SendAudio,
    SendChatAction,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SendVideo,
    SendVoice,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    ReactionTypeEmoji,
    ReplyParameters,
)

from connectors.contract import Amendment, Button, Net, Outgoing, OutgoingMedia, Rejected, SendError, Unreachable
from connectors.telegram_config import Config
from connectors.telegram_errors import PhotoRefused, Unchanged
from connectors.telegram_ids import chat_of, external_id_of, number_of
from connectors.telegram_plan import Step, plan
from connectors.telegram_session import ASK_SECONDS, UPLOAD_SECONDS, ask

MAX_CALLBACK_BYTES = 64
MOST_DELETED_AT_ONCE = 100

_SINGLE: dict[str, type[TelegramMethod[Any]]] = {
    "photo": SendPhoto,
    "video": SendVideo,
    "animation": SendAnimation,
    "document": SendDocument,
    "audio": SendAudio,
    "voice": SendVoice,
}
_ITEMS = {"photo": InputMediaPhoto, "video": InputMediaVideo, "document": InputMediaDocument, "audio": InputMediaAudio}


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    there = len(outgoing.done)
    sent: list[str] = []
    for step in plan(outgoing):
        if there >= step.size:
            there -= step.size
            continue
        try:
            numbers = await _send_step(step, outgoing, config, net)
        except SendError as error:
            error.sent = tuple(sent)
            raise
        sent += [external_id_of(outgoing.address, number) for number in numbers]
    return sent


async def _send_step(step: Step, outgoing: Outgoing, config: Config, net: Net) -> list[int]:
    try:
        return await _ask_for_numbers(await _method(step, outgoing), config, net)
    except PhotoRefused:
        as_files = replace(step, kinds=("document",) * len(step.media))
        return await _ask_for_numbers(await _method(as_files, outgoing), config, net)


async def _ask_for_numbers(method: TelegramMethod[Any], config: Config, net: Net) -> list[int]:
    return numbers_of(
        await ask(config, net, method, ASK_SECONDS if isinstance(method, SendMessage) else UPLOAD_SECONDS)
    )


def numbers_of(result: Any) -> list[int]:
    """The numbers of the messages that a request has made."""
    messages = result if isinstance(result, list) else [result]
    numbers = [message.get("message_id") if isinstance(message, dict) else None for message in messages]
    known = [number for number in numbers if type(number) is int]
    if not known or len(known) != len(numbers):
        raise Unreachable("Telegram's answer could not be read.", maybe_sent=True)
    return known


async def _method(step: Step, outgoing: Outgoing) -> TelegramMethod[Any]:
    chat_id, connection_id = chat_of(outgoing.address)
    answered = number_of(outgoing.address, outgoing.reply_to) if step.first else None
    around: dict[str, Any] = {"chat_id": chat_id, "business_connection_id": connection_id}
    if answered is not None:
        around["reply_parameters"] = ReplyParameters(message_id=answered, allow_sending_without_reply=True)
    if step.last and len(step.media) < 2 and outgoing.buttons:
        around["reply_markup"] = _keyboard(outgoing.buttons)
    if not step.media:
        return SendMessage(text=step.text, **around)
    return await files_method(step.media, step.kinds, step.text, around)


async def files_method(
    media: Sequence[OutgoingMedia], kinds: Sequence[str], caption: str, around: dict[str, Any]
) -> TelegramMethod[Any]:
    """The request that sends one file, or an album of a family; `kinds` are those of telegram_plan.kind_of."""
    # A picture that is no photo stays what it is, also if Telegram would look into it.
    plain = {"disable_content_type_detection": True}
    if len(media) == 1:
        kind = kinds[0]
        extra = plain if kind == "document" else {}
        file = {kind: await _file(media[0])}
        return _SINGLE[kind](caption=caption or None, **file, **extra, **around)
    contents = await asyncio.gather(*(_file(file) for file in media))
    items: list[Any] = [
        _ITEMS[kind](media=content, caption=caption or None if number == 0 else None)
        for number, (kind, content) in enumerate(zip(kinds, contents, strict=True))
    ]
    return SendMediaGroup(media=items, **around)


async def _file(file: OutgoingMedia) -> BufferedInputFile:
    return BufferedInputFile(await file.read(), file.name or "file")


def _keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup:
    """One button on a line: titles are words, and phones are narrow."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text=button.title, url=button.url)
                if button.url
                else InlineKeyboardButton(text=button.title, callback_data=_callback(number, button.title))
            ]
            for number, button in enumerate(buttons)
        ]
    )


def _callback(number: int, title: str) -> str:
    """The title where it fits: it is read again also when the message is not accessible any more."""
    return title if len(title.encode()) <= MAX_CALLBACK_BYTES else f"button-{number}"


async def edit(amendment: Amendment, config: Config, net: Net) -> None:
    """Replace the text of a message, or the words below its file."""
    place = _place(amendment, amendment.external_ids[0])
    changed: TelegramMethod[Any] = (
        EditMessageCaption(caption=amendment.text, **place)
        if amendment.caption
        else EditMessageText(text=amendment.text, **place)
    )
    await _unless_so(config, net, changed)


async def delete(amendment: Amendment, config: Config, net: Net) -> None:
    """Take every message of an answer back."""
    chat_id, connection_id = chat_of(amendment.address)
    found = (number_of(amendment.address, external_id) for external_id in amendment.external_ids)
    numbers = [number for number in found if number is not None]
    for start in range(0, len(numbers), MOST_DELETED_AT_ONCE):
        some = numbers[start : start + MOST_DELETED_AT_ONCE]
        gone: TelegramMethod[Any] = (
            DeleteBusinessMessages(business_connection_id=connection_id, message_ids=some)
            if connection_id
            else DeleteMessages(chat_id=chat_id, message_ids=some)
        )
        await _unless_so(config, net, gone)


async def react(amendment: Amendment, config: Config, net: Net) -> None:
    """Put our reaction on a client's message, or take it back."""
    place = _place(amendment, amendment.external_ids[0])
    if place.pop("business_connection_id"):
        raise Rejected("Telegram has no reactions for bots of business accounts.")
    signs: list[Any] = [ReactionTypeEmoji(emoji=amendment.text)] if amendment.text else []
    await _unless_so(config, net, SetMessageReaction(reaction=signs, **place))


async def _unless_so(config: Config, net: Net, method: TelegramMethod[Any]) -> None:
    try:
        await ask(config, net, method)
    except Unchanged:
        return


def _place(amendment: Amendment, external_id: str) -> dict[str, Any]:
    chat_id, connection_id = chat_of(amendment.address)
    number = number_of(amendment.address, external_id)
    if number is None:
        raise Rejected("The message is not in Telegram any more.")
    return {"chat_id": chat_id, "message_id": number, "business_connection_id": connection_id}


async def show_typing(address: str, config: Config, net: Net) -> None:
    """Show "typing..." for five seconds."""
    chat_id, connection_id = chat_of(address)
    await ask(config, net, SendChatAction(chat_id=chat_id, action="typing", business_connection_id=connection_id))


async def mark_read(address: str, external_id: str, config: Config, net: Net) -> None:
    """Mark the client's messages read in a business account; a bot's own chats have no such marks."""
    chat_id, connection_id = chat_of(address)
    number = number_of(address, external_id)
    if connection_id is not None and number is not None:
        read = ReadBusinessMessage(business_connection_id=connection_id, chat_id=chat_id, message_id=number)
        await ask(config, net, read)


async def acknowledge(reference: str, config: Config, net: Net) -> None:
    """Confirm a pressed button: its spinner stops."""
    await ask(config, net, AnswerCallbackQuery(callback_query_id=reference))
