"""Reading one update of MAX, however it came: by the webhook or by asking. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from connectors.contract import (
    ContactStoppedUs,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Profile,
    Referral,
    Request,
    Started,
    Unauthorized,
)
from connectors.max_config import Config
from connectors.max_content import content_of
from connectors.max_wire import Created, Dialog, Message, Pressed, Removed, Update, User
from connectors.unshown import kind_name
from connectors.wire import as_documented, moment

_HEADER = "x-max-bot-api-secret"

# Events, what names the update among all of its kind, and what is to be confirmed.
Read = tuple[tuple[InboundEvent, ...], str, tuple[str, ...]]


def verify(request: Request, config: Config) -> None:
    """Compare the secret of the webhook; raises Unauthorized, also when no webhook is set."""
    given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
    if not config.webhook_secret or not hmac.compare_digest(given, config.webhook_secret.encode()):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read an update; raises BadPayload for what is none. Kinds that say nothing to us are no events.

    Updates have no number: they are told apart by their kind, what they are about, and their time.
    """
    with as_documented():
        tree = _whole(orjson.loads(request.body))
        update = Update.model_validate(tree)
        reader = _READERS.get(update.update_type)
        events, about, acknowledge = reader(tree, update, config) if reader else ((), "", ())
    key = f"{config.bot_id}-{update.update_type}-{about}-{update.timestamp or 0}" if about else None
    return Parsed(events, dedupe_key=key, acknowledge=acknowledge)


def _whole(tree: Any) -> Any:
    """A message that only passes on another has no body: it takes its name from the one that it passes on."""
    message = tree.get("message") if isinstance(tree, dict) else None
    if not isinstance(message, dict) or message.get("body") is not None:
        return tree
    link = message.get("link")
    passed_on = link.get("message") if isinstance(link, dict) else None
    mid = passed_on.get("mid") if isinstance(passed_on, dict) else None
    if not isinstance(mid, str) or not mid:
        return tree
    body = {"mid": f"{mid}-{message.get('timestamp')}", "text": None, "attachments": None}
    return {**tree, "message": {**message, "body": body}}


def _created(tree: Any, update: Update, config: Config) -> Read:
    message = Created.model_validate(tree).message
    if not _is_clients(message, config):
        return (), "", ()
    content = content_of(message.body)
    forwarded = message.link if message.link and message.link.type == "forward" else None
    if forwarded and forwarded.message:
        content = content.join(content_of(forwarded.message))
    answered = message.link.message if message.link and message.link.type == "reply" else None
    said = MessageReceived(
        address=str(message.recipient.chat_id),
        external_id=message.body.mid,
        text=content.text,
        at=moment(message.timestamp) or moment(update.timestamp),
        media=tuple(content.media),
        profile=_profile(message.sender, update),
        reply_to=answered.mid if answered else None,
        unsupported=content.unsupported,
        cards=tuple(content.cards),
        forwarded_from=forwarded.sender.full_name if forwarded and forwarded.sender else "",
    )
    return (said,), message.body.mid, ()


def _edited(tree: Any, update: Update, config: Config) -> Read:
    message = Created.model_validate(tree).message
    if not _is_clients(message, config):
        return (), "", ()
    content = content_of(message.body)
    return (MessageEdited(message.body.mid, content.text, moment(update.timestamp)),), message.body.mid, ()


def _removed(tree: Any, update: Update, _config: Config) -> Read:
    removed = Removed.model_validate(tree)
    return (MessageDeleted(removed.message_id, moment(update.timestamp)),), removed.message_id, ()


def _pressed(tree: Any, update: Update, _config: Config) -> Read:
    """A button of another program's keyboard: its title is what the client says. MAX wants every press confirmed."""
    pressed = Pressed.model_validate(tree)
    callback, message = pressed.callback, pressed.message
    if message is None or message.recipient.chat_type not in (None, "dialog"):
        return (), callback.callback_id, (callback.callback_id,)
    text = _title(message, callback.payload) or callback.payload or ""
    said = MessageReceived(
        address=str(message.recipient.chat_id),
        external_id=f"press-{callback.callback_id}",
        text=text,
        at=moment(callback.timestamp) or moment(update.timestamp),
        profile=_profile(callback.user, update),
        reply_to=message.body.mid,
        unsupported=None if text else kind_name("button without words"),
    )
    return (said,), callback.callback_id, (callback.callback_id,)


def _title(message: Message, payload: str | None) -> str:
    for attachment in message.body.attachments or ():
        keyboard = attachment.get("payload") if isinstance(attachment, dict) else None
        rows = keyboard.get("buttons") if isinstance(keyboard, dict) else None
        for row in rows if isinstance(rows, list) else ():
            for button in row if isinstance(row, list) else ():
                if isinstance(button, dict) and payload is not None and button.get("payload") == payload:
                    return button["text"] if isinstance(button.get("text"), str) else ""
    return ""


def _started(tree: Any, update: Update, _config: Config) -> Read:
    dialog = Dialog.model_validate(tree)
    address, at = str(dialog.chat_id), moment(update.timestamp)
    referral = Referral(kind="deep_link", token=dialog.payload[:200]) if dialog.payload else None
    started = Started(address, _profile(dialog.user, update), referral, at)
    return (started, ContactStoppedUs(address, stopped=False, at=at)), address, ()


def _stopped(tree: Any, update: Update, _config: Config) -> Read:
    address = str(Dialog.model_validate(tree).chat_id)
    return (ContactStoppedUs(address, stopped=True, at=moment(update.timestamp)),), address, ()


def _is_clients(message: Message, config: Config) -> bool:
    """Whether a person wrote it, in a dialog of two."""
    ours = message.sender is not None and (message.sender.is_bot or message.sender.user_id == config.bot_id)
    return not ours and message.recipient.chat_type in (None, "dialog")


def _profile(user: User | None, update: Update) -> Profile:
    language = (update.user_locale or "")[:16]
    if user is None:
        return Profile(language=language, wanted=True)
    return Profile(name=user.full_name, username=user.username or "", language=language, wanted=True)


_READERS: Mapping[str, Callable[[Any, Update, Config], Read]] = {
    "message_created": _created,
    "message_edited": _edited,
    "message_removed": _removed,
    "message_callback": _pressed,
    "bot_started": _started,
    "bot_stopped": _stopped,
}
# What MAX is asked to tell.
KINDS = tuple(_READERS)
