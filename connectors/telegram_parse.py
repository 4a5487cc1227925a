"""Reading one update of Telegram, however it came: by a webhook or by a poll. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from connectors.contract import (
    ChannelChanged,
    ContactStoppedUs,
    Echo,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Profile,
    Reacted,
    Referral,
    Request,
    Started,
    Unauthorized,
)
from connectors.telegram_config import Config
from connectors.telegram_console_parse import read_console
from connectors.telegram_content import Content, content_of, story_card
from connectors.telegram_entities import is_command
from connectors.telegram_ids import address_of, external_id_of
from connectors.telegram_updates import (
    BusinessConnection,
    BusinessDeleted,
    Membership,
    Message,
    Press,
    Reaction,
    moment,
)
from connectors.telegram_wire import Id, User, Wire
from connectors.wire import as_documented

# A business account's bot may only write where the client has written within a day.
BUSINESS_WINDOW_SECONDS = 24 * 3600
_HEADER = "x-telegram-bot-api-secret-token"
# Premium reactions have no emoji of their own.
_OTHER_REACTION = "✨"

Body = Mapping[str, Any]


class Update(Wire):
    """The number of an update; what it holds is read by its kind."""

    update_id: Id


def verify(request: Request, config: Config) -> None:
    """Compare the secret of the webhook; raises Unauthorized, also when no webhook is set."""
    given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
    if not config.webhook_secret or not hmac.compare_digest(given, config.webhook_secret.encode()):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read an update; raises BadPayload for what is none. Kinds that say nothing to us are no events."""
    with as_documented():
        tree = orjson.loads(request.body)
        number = Update.model_validate(tree).update_id
        kind = next((name for name in tree if name in _READERS), None)
        told = read_console(kind, tree[kind]) if kind else None
        events, acknowledge = _READERS[kind](tree[kind], config) if kind and told is None else ((), ())
    # Another bot behind the same channel counts its updates anew.
    key = f"{config.bot_id}-{number}"
    if told is not None:
        return Parsed(dedupe_key=key, acknowledge=told.acknowledge, console=told.events)
    return Parsed(tuple(events), dedupe_key=key, acknowledge=acknowledge)


def _message(raw: Body, config: Config) -> tuple[tuple[InboundEvent, ...], tuple[str, ...]]:
    message = Message.model_validate(raw)
    if message.chat.type != "private":
        return (), ()
    address = address_of(message.chat.id, message.business_connection_id)
    ours = message.sender_business_bot
    if ours is not None and ours.id == config.bot_id:
        return (), ()
    if message.business_connection_id is None and message.text and is_command(message.text, "start"):
        return (_started(message, address),), ()
    content = content_of(message, raw)
    if content.remark:
        return (), ()
    if message.reply_to_story:
        content = replace(content, cards=(*content.cards, story_card(message.reply_to_story)))
    answered = message.reply_to_message
    reply_to = None if answered is None else external_id_of(address, answered.message_id)
    if message.business_connection_id and message.sender and message.sender.id != message.chat.id:
        return (_echo(message, content, address, reply_to),), ()
    return (_received(message, content, address, reply_to),), ()


def _received(message: Message, content: Content, address: str, reply_to: str | None) -> MessageReceived:
    return MessageReceived(
        address=address,
        external_id=external_id_of(address, message.message_id),
        text=content.text,
        at=moment(message.date),
        media=content.media,
        profile=_profile(message.sender),
        reply_to=reply_to,
        unsupported=content.unsupported,
        cards=content.cards,
        group=message.media_group_id,
        forwarded_from=message.forward_origin.name if message.forward_origin else "",
        quote=message.quote.text if message.quote else "",
        window_seconds=BUSINESS_WINDOW_SECONDS if message.business_connection_id else None,
    )


def _echo(message: Message, content: Content, address: str, reply_to: str | None) -> Echo:
    """The owner of a business account answered, or Telegram or another bot did it for them."""
    by = message.sender_business_bot or message.sender
    return Echo(
        address=address,
        external_id=external_id_of(address, message.message_id),
        text=content.text,
        at=moment(message.date),
        media=content.media,
        author=by.name if by else "",
        cards=content.cards,
        reply_to=reply_to,
        group=message.media_group_id,
        automatic=bool(message.is_from_offline) or message.sender_business_bot is not None,
        unsupported=content.unsupported,
    )


def _started(message: Message, address: str) -> Started:
    """The person pressed Start. Without a payload nobody knows where they came from."""
    payload = (message.text or "").partition(" ")[2].strip()
    referral = Referral(kind="link", token=payload[:200]) if payload else None
    return Started(address, _profile(message.sender), referral, moment(message.date))


def _edited(raw: Body, config: Config) -> tuple[tuple[InboundEvent, ...], tuple[str, ...]]:
    """A new text. Ticks of a live location and new pictures in an album's item say nothing."""
    message = Message.model_validate(raw)
    content = content_of(message, raw)
    ours = message.sender_business_bot
    silent = not content.text and (message.media_group_id or not content.media)
    if message.chat.type != "private" or silent or (ours is not None and ours.id == config.bot_id):
        return (), ()
    address = address_of(message.chat.id, message.business_connection_id)
    external_id = external_id_of(address, message.message_id)
    return (MessageEdited(external_id, content.text, moment(message.edit_date)),), ()


def _deleted(raw: Body, _config: Config) -> tuple[tuple[InboundEvent, ...], tuple[str, ...]]:
    gone = BusinessDeleted.model_validate(raw)
    address = address_of(gone.chat.id, gone.business_connection_id)
    return tuple(MessageDeleted(external_id_of(address, number)) for number in gone.message_ids), ()


def _reacted(raw: Body, _config: Config) -> tuple[tuple[InboundEvent, ...], tuple[str, ...]]:
    reaction = Reaction.model_validate(raw)
    if reaction.chat.type != "private":
        return (), ()
    signs = "".join(sign.emoji or _OTHER_REACTION for sign in reaction.new_reaction)
    external_id = external_id_of(address_of(reaction.chat.id, None), reaction.message_id)
    return (Reacted(external_id, signs, moment(reaction.date)),), ()


def _pressed(raw: Body, _config: Config) -> tuple[tuple[InboundEvent, ...], tuple[str, ...]]:
    """A button below a message of ours: its title is what the client says. Telegram wants every press confirmed."""
    press = Press.model_validate(raw)
    connection_id = press.message.business_connection_id if press.message else None
    chat = press.message.chat if press.message else None
    if chat is not None and chat.type != "private":
        return (), (press.id,)
    address = address_of(chat.id if chat else press.sender.id, connection_id)
    answered = external_id_of(address, press.message.message_id) if press.message else None
    title = _title(press)
    if not title:
        return (), (press.id,)
    said = MessageReceived(
        address=address,
        external_id=f"{address}:press-{press.id}",
        text=title,
        profile=_profile(press.sender),
        reply_to=answered,
        window_seconds=BUSINESS_WINDOW_SECONDS if connection_id else None,
    )
    return (said,), (press.id,)


def _title(press: Press) -> str:
    keyboard = press.message.reply_markup if press.message else None
    rows = keyboard.inline_keyboard if keyboard else []
    buttons = [button for row in rows for button in row]
    return next((button.text for button in buttons if button.callback_data == press.data), press.data or "")


def _membership(raw: Body, _config: Config) -> tuple[tuple[InboundEvent, ...], tuple[str, ...]]:
    change = Membership.model_validate(raw)
    status = change.new_chat_member.status
    if change.chat.type != "private" or status not in ("kicked", "member"):
        return (), ()
    return (ContactStoppedUs(address_of(change.chat.id, None), status == "kicked", moment(change.date)),), ()


def _connection(raw: Body, _config: Config) -> tuple[tuple[InboundEvent, ...], tuple[str, ...]]:
    connection = BusinessConnection.model_validate(raw)
    return (_connection_event(connection),), ()


def _connection_event(connection: BusinessConnection) -> ChannelChanged:
    if not connection.is_enabled:
        return ChannelChanged(
            "degraded",
            "A business account took the bot away. To go on, add it in Telegram: Telegram Business → Chatbots.",
            about=connection.id,
        )
    if connection.rights is None or not connection.rights.can_reply:
        return ChannelChanged(
            "degraded",
            "The bot may not answer for a business account. Allow it in Telegram: Telegram Business → Chatbots.",
            about=connection.id,
        )
    return ChannelChanged("ok", about=connection.id)


def _profile(user: User | None) -> Profile | None:
    if user is None:
        return None
    return Profile(name=user.name, username=user.username or "", language=(user.language_code or "")[:16], wanted=True)


_Reader = Callable[[Body, Config], tuple[tuple[InboundEvent, ...], tuple[str, ...]]]
_READERS: Mapping[str, _Reader] = {
    "message": _message,
    "edited_message": _edited,
    "business_message": _message,
    "edited_business_message": _edited,
    "deleted_business_messages": _deleted,
    "business_connection": _connection,
    "message_reaction": _reacted,
    "callback_query": _pressed,
    "my_chat_member": _membership,
}
# What Telegram is asked for; reactions come only when they are named.
KINDS = tuple(_READERS)
