"""Reading one event of VK, however it came: by the Callback API or by Long Poll. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from connectors.contract import (
    CardKind,
    ContactStoppedUs,
    Echo,
    MessageEdited,
    MessageReceived,
    Parsed,
    Profile,
    Reacted,
    Referral,
    Reply,
    Request,
    Started,
    StatusChanged,
    Typing,
    Unauthorized,
)
from connectors.unshown import kind_name
from connectors.vk_config import Config
from connectors.vk_content import content_of, forwarded_from
from connectors.vk_ids import FIRST_CHAT, OTHER_REACTION, REACTIONS, dedup_key_of, external_id_of
from connectors.vk_leads import Events, lead, ordered
from connectors.vk_wire import (
    Arrival,
    ClientInfo,
    Message,
    Permission,
    Press,
    Reaction,
    Read,
    TypingState,
    Update,
)
from connectors.wire import as_documented, moment

OK = Reply(200, b"ok")
_LANGUAGES = {0: "ru", 1: "uk", 2: "be", 3: "en", 97: "kk"}


def verify(request: Request, config: Config) -> None:
    """Compare the secret in the body and the community; raises Unauthorized, also when no webhook is set.

    The question for the confirmation code may come without the secret, and its answer is none.
    """
    try:
        said: Any = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Unauthorized from None
    if not isinstance(said, dict) or said.get("group_id") != config.group_id or not config.webhook_secret:
        raise Unauthorized
    given = said.get("secret")
    given_bytes = given.encode("utf-8", "surrogatepass") if isinstance(given, str) else b""
    if said.get("type") == "confirmation" and given is None:
        return
    if not hmac.compare_digest(given_bytes, config.webhook_secret.encode()):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read an event; raises BadPayload for what is none. Kinds that say nothing to us are no events."""
    with as_documented():
        update = Update.model_validate(orjson.loads(request.body))
        if update.type == "confirmation":
            return Parsed((), Reply(200, config.confirmation.encode()))
        reader = _READERS.get(update.type)
        events = reader(update.object, request.received_at) if reader else ()
        acknowledge = _pressed_button(update.object) if update.type == "message_event" else ()
    return Parsed(events, OK, f"{update.group_id}-{update.event_id}" if update.event_id else None, acknowledge)


def _received(body: Any, _now: datetime) -> Events:
    arrival = Arrival.model_validate(body)
    message = arrival.message
    if message.peer_id >= FIRST_CHAT:
        return ()
    address = str(message.peer_id)
    profile, referral, at = _profile(arrival.client_info), _referral(message), moment(message.date)
    if _is_start(message):
        return (Started(address, profile, referral, at),)
    content = content_of(message)
    listing = next((card for card in content.cards if card.kind is CardKind.LISTING), None)
    if referral is None and listing is not None:
        referral = Referral(kind="listing", source="vk", content=listing.title, confidence="ad")
    return (
        MessageReceived(
            address=address,
            external_id=external_id_of(message.peer_id, message.conversation_message_id),
            text=content.text,
            at=at,
            media=tuple(content.media),
            profile=profile,
            reply_to=_reply_to(message),
            referral=referral,
            unsupported=content.unsupported,
            cards=tuple(content.cards),
            forwarded_from=forwarded_from(message),
        ),
    )


def _answered(body: Any, _now: datetime) -> Events:
    """An outgoing message: a person's in VK itself when it names them, else ours or another program's."""
    message = Message.model_validate(body)
    if message.peer_id >= FIRST_CHAT:
        return ()
    content = content_of(message)
    return (
        Echo(
            address=str(message.peer_id),
            external_id=external_id_of(message.peer_id, message.conversation_message_id),
            text=content.text,
            at=moment(message.date),
            media=tuple(content.media),
            cards=tuple(content.cards),
            reply_to=_reply_to(message),
            dedup_key=None if message.admin_author_id else dedup_key_of(message.random_id),
            automatic=not message.admin_author_id,
            unsupported=content.unsupported,
        ),
    )


def _edited(body: Any, _now: datetime) -> Events:
    """A new text of the client's, or of a person's in VK itself. What we change ourselves is known already."""
    message = Message.model_validate(body)
    if message.peer_id >= FIRST_CHAT or (message.from_id < 0 and not message.admin_author_id):
        return ()
    external_id = external_id_of(message.peer_id, message.conversation_message_id)
    text = content_of(message).text
    return (MessageEdited(external_id, text, moment(message.update_time) or moment(message.date)),)


def _allowed(body: Any, now: datetime) -> Events:
    allowed = Permission.model_validate(body)
    address = str(allowed.user_id)
    welcome = ContactStoppedUs(address, stopped=False, at=now)
    if not allowed.key:
        return (welcome,)
    return Started(address, Profile(wanted=True), Referral(kind="deep_link", token=allowed.key[:200]), now), welcome


def _denied(body: Any, now: datetime) -> Events:
    return (ContactStoppedUs(str(Permission.model_validate(body).user_id), stopped=True, at=now),)


def _read(body: Any, now: datetime) -> Events:
    read = Read.model_validate(body)
    peer_id = read.peer_id or read.from_id
    if peer_id >= FIRST_CHAT:
        return ()
    number = read.conversation_message_id
    external_id = external_id_of(peer_id, number) if number and number > 0 else ""
    return (StatusChanged(external_id, "read", now, address=str(peer_id), watermark=True),)


def _typing(body: Any, _now: datetime) -> Events:
    state = TypingState.model_validate(body)
    return (Typing(str(state.from_id)),) if state.from_id > 0 else ()


def _reacted(body: Any, now: datetime) -> Events:
    reaction = Reaction.model_validate(body)
    if reaction.peer_id >= FIRST_CHAT or reaction.reacted_id < 0:
        return ()
    sign = REACTIONS.get(reaction.reaction_id, OTHER_REACTION) if reaction.reaction_id else ""
    return (Reacted(external_id_of(reaction.peer_id, reaction.cmid), sign, now),)


def _pressed(body: Any, now: datetime) -> Events:
    """A button that sends nothing by itself, of another program's keyboard: what it carries is what the client says."""
    press = Press.model_validate(body)
    if press.peer_id >= FIRST_CHAT:
        return ()
    said = press.payload
    if isinstance(said, dict):
        said = next((said[name] for name in ("text", "label", "title", "button", "command") if name in said), None)
    text = said if isinstance(said, str) and said else ""
    number = press.conversation_message_id
    return (
        MessageReceived(
            address=str(press.peer_id),
            external_id=f"{press.peer_id}:press-{press.event_id}",
            text=text,
            at=now,
            profile=Profile(wanted=True),
            reply_to=external_id_of(press.peer_id, number) if number and number > 0 else None,
            unsupported=None if text else kind_name("button without words"),
        ),
    )


def _pressed_button(body: Any) -> tuple[str, ...]:
    press = Press.model_validate(body)
    return (f"{press.user_id}:{press.peer_id}:{press.event_id}",)


def _profile(client: ClientInfo | None) -> Profile:
    spoken = client.lang_id if client else None
    return Profile(language=_LANGUAGES.get(spoken, "") if spoken is not None else "", wanted=True)


def _referral(message: Message) -> Referral | None:
    if not message.ref and not message.ref_source:
        return None
    return Referral(kind="deep_link", source=(message.ref_source or "")[:200], token=(message.ref or "")[:200])


def _is_start(message: Message) -> bool:
    """Whether this is the Start button of an empty dialog, and nobody's words."""
    try:
        said: Any = orjson.loads(message.payload or "null")
    except orjson.JSONDecodeError:
        return False
    return isinstance(said, dict) and said.get("command") == "start" and not message.attachments


def _reply_to(message: Message) -> str | None:
    answered = message.reply_message
    return external_id_of(message.peer_id, answered.conversation_message_id) if answered else None


_READERS: Mapping[str, Callable[[Any, datetime], Events]] = {
    "message_new": _received,
    "message_reply": _answered,
    "message_edit": _edited,
    "message_allow": _allowed,
    "message_deny": _denied,
    "message_read": _read,
    "message_typing_state": _typing,
    "message_reaction_event": _reacted,
    "message_event": _pressed,
    "lead_forms_new": lead,
    "market_order_new": ordered,
}
# What VK is asked to tell.
KINDS = tuple(_READERS)
