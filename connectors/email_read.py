"""From a letter to what it means: a client's message, a colleague's answer from the mail program, a server's report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from connectors.contract import (
    BadPayload,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageReceived,
    Original,
    Profile,
    fact,
)
from connectors.email_html import text_of_html
from connectors.email_letter import (
    Letter,
    Person,
    content,
    content_id,
    file_name,
    header,
    headers,
    moment_of,
    parts,
    people,
    sent_at,
    words_of,
)
from connectors.email_names import dedup_key_of, ids, is_own, named_by_plus
from connectors.email_quotes import written
from connectors.email_report import report_of
from connectors.unshown import kind_name

# Characters of a bubble; the whole letter is one click away.
MAX_TEXT = 20_000
MAX_FILES = 30
MAX_COPIES = 30
# Characters of base64 below which a picture of the layout is a dot or a line.
TINY_PICTURE = 2800
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
_LISTS = frozenset({"bulk", "junk", "list", "auto_reply"})
_MACHINE_LINES = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe")
_NOBODY = ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster")


@dataclass(frozen=True, slots=True)
class Body:
    """The texts of a letter and its other leaves by their number."""

    plain: str
    html: str
    rest: tuple[tuple[int, Message], ...]


def read_letter(letter: Letter, own: str) -> tuple[InboundEvent, ...]:
    """The events of a letter of the mailbox `own`; raises BadPayload when nobody wrote it."""
    reports = report_of(letter.mail, own)
    if reports:
        return reports
    return (_echo(letter, own) if letter.role == "sent" else _message(letter, own),)


def _message(letter: Letter, own: str) -> MessageReceived:
    mail = letter.mail
    sender = _sender(mail, own)
    names = ids(header(mail, "Message-ID"))
    body = body_of(mail)
    return MessageReceived(
        address=sender.email,
        # Whoever uses somebody else's Message-ID begins a letter of their own.
        external_id=f"{names[0]} {sender.email}" if names else f"{letter.folder} {letter.validity}.{letter.uid}",
        text=_shown_text(body),
        at=_arrived_at(mail),
        media=_files(body),
        profile=Profile(name=sender.name, email=sender.email, username=sender.email),
        reply_to=_answered(mail, own),
        unsupported=None if letter.whole else kind_name("a very large letter: the rest of it is in the mailbox"),
        subject=header(mail, "Subject")[:1000],
        cc=_copies(mail, {sender.email}, own),
        automatic=_is_automatic(mail, sender, own),
        original=True,
    )


def _echo(letter: Letter, own: str) -> Echo:
    mail = letter.mail
    named = people(mail, "To") or people(mail, "Cc") or people(mail, "Bcc")
    if not named:
        raise BadPayload("the letter names nobody whom it went to")
    found = ids(header(mail, "Message-ID"))
    body = body_of(mail)
    author = next(iter(people(mail, "From")), Person("", own))
    return Echo(
        address=named[0].email,
        external_id=found[0] if found else f"{letter.folder} {letter.validity}.{letter.uid}",
        text=_shown_text(body),
        at=sent_at(mail),
        media=_files(body),
        author=author.name,
        reply_to=next(iter(ids(header(mail, "In-Reply-To"))), None),
        dedup_key=dedup_key_of(found[0], own) if found else None,
        automatic=_says_automatic(mail),
        subject=header(mail, "Subject")[:1000],
        cc=_copies(mail, {named[0].email}, own),
        original=True,
    )


def body_of(mail: Message) -> Body:
    """The texts and the other leaves of a letter."""
    plain, html, rest = [], [], []
    for number, part in parts(mail):
        kind = part.get_content_type()
        is_file = part.get_content_disposition() == "attachment" or bool(file_name(part))
        if kind == "text/plain" and not is_file:
            plain.append(words_of(part))
        elif kind == "text/html" and not is_file:
            html.append(words_of(part))
        else:
            rest.append((number, part))
    return Body("\n".join(plain), "\n".join(html), tuple(rest))


def original_of(letter: Letter) -> Original:
    """The whole letter for people to read."""
    mail = letter.mail
    body = body_of(mail)
    fields = (
        fact("Sender", _line(mail, "From")),
        fact("To", _line(mail, "To")),
        fact("Cc", _line(mail, "Cc")),
        fact("Date", _line(mail, "Date")),
        fact("Subject", _line(mail, "Subject")),
    )
    pictures = {
        content_id(part): (part.get_content_type(), content(part))
        for _, part in body.rest
        if content_id(part) and part.get_content_maintype() == "image"
    }
    shown = tuple(line for line in fields if line[1])
    return Original(shown, body.plain or text_of_html(body.html), body.html, pictures)


def _line(mail: Message, name: str) -> str:
    return ", ".join(headers(mail, name))


def _shown_text(body: Body) -> str:
    text = written(body.plain if body.plain.strip() else text_of_html(body.html))
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def _files(body: Body) -> tuple[Media, ...]:
    found = []
    for number, part in body.rest:
        mime = part.get_content_type()
        if mime in _SIGNATURES or _is_layout(part):
            continue
        kind = _KINDS.get(part.get_content_maintype(), MediaKind.FILE)
        name = file_name(part) or ("letter.eml" if mime == "message/rfc822" else "")
        found.append(Media(kind, name, mime[:100], None, f"part:{number}"))
    return tuple(found[:MAX_FILES])


def _is_layout(part: Message) -> bool:
    """Whether a leaf is a dot or a line of the layout, or says nothing."""
    raw = part.get_payload()
    if part.get_content_maintype() == "text" and not file_name(part) and part.get_content_type() != "text/calendar":
        return not isinstance(raw, str) or not raw.strip()
    inline = bool(content_id(part)) and part.get_content_disposition() != "attachment"
    return inline and isinstance(raw, str) and len(raw) < TINY_PICTURE


def _sender(mail: Message, own: str) -> Person:
    """Whom an answer should go to: the one address of Reply-To (forms of sites set it), else that of From."""
    written_by = next(iter(people(mail, "From") or people(mail, "Sender")), None)
    wanted = [person for person in people(mail, "Reply-To") if not is_own(person.email, own)]
    if len(wanted) == 1:
        same = written_by is not None and written_by.email == wanted[0].email
        return Person(wanted[0].name or (written_by.name if same and written_by else ""), wanted[0].email)
    if written_by is None:
        raise BadPayload("the letter names nobody who wrote it")
    return written_by


def _answered(mail: Message, own: str) -> str | None:
    """The letter of ours that this one answers: by In-Reply-To, by References, newest first, or by the plus."""
    named = [*ids(header(mail, "In-Reply-To")), *reversed(ids(header(mail, "References")))]
    ours = [name for name in named if dedup_key_of(name, own)]
    if ours or named:
        return (ours or named)[0]
    lines = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    tokens = [named_by_plus(person.email, own) for line in lines for person in people(mail, line)]
    return next((token for token in tokens if token), None)


def _copies(mail: Message, without: set[str], own: str) -> tuple[str, ...]:
    """Everybody else who got the letter."""
    found = dict.fromkeys(person.email for line in ("To", "Cc") for person in people(mail, line))
    return tuple(email for email in found if email not in without and not is_own(email, own))[:MAX_COPIES]


def _is_automatic(mail: Message, sender: Person, own: str) -> bool:
    """Whether a machine or a list wrote: such a letter starts no clock, and nothing may answer it by itself."""
    if _says_automatic(mail) or is_own(sender.email, own) or sender.email.partition("@")[0] in _NOBODY:
        return True
    if header(mail, "Precedence").lower() in _LISTS or header(mail, "Return-Path") == "<>":
        return True
    return any(header(mail, line) for line in _MACHINE_LINES)


def _says_automatic(mail: Message) -> bool:
    return header(mail, "Auto-Submitted").lower().partition(";")[0].strip() not in ("", "no")


def _arrived_at(mail: Message) -> datetime | None:
    """When our own server took it (its line stands first); the sender's clock may be years off."""
    return moment_of(header(mail, "Received").rpartition(";")[2]) or sent_at(mail)
