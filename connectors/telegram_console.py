"""The agents' console in Telegram: a supergroup with topics in which the bot is an administrator.

Facts: https://core.telegram.org/bots/api#createforumtopic and below; 20 messages a minute into one group, whatever the
topic: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. Imports aiogram.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aiogram.methods import (
    CloseForumTopic,
    CreateForumTopic,
    EditForumTopic,
    EditMessageCaption,
    EditMessageText,
    GetChat,
    GetChatMember,
    GetMe,
    PinChatMessage,
    ReopenForumTopic,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters

from connectors.console import ConsoleButton, ConsolePost, ConsoleStep, SpaceMoved, ThreadGone
from connectors.contract import ContactStopped, Net, Rejected, Unreachable
from connectors.telegram_config import Config
from connectors.telegram_console_parse import CONNECT_PREFIX, LOGIN_PREFIX, PRESS_PREFIX
from connectors.telegram_errors import Unchanged
from connectors.telegram_plan import kind_of
from connectors.telegram_send import files_method, numbers_of
from connectors.telegram_session import UPLOAD_SECONDS, ask

# A supergroup counts its messages: one whose answer was lost has one of the next numbers. Some of them may belong
# to agents and to service messages.
LOOKED_AT = 12
_RIGHTS = "manage_topics+pin_messages+delete_messages"
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def login_link(token: str, config: Config, net: Net) -> str:
    """A link to the private chat that tells the token."""
    return f"https://t.me/{await _username(config, net)}?start={LOGIN_PREFIX}{token}"


async def invite_link(token: str, config: Config, net: Net) -> str:
    """A link that lets a person choose a group, adds the bot with its rights, and tells the token there."""
    return f"https://t.me/{await _username(config, net)}?startgroup={CONNECT_PREFIX}{token}&admin={_RIGHTS}"


async def check(space: str, config: Config, net: Net) -> tuple[ConsoleStep, ...]:
    """What a console needs, one thing after the other; what cannot be asked yet is not listed."""
    try:
        chat = await ask(config, net, GetChat(chat_id=space))
        me = await ask(config, net, GetMe())
        member = await ask(config, net, GetChatMember(chat_id=space, user_id=int(me["id"])))
    except (ContactStopped, Rejected) as error:
        if isinstance(error, SpaceMoved):
            raise
        return (ConsoleStep("The bot is in the group", False, "Add the bot to the group by the link on this page."),)
    except (KeyError, TypeError, ValueError):
        raise Unreachable("Telegram's answer could not be read.") from None
    admin = member.get("status") in ("administrator", "creator")
    whole = member.get("status") == "creator"
    return (
        ConsoleStep("The bot is in the group", True),
        ConsoleStep(
            "The group has topics",
            bool(chat.get("is_forum")),
            "Open the group's settings in Telegram and switch on Topics.",
        ),
        ConsoleStep("The bot is an administrator", admin, "Make the bot an administrator of the group."),
        ConsoleStep(
            "The bot may manage topics",
            whole or bool(member.get("can_manage_topics")),
            "Give the bot the right “Manage topics”.",
        ),
        ConsoleStep(
            "The bot may pin messages",
            whole or bool(member.get("can_pin_messages")),
            "Give the bot the right “Pin messages”.",
        ),
    )


async def open_thread(space: str, title: str, config: Config, net: Net) -> str:
    """Make a topic; its number is its name."""
    made = await ask(config, net, CreateForumTopic(chat_id=space, name=title))
    number = made.get("message_thread_id") if isinstance(made, dict) else None
    if type(number) is not int:
        raise Unreachable("Telegram's answer could not be read.", maybe_sent=True)
    return str(number)


async def rename_thread(space: str, thread: str, title: str, config: Config, net: Net) -> None:
    """Give a topic another name."""
    await _unless_so(config, net, EditForumTopic(chat_id=space, message_thread_id=int(thread), name=title))


async def close_thread(space: str, thread: str, closed: bool, config: Config, net: Net) -> None:
    """Close a topic or open it again."""
    method = CloseForumTopic if closed else ReopenForumTopic
    await _unless_so(config, net, method(chat_id=space, message_thread_id=int(thread)))


async def post(wanted: ConsolePost, config: Config, net: Net) -> Sequence[str]:
    """Put a post into a topic, or into the private chat of an agent."""
    around: dict[str, Any] = {"chat_id": wanted.space, "disable_notification": wanted.quiet or None}
    if wanted.thread is not None:
        around["message_thread_id"] = int(wanted.thread)
    if wanted.reply_to is not None and wanted.reply_to.isdecimal():
        answered = ReplyParameters(message_id=int(wanted.reply_to), allow_sending_without_reply=True)
        around["reply_parameters"] = answered
    if len(wanted.media) < 2:
        around["reply_markup"] = _keyboard(wanted.buttons)
    if wanted.media:
        kinds = tuple(kind_of(file) for file in wanted.media)
        method = await files_method(wanted.media, kinds, wanted.text, around)
        return [str(number) for number in numbers_of(await ask(config, net, method, UPLOAD_SECONDS))]
    said = SendMessage(text=wanted.text, link_preview_options=_NO_PREVIEW, **around)
    return [str(number) for number in numbers_of(await ask(config, net, said))]


async def edit(external_id: str, wanted: ConsolePost, config: Config, net: Net) -> None:
    """Replace the text and the buttons of a post."""
    await _unless_so(config, net, _edited(int(external_id), wanted))


async def pin(space: str, external_id: str, config: Config, net: Net) -> None:
    """Pin a post on top of its topic."""
    await _unless_so(config, net, PinChatMessage(chat_id=space, message_id=int(external_id), disable_notification=True))


async def find_post(wanted: ConsolePost, known: Sequence[str], config: Config, net: Net) -> Sequence[str] | None:
    """The post whose answer was lost: the one message of ours after the known ones that takes this text."""
    for number in _next_numbers(known):
        try:
            await _unless_so(config, net, _edited(number, wanted))
        except ThreadGone:
            raise
        except Rejected:
            continue
        return [str(number + index) for index in range(max(1, len(wanted.media)))]
    return None


async def find_thread(space: str, title: str, known: Sequence[str], config: Config, net: Net) -> str | None:
    """The topic whose answer was lost: the one after the known messages that takes this name."""
    for number in _next_numbers(known):
        try:
            await _unless_so(config, net, EditForumTopic(chat_id=space, message_thread_id=number, name=title))
        except SpaceMoved:
            raise
        except Rejected:
            continue
        return str(number)
    return None


def _next_numbers(known: Sequence[str]) -> Iterator[int]:
    newest = max((int(name) for name in known if name.isdecimal()), default=0)
    return iter(range(newest + 1, newest + 1 + LOOKED_AT))


def _edited(number: int, wanted: ConsolePost) -> TelegramMethod[Any]:
    place: dict[str, Any] = {"chat_id": wanted.space, "message_id": number}
    place["reply_markup"] = _keyboard(wanted.buttons)
    if wanted.captioned:
        return EditMessageCaption(caption=wanted.text, **place)
    return EditMessageText(text=wanted.text, link_preview_options=_NO_PREVIEW, **place)


def _keyboard(rows: tuple[tuple[ConsoleButton, ...], ...]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(inline_keyboard=[[_button(button) for button in row] for row in rows])


def _button(button: ConsoleButton) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(text=button.title, url=button.url)
    return InlineKeyboardButton(text=button.title, callback_data=PRESS_PREFIX + button.action)


async def _username(config: Config, net: Net) -> str:
    if config.username:
        return config.username
    me = await ask(config, net, GetMe())
    return str(me.get("username") or "") if isinstance(me, dict) else ""


async def _unless_so(config: Config, net: Net, method: TelegramMethod[Any]) -> None:
    try:
        await ask(config, net, method)
    except Unchanged:
        return
