"""What a visitor does, as writes: the first message makes the address, the same message twice is one message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from connectors.contract import Profile
from inbox.actions.attach import upload
from inbox.actions.events import record
from inbox.actions.meet import meet
from inbox.actions.receive import receive
from inbox.actions.touch import touch
from inbox.models import Address, Contact, Conversation, Delivery, Message, Touch, Visitor
from inbox.rules.emails import looks_like_email
from inbox.rules.errors import Invalid, NotAllowed, TooLarge
from inbox.rules.events import EventKind
from inbox.rules.lifecycle import MessageKind, Status, advances
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.blobs import StoredBlob
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean
from inbox.runtime.phones import normalise_phone
from widget.connector import MAX_TEXT, message_of, referral_of
from widget.history import Known, find_visitor
from widget.identity import SESSION_LIFE, Person, address_of
from widget.protocol import About, Identity, Prechat, Send

# How long a visitor counts as present without a sign of life; the push loop renews it for open sockets.
ONLINE_FOR = timedelta(minutes=3)
_MOST_RECEIPTS = 200

_MESSAGE = Lean(
    select(Message.id, Message.conversation_id).where(
        Message.channel_id == bindparam("channel"), Message.external_id == bindparam("message")
    )
)
_HERE = update(Address).where(Address.id == bindparam("address"))
_MET = Lean(_HERE.values(last_seen_at=bindparam("moment")))
_VERIFIED = Lean(_HERE.values(last_seen_at=bindparam("moment"), verified=True))
_VISITOR = Lean(select(Visitor.address_id).where(Visitor.address_id == bindparam("address")))
_OWN = select(Conversation.id).where(Conversation.address_id == bindparam("address"))
_BEGUN = Lean(_OWN.limit(1))
_NEWEST = Lean(_OWN.order_by(Conversation.id.desc()).limit(1))
_GOING = Lean(_OWN.where(Conversation.status != Status.RESOLVED.value))
_LAST_TOUCH = Lean(
    select(Touch.landing_url).join(Contact, Contact.last_touch_id == Touch.id).where(Contact.id == bindparam("contact"))
)
_MOVE = Lean(
    update(Visitor)
    .where(
        Visitor.address_id == bindparam("address"),
        (Visitor.page_url.is_(None)) | (Visitor.page_url != bindparam("url")),
    )
    .values(page_url=bindparam("url"), page_title=bindparam("title"), page_at=bindparam("moment"))
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What this channel asks of a first message. `required`: of name, phone, email, consent; `reach`: any way back."""

    required: tuple[str, ...] = ()
    reach: bool = False
    consent_text: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Where a message went."""

    message_id: int
    conversation_id: int
    visitor: Known


def write_message(
    tx: Tx, channel_id: int, person: Person, frame: Send, *, about: About, profile: Profile, terms: Terms
) -> Written:
    """Store a visitor's message once; the same `client_id` gives the same message.

    Raises Invalid by field of the form, TooLarge, and NotAllowed for a session that is over.
    """
    if len(frame.text) > MAX_TEXT:
        raise TooLarge(N_("The message is too long: shorten it or send it as a file."))
    if not frame.text.strip() and not frame.files:
        raise Invalid({"text": N_("Write something or attach a file.")})
    known = enter(tx, channel_id, person, profile)
    external_id = f"{known.address_id}:{frame.client_id}"
    same = {"channel": channel_id, "message": external_id}
    found = _MESSAGE.first(tx, same)
    if found is None:
        _accept_terms(tx, known, frame.prechat, terms)
        _note_arrival(tx, known.contact_id, about)
        event = message_of(frame, about, known.address, external_id)
        if not _is_news(tx, known, about):
            event = message_of(frame, About(), known.address, external_id)
        receive(tx, Actor.channel(channel_id), channel_id, event)
        found = _MESSAGE.first(tx, same)
        if about.page is not None:
            _keep_page(tx, known.address_id, about.page.url, about.page.title)
    return Written(found.id, found.conversation_id, known)


def enter(tx: Tx, channel_id: int, person: Person, profile: Profile) -> Known:
    """The visitor's address, made on their first act; raises NotAllowed when the session is over."""
    known = find_visitor(tx, channel_id, person)
    if known is not None and known.expired:
        raise NotAllowed(N_("The session of this browser is over. Reload the page."))
    address = known.address if known else person.address
    if known is None or profile != Profile():
        address_id, contact_id = meet(tx, Actor.channel(channel_id), channel_id, address, profile)
        known = known or Known(address_id, contact_id, address, person.verified)
        (_VERIFIED if person.verified else _MET).change(tx, {"address": known.address_id, "moment": tx.now})
    if _VISITOR.scalar(tx, {"address": known.address_id}) is None:
        # A signed customer has no token of a browser: the row needs a unique value, not a secret one.
        token_hash = person.token_hash or f"signed:{known.address_id}"
        values = {"address_id": known.address_id, "token_hash": token_hash, "created_at": tx.now}
        tx.execute(
            insert(Visitor), {**values, "expires_at": tx.now + SESSION_LIFE, "online_until": tx.now + ONLINE_FOR}
        )
    return known


def identify(tx: Tx, channel_id: int, person: Person, visitor_id: str) -> bool:
    """A stranger turned out to be a customer (the signature was right): their dialog becomes the customer's.

    Returns False when the customer has a dialog of their own already, or the stranger has none.
    """
    stranger = find_visitor(tx, channel_id, person)
    wanted = address_of(visitor_id)
    taken = select(Address.id).where(Address.channel_id == channel_id, Address.external_id == wanted)
    if stranger is None or stranger.expired or stranger.verified or tx.execute(taken).first() is not None:
        return False
    renamed = update(Address).where(Address.id == stranger.address_id)
    tx.execute(renamed.values(external_id=wanted, verified=True))
    _tell(tx, EventKind.CONTACT_IDENTIFIED, channel_id, stranger)
    return True


def introduce(tx: Tx, channel_id: int, known: Known, profile: Profile) -> None:
    """What the site tells of a visitor during a dialog goes into the card, where nobody wrote anything yet."""
    meet(tx, Actor.channel(channel_id), channel_id, known.address, profile)


def add_file(tx: Tx, channel_id: int, person: Person, blob: StoredBlob, name: str) -> str:
    """Keep a visitor's upload until its message comes; returns its token."""
    return upload(tx, blob, name, address_id=enter(tx, channel_id, person, Profile()).address_id)


def mark_seen(tx: Tx, channel_id: int, known: Known, message_id: int, state: str) -> None:
    """Every answer up to this id has reached the browser (`delivered`) or was in front of the visitor (`read`)."""
    dialogs = select(Conversation.id).where(Conversation.address_id == known.address_id)
    recent = dialogs.order_by(Conversation.id.desc()).limit(3)
    owed = (
        select(Delivery.id, Delivery.state, Delivery.message_id, Message.conversation_id)
        .join(Message, Message.id == Delivery.message_id)
        .where(
            Message.conversation_id.in_(list(tx.execute(recent).scalars())),
            Message.kind == MessageKind.OUTGOING.value,
            Message.id <= message_id,
        )
        .order_by(Message.id.desc())
        .limit(_MOST_RECEIPTS)
    )
    for row in tx.execute(owed).all():
        if not advances(row.state, state):
            continue
        values: dict[str, object] = {"state": state, f"{state}_at": tx.now}
        tx.execute(update(Delivery).where(Delivery.id == row.id).values(values))
        record(
            tx, Actor.channel(channel_id), EventKind.DELIVERY_CHANGED, conversation_id=row.conversation_id,
            contact_id=known.contact_id, message_id=row.message_id, channel_id=channel_id,
        )  # fmt: skip


def move(tx: Tx, channel_id: int, known: Known, url: str, title: str) -> None:
    """The visitor is on another page of the site now."""
    if _keep_page(tx, known.address_id, url, title):
        _tell(tx, EventKind.CONTACT_PAGE, channel_id, known)


def come(tx: Tx, channel_id: int, known: Known) -> None:
    """The visitor opened the site again."""
    arrived = update(Visitor).where(Visitor.address_id == known.address_id)
    was_away = arrived.where((Visitor.online_until.is_(None)) | (Visitor.online_until < tx.now))
    if tx.execute(was_away.values(online_until=tx.now + ONLINE_FOR)).rowcount:
        _tell(tx, EventKind.CONTACT_PRESENCE, channel_id, known)


def leave(tx: Tx, channel_id: int, known: Known) -> None:
    """The visitor's last tab is gone."""
    tx.execute(update(Visitor).where(Visitor.address_id == known.address_id).values(online_until=tx.now))
    _tell(tx, EventKind.CONTACT_PRESENCE, channel_id, known)


def stay(tx: Tx, address_ids: Iterable[int]) -> None:
    """These visitors' sockets are open still."""
    until: datetime = tx.now + ONLINE_FOR
    tx.execute(update(Visitor).where(Visitor.address_id.in_(list(address_ids))).values(online_until=until))


def profile_of(identity: Identity | None, prechat: Prechat | None, about: About) -> Profile:
    """What the site and the form say about the person; what the visitor typed goes first."""
    site, typed = identity or Identity(), prechat or Prechat()
    told = Profile(
        name=typed.name or site.name,
        phone=typed.phone or site.phone,
        email=typed.email or site.email,
        attributes=dict(site.attributes),
    )
    if told == Profile() and identity is None and prechat is None:
        return Profile(language=about.language, time_zone=about.time_zone)
    return replace(told, language=about.language, time_zone=about.time_zone)


def _accept_terms(tx: Tx, known: Known, prechat: Prechat | None, terms: Terms) -> None:
    """Refuse a first message without what the channel requires; keep the consent that was given."""
    given = prechat or Prechat()
    if given.phone and not normalise_phone(given.phone):
        raise Invalid({"phone": N_("This does not look like a phone number.")})
    if given.email and not looks_like_email(given.email.strip()):
        raise Invalid({"email": N_("This does not look like an e-mail address.")})
    if _BEGUN.first(tx, {"address": known.address_id}) is None:
        contact = tx.execute(select(Contact).where(Contact.id == known.contact_id).with_only_columns(
            Contact.name, Contact.phone, Contact.email, Contact.consent_at)).one()  # fmt: skip
        have = {"name": contact.name, "phone": contact.phone, "email": contact.email}
        have["consent"] = "yes" if given.consent or contact.consent_at else ""
        missing = {name: N_("Fill in this field.") for name in terms.required if not have[name]}
        if terms.reach and not (have["phone"] or have["email"]):
            missing["reach"] = N_("Leave a phone or an e-mail, so that we can answer.")
        if missing:
            raise Invalid(missing)
    if given.consent:
        agreed = update(Contact).where(Contact.id == known.contact_id, Contact.consent_at.is_(None))
        tx.execute(agreed.values(consent_at=tx.now, consent_text=terms.consent_text[:1000]))


def _note_arrival(tx: Tx, contact_id: int, about: About) -> None:
    """The very first visit, when the loader remembers an earlier one than today's."""
    if about.first is None or about.first == about.last:
        return
    never = select(Contact.id).where(Contact.id == contact_id, Contact.first_touch_id.is_(None))
    referral = referral_of(about.first, About(metrica=about.metrica))
    if referral is not None and tx.execute(never).first() is not None:
        touch(tx, contact_id, None, referral)


def _is_news(tx: Tx, known: Known, about: About) -> bool:
    """Whether where they came from is worth a row: a new dialog, or another arrival than the last one."""
    if _GOING.first(tx, {"address": known.address_id}) is None:
        return True
    last = _LAST_TOUCH.scalar(tx, {"contact": known.contact_id})
    return about.last is not None and bool(about.last.url) and last != about.last.url


def _keep_page(tx: Tx, address_id: int, url: str, title: str) -> bool:
    return bool(_MOVE.change(tx, {"address": address_id, "url": url, "title": title, "moment": tx.now}))


def _tell(tx: Tx, kind: EventKind, channel_id: int, known: Known) -> None:
    conversation_id = _NEWEST.scalar(tx, {"address": known.address_id})
    record(
        tx, Actor.channel(channel_id), kind, conversation_id=conversation_id, contact_id=known.contact_id,
        channel_id=channel_id,
    )  # fmt: skip
