"""Reading one request of Twilio: a message of a client, or what became of one of ours. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping

from connectors.contract import (
    BadPayload,
    Card,
    CardKind,
    ContactStoppedUs,
    InboundEvent,
    Media,
    MediaKind,
    MessageReceived,
    Parsed,
    Profile,
    Referral,
    Reply,
    Request,
    StatusChanged,
    Unauthorized,
    with_detail,
)
from connectors.marks import without_mark
from connectors.twilio_config import WHATSAPP, Config
from connectors.twilio_errors import meaning
from connectors.twilio_wire import MOST_NAME, form, signatures
from connectors.unshown import kind_name

_HEADER = "x-twilio-signature"
WINDOW_SECONDS = 24 * 3600
MOST_FILES = 20
# Whatever else were answered would be sent to the client as a message.
NOTHING_TO_SAY = Reply(body=b"<Response/>", content_type="text/xml")

_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "undelivered": "failed", "failed": "failed"}
# Words by which Twilio itself stops messages of a number, and lets them through again.
# https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out: default keywords.
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
_START = frozenset({"START", "YES", "UNSTOP"})
_NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")

Form = Mapping[str, str]


def verify(request: Request, config: Config) -> None:
    """The address and the fields must be signed with the account's token; raises Unauthorized."""
    given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
    wanted = signatures(config.auth_token, request.url, request.body)
    matches = [hmac.compare_digest(given, one) for one in wanted]
    if not config.auth_token or not any(matches):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read a webhook; raises BadPayload for what is none. States that say nothing to us are no events."""
    said = form(request.body)
    name = _needed(said, "MessageSid")
    status = said.get("MessageStatus", "")
    if status and status != "received":
        events, key = _status(said, name, status, request), f"{name}-{status}"
    else:
        events, key = _message(said, name, request), name
    return Parsed(events, NOTHING_TO_SAY, f"{config.account_sid}-{key}"[:300] if events else None)


def _needed(said: Form, name: str) -> str:
    value = said.get(name, "").strip()
    if not 0 < len(value) <= MOST_NAME:
        raise BadPayload(with_detail("a field is missing or too long", name))
    return value


def _status(said: Form, name: str, status: str, request: Request) -> tuple[InboundEvent, ...]:
    """Twilio's own steps on the way (queued, sending) are none of ours."""
    state = _STATES.get(status)
    if state is None:
        return ()
    if state != "failed":
        return (StatusChanged(name, state, request.received_at),)
    code = said.get("ErrorCode", "")
    error = meaning(int(code) if re.fullmatch(r"[0-9]{1,6}", code) else None)
    return (StatusChanged(name, state, request.received_at, error.reason, error_code=error.code),)


def _message(said: Form, name: str, request: Request) -> tuple[InboundEvent, ...]:
    address = _needed(said, "From")
    whatsapp = address.startswith(WHATSAPP)
    text, token = without_mark(said.get("Body", "")) if whatsapp else (said.get("Body", ""), "")
    text = text or said.get("ButtonText", "") or _row(said)
    media, cards = _files(said, whatsapp=whatsapp), _places(said)
    message = MessageReceived(
        address=address,
        external_id=name,
        text=text,
        at=request.received_at,
        media=media,
        profile=_profile(said, address),
        reply_to=said.get("OriginalRepliedMessageSid", "")[:MOST_NAME] or None,
        referral=_advertisement(said) or (Referral(token=token) if token else None),
        unsupported=None if text or media or cards else kind_name(said.get("MessageType", "") or "empty message"),
        cards=cards,
        window_seconds=WINDOW_SECONDS if whatsapp else None,
        also=_other_names(said, address) if whatsapp else (),
    )
    stopped = _stopped(said, whatsapp=whatsapp)
    return (message,) if stopped is None else (message, ContactStoppedUs(address, stopped, request.received_at))


def _row(said: Form) -> str:
    """What was chosen from a list."""
    return "\n".join(text for text in (said.get("ListTitle", ""), said.get("ListDescription", "")) if text)


def _stopped(said: Form, *, whatsapp: bool) -> bool | None:
    """Whether the client has stopped us (True) or let us in again (False) with these words."""
    told = said.get("OptOutType", "")
    if told:
        return {"STOP": True, "START": False}.get(told)
    word = "" if whatsapp else said.get("Body", "").strip().upper()
    return True if word in _STOP else False if word in _START else None


def _files(said: Form, *, whatsapp: bool) -> tuple[Media, ...]:
    files = []
    for number in range(MOST_FILES):
        url = said.get(f"MediaUrl{number}", "")
        if url:
            mime = said.get(f"MediaContentType{number}", "")[:200]
            files.append(Media(_kind(mime, whatsapp=whatsapp), mime=mime, ref=url))
    return tuple(files)


def _kind(mime: str, *, whatsapp: bool) -> MediaKind:
    if whatsapp and mime.startswith("audio/ogg"):
        return MediaKind.VOICE
    family = mime.partition("/")[0]
    return {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}.get(family, MediaKind.FILE)


def _places(said: Form) -> tuple[Card, ...]:
    latitude, longitude = said.get("Latitude", ""), said.get("Longitude", "")
    if not _DEGREES.fullmatch(latitude) or not _DEGREES.fullmatch(longitude):
        return ()
    north, east = float(latitude), float(longitude)
    if abs(north) > 90 or abs(east) > 180:
        return ()
    return (Card(CardKind.PLACE, said.get("Label", ""), said.get("Address", ""), latitude=north, longitude=east),)


def _profile(said: Form, address: str) -> Profile:
    number = _NUMBER.fullmatch(said.get("WaId", "")) or _NUMBER.fullmatch(address.removeprefix(WHATSAPP))
    country = said.get("FromCountry", "")[:60]
    return Profile(
        name=said.get("ProfileName", ""),
        phone=f"+{number[1]}" if number and (address.startswith(WHATSAPP) or address[0] == "+") else "",
        attributes={"country": country} if country else {},
    )


def _other_names(said: Form, address: str) -> tuple[str, ...]:
    """WhatsApp names some people by an id beside their number, or instead of it."""
    told = said.get("ExternalUserId", "").strip().removeprefix(WHATSAPP)
    also = f"{WHATSAPP}{told}"
    return (also,) if told and also != address and len(also) <= MOST_NAME else ()


def _advertisement(said: Form) -> Referral | None:
    if not said.get("ReferralSourceId") and not said.get("ReferralCtwaClid"):
        return None
    paid = said.get("ReferralSourceType") == "ad"
    click = said.get("ReferralCtwaClid", "")
    return Referral(
        kind="ad" if paid else "social",
        source="facebook",
        medium="cpc" if paid else "social",
        content=said.get("ReferralHeadline", ""),
        ad_id=said.get("ReferralSourceId", "") if paid else "",
        click_id_kind="ctwa_clid" if click else "",
        click_id=click,
        landing_url=said.get("ReferralSourceUrl", ""),
        confidence="ad",
    )
