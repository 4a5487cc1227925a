"""Reading one request of WhatsApp: any number of messages, answers from the phone, and statuses. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from connectors.contract import (
    ChannelChanged,
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
    StatusChanged,
    with_detail,
)
from connectors.marks import without_mark
from connectors.meta_body import Reading, Unreadable, entries_of
from connectors.meta_errors import meaning, words_of
from connectors.meta_graph import check_signature
from connectors.whatsapp_config import Config
from connectors.whatsapp_content import Content, content_of
from connectors.whatsapp_content import words_of as words_inside
from connectors.whatsapp_errors import MEANINGS
from connectors.whatsapp_wire import (
    Ad,
    Edit,
    Message,
    Metadata,
    Person,
    Reaction,
    Revoke,
    Status,
    System,
)
from connectors.wire import each, moment

KIND = "whatsapp_business_account"
WINDOW_SECONDS = 24 * 3600
_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
_TROUBLES = frozenset({"DISABLED_UPDATE", "ACCOUNT_RESTRICTION", "ACCOUNT_VIOLATION"})
# Remarks and settings of WhatsApp's own: nobody said anything.
_SILENT = frozenset({"ephemeral", "errors"})

Raw = Mapping[str, Any]


def verify(request: Request, config: Config) -> None:
    """Check the signature; raises Unauthorized."""
    check_signature(request, config.app_secret)


def parse(request: Request, config: Config) -> Parsed:
    """Read every item of a body that is about our number; raises BadPayload for what is no body of WhatsApp's."""
    reading = Reading()
    for change in _changes(request.body):
        value = change.get("value")
        if not isinstance(value, dict):
            reading.miss("value")
        elif change.get("field") == "account_update":
            reading.take(_account(value))
        elif _number_of(value) == config.phone_number_id:
            _read(change.get("field"), value, reading)
    return Parsed(tuple(reading.events), unread=reading.unread)


def addressees(request: Request) -> frozenset[str]:
    """The numbers that a body is about."""
    values = (change.get("value") for change in _changes(request.body))
    return frozenset(_number_of(value) for value in values if isinstance(value, dict)) - {""}


def _changes(body: bytes) -> Iterator[Raw]:
    for entry in entries_of(body, frozenset({KIND})):
        changes = entry.get("changes")
        yield from (item for item in (changes if isinstance(changes, list) else ()) if isinstance(item, dict))


def _number_of(value: Raw) -> str:
    try:
        return Metadata.model_validate(value.get("metadata")).phone_number_id
    except ValidationError:
        return ""


def _read(field: Any, value: Raw, reading: Reading) -> None:
    if field == "messages":
        people = list(each(Person, value.get("contacts") if isinstance(value.get("contacts"), list) else None))
        reading.each(value.get("messages"), lambda raw: _message(raw, people))
        reading.each(value.get("statuses"), _status)
    elif field == "smb_message_echoes":
        reading.each(value.get("message_echoes"), _echo)


def _message(raw: Raw, people: list[Person]) -> InboundEvent | None:
    message = Message.model_validate(raw)
    at = _time(message.timestamp)
    changed = _change(message, raw, at)
    if changed is not None or message.type in _SILENT:
        return changed
    person = next((one for one in people if len(people) == 1 or _is_of(message, one)), Person())
    names = [name for name in (message.sender or person.wa_id, message.from_user_id or person.user_id) if name]
    if not names:
        raise Unreadable("from")
    if message.type == "request_welcome":
        return Started(names[0], _profile(names[0], person), at=at, also=tuple(names[1:]))
    content = content_of(message, raw)
    text, referral = _source(content.text, message.referral)
    context = message.context
    passed_on = context is not None and bool(context.forwarded or context.frequently_forwarded)
    return MessageReceived(
        address=names[0],
        external_id=message.id,
        text=text,
        at=at,
        media=content.media,
        profile=_profile(names[0], person),
        reply_to=context.id if context and not passed_on else None,
        referral=referral,
        unsupported=content.unsupported,
        cards=content.cards,
        forwarded_from="WhatsApp" if passed_on else "",
        window_seconds=WINDOW_SECONDS,
        also=tuple(names[1:]),
    )


def _is_of(message: Message, person: Person) -> bool:
    pairs = ((person.wa_id, message.sender), (person.user_id, message.from_user_id))
    return any(known is not None and known == told for known, told in pairs)


def _change(message: Message, raw: Raw, at: datetime | None) -> InboundEvent | None:
    """What a message says about another one, or about the person; None when it says something itself."""
    match message.type:
        case "reaction":
            reaction = Reaction.model_validate(raw.get("reaction"))
            return Reacted(reaction.message_id, reaction.emoji or "", at)
        case "edit":
            edit = Edit.model_validate(raw.get("edit"))
            words = words_inside(edit.message)
            if words is None:
                raise Unreadable("edit")
            return MessageEdited(edit.original_message_id, words, at)
        case "revoke":
            return MessageDeleted(Revoke.model_validate(raw.get("revoke")).original_message_id, at)
        case "system":
            told = System.model_validate(raw.get("system"))
            new = told.wa_id or told.user_id
            if new and message.sender and new != message.sender:
                return Started(new, Profile(phone=_phone(new)), at=at, also=(message.sender,))
            return None
    return None


def _profile(address: str, person: Person) -> Profile:
    told = person.profile
    return Profile(
        name=(told.name if told else None) or "",
        phone=_phone(person.wa_id or address),
        username=(told.username if told else None) or "",
    )


def _phone(name: str) -> str:
    """The phone behind an address; "" for a business-scoped id, which tells none."""
    return f"+{name}" if name.isascii() and name.isdecimal() else ""


def _source(text: str, ad: Ad | None) -> tuple[str, Referral | None]:
    """The words without the mark of a link, and where the person came from."""
    text, token = without_mark(text)
    if ad is None:
        return text, Referral(token=token) if token else None
    # An advertisement says more than the link that it opened.
    paid = ad.source_type == "ad"
    return text, Referral(
        kind="ad" if paid else "social",
        source="facebook",
        medium="cpc" if paid else "social",
        content=ad.headline or "",
        ad_id=(ad.source_id or "") if paid else "",
        click_id_kind="ctwa_clid" if ad.ctwa_clid else "",
        click_id=ad.ctwa_clid or "",
        landing_url=ad.source_url or "",
        confidence="ad",
    )


def _status(raw: Raw) -> InboundEvent | None:
    status = Status.model_validate(raw)
    state = _STATES.get(status.status)
    if state is None:
        return None
    error = next((one for one in status.errors or () if isinstance(one, dict)), {})
    found = meaning(error, MEANINGS) if state == "failed" else None
    unknown = with_detail("WhatsApp could not hand this over.", words_of(error))
    words = (found.reason if found else unknown) if state == "failed" else None
    return StatusChanged(
        external_id=status.id,
        state=state,
        at=_time(status.timestamp),
        error=words,
        error_code=(found.code if found else "rejected") if state == "failed" else None,
        dedup_key=status.biz_opaque_callback_data,
    )


def _echo(raw: Raw) -> InboundEvent | None:
    """What the owner typed on the phone, where the number is used there too."""
    message = Message.model_validate(raw)
    if message.type in _CHANGES:
        return _change(message, raw, _time(message.timestamp))
    address = message.to or message.to_user_id
    if not address:
        raise Unreadable("to")
    content: Content = content_of(message, raw)
    return Echo(
        address=address,
        external_id=message.id,
        text=content.text,
        at=_time(message.timestamp),
        media=content.media,
        cards=content.cards,
        reply_to=message.context.id if message.context else None,
        unsupported=content.unsupported,
    )


_CHANGES = frozenset({"reaction", "edit", "revoke", "system"})


def _account(value: Raw) -> InboundEvent | None:
    told = value.get("event")
    if isinstance(told, str) and told in _TROUBLES:
        return ChannelChanged("degraded", "WhatsApp has restricted this account: see WhatsApp Manager.", "account")
    return ChannelChanged("ok", about="account") if told == "ACCOUNT_REINSTATED" else None


def _time(text: str | None) -> datetime | None:
    known = text is not None and text.isascii() and text.isdecimal() and len(text) < 16
    return moment(int(text)) if known and text else None
