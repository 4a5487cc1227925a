"""Reading what agents do in a group with topics, and the links by which a group and an agent's account are connected.

Pure. Facts: https://core.telegram.org/bots/api#message and https://core.telegram.org/api/links#bot-links. In a topic
every message that answers nothing "answers" the service message that made the topic, whose number is the topic's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from connectors.console_events import (
    ConsoleClaimed,
    ConsoleEdited,
    ConsoleEvent,
    ConsoleLeft,
    ConsoleLinked,
    ConsoleMessage,
    ConsoleMoved,
    ConsolePerson,
    ConsolePressed,
    ConsoleThreadChanged,
)
from connectors.telegram_content import Content, content_of
from connectors.telegram_updates import Membership, Message, Press, moment
from connectors.telegram_wire import Id, Maybe, Text, User

# What a button of the console says, before what it is for: no button of a client's message begins so.
PRESS_PREFIX = "c:"
LOGIN_PREFIX = "login-"
CONNECT_PREFIX = "connect-"

_GROUPS = frozenset({"group", "supergroup"})
# The account in whose name Telegram shows anonymous administrators.
_GROUP_ANONYMOUS_BOT = 1087968824
_GONE = frozenset({"left", "kicked"})

Body = Mapping[str, Any]


class Writer(User):
    """Who wrote; bots do not count."""

    is_bot: Maybe[bool] = None


class GroupMessage(Message):
    """A message with what a group adds."""

    sender: Maybe[Writer] = Field(None, alias="from")
    message_thread_id: Maybe[Id] = None
    is_topic_message: Maybe[bool] = None
    forum_topic_closed: Maybe[dict[str, Any]] = None
    forum_topic_reopened: Maybe[dict[str, Any]] = None
    migrate_to_chat_id: Maybe[Id] = None
    text: Maybe[Text] = None


class GroupPress(Press):
    """A pressed button with its place."""

    message: Maybe[GroupMessage] = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an update says about the console."""

    events: tuple[ConsoleEvent, ...] = ()
    acknowledge: tuple[str, ...] = ()


def read_console(kind: str, raw: Body) -> Told | None:
    """What an update says about the console; None when it is not about one. Raises ValidationError."""
    match kind:
        case "message" | "edited_message":
            message = GroupMessage.model_validate(raw)
            if message.chat.type in _GROUPS:
                return _in_group(message, raw, edited=kind == "edited_message")
            return _link(message) if kind == "message" else None
        case "callback_query":
            return _pressed(GroupPress.model_validate(raw))
        case "my_chat_member":
            change = Membership.model_validate(raw)
            if change.chat.type not in _GROUPS:
                return None
            gone = change.new_chat_member.status in _GONE
            return Told((ConsoleLeft(str(change.chat.id)),) if gone else ())
    return None


def _link(message: GroupMessage) -> Told | None:
    """`/start login-<token>` in the private chat."""
    token = _start(message.text or "", LOGIN_PREFIX)
    if message.chat.type != "private" or not token or message.sender is None:
        return None
    return Told((ConsoleLinked(_person(message), token),))


def _in_group(message: GroupMessage, raw: Body, *, edited: bool) -> Told:
    space = str(message.chat.id)
    if message.migrate_to_chat_id is not None:
        return Told((ConsoleMoved(space, str(message.migrate_to_chat_id)),))
    if message.sender is None or (message.sender.is_bot and message.sender.id != _GROUP_ANONYMOUS_BOT):
        return Told()
    person = _person(message)
    token = _start(message.text or "", CONNECT_PREFIX)
    if token and not edited:
        return Told((ConsoleClaimed(space, message.chat.title or "", person, token),))
    if not message.is_topic_message or message.message_thread_id is None:
        return Told()
    thread = str(message.message_thread_id)
    if message.forum_topic_closed is not None or message.forum_topic_reopened is not None:
        closed = message.forum_topic_closed is not None
        return Told((ConsoleThreadChanged(space, thread, person, closed),))
    content = content_of(message, raw)
    if content.remark:
        return Told()
    name, text = str(message.message_id), _words(content)
    if edited:
        return Told((ConsoleEdited(space, thread, name, person, text),))
    answered = message.reply_to_message
    real = answered is not None and answered.message_id != message.message_thread_id
    wrote = ConsoleMessage(
        space=space,
        thread=thread,
        external_id=name,
        person=person,
        text=text,
        media=content.media,
        reply_to=str(answered.message_id) if answered is not None and real else None,
        group=message.media_group_id,
        at=moment(message.date),
    )
    return Told((wrote,))


def _pressed(press: GroupPress) -> Told | None:
    if not (press.data or "").startswith(PRESS_PREFIX):
        return None
    message = press.message
    # Without the message nobody knows where the button was: a private chat has its owner's number.
    space = str(message.chat.id if message is not None else press.sender.id)
    thread = None
    if message is not None and message.is_topic_message and message.message_thread_id is not None:
        thread = str(message.message_thread_id)
    person = ConsolePerson(str(press.sender.id), press.sender.name)
    action = (press.data or "").removeprefix(PRESS_PREFIX)
    return Told((ConsolePressed(space, thread, person, action),), (press.id,))


def _start(text: str, prefix: str) -> str:
    """The token of "/start[@bot] <prefix><token>", which is also how a code is typed by hand."""
    command, _, rest = text.partition(" ")
    payload = rest.strip()
    if command.partition("@")[0] != "/start" or not payload.startswith(prefix):
        return ""
    return payload.removeprefix(prefix)[:64]


def _person(message: GroupMessage) -> ConsolePerson:
    sender = message.sender
    if sender is None or sender.id == _GROUP_ANONYMOUS_BOT:
        return ConsolePerson("")
    return ConsolePerson(str(sender.id), sender.name)


def _words(content: Content) -> str:
    """The text with what is neither text nor file in words: a place, a phone, a link."""
    lines = [content.text] if content.text else []
    for card in content.cards:
        place = "" if card.latitude is None else f"https://maps.google.com/?q={card.latitude},{card.longitude}"
        lines.append(", ".join(part for part in (card.title, card.text, card.phone, card.url, place) if part))
    return "\n".join(lines)
