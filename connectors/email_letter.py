"""A letter's bytes as readable parts: headers in any encoding, texts in any charset, files by their number.

Everything is tolerant: mailers of twenty years write here. Header words: RFC 2047; parameters: RFC 2231.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime

from connectors.contract import BadPayload, with_detail

# The first line of a body in the journal: role, UIDVALIDITY, UID, whole or cut, and the folder's name.
_OPENING = re.compile(rb"inbox-letter (in|sent) (\d{1,20}) (\d{1,20}) (whole|cut) ([^\r\n]{0,400})\r?\n")
MAX_HEADER = 4000
MAX_PARTS = 200
_TAIL_CHARSETS = ("utf-8", "cp1251")
_ADDRESS = re.compile(r"[^\s@<>\",;]{1,64}@[^\s@<>\",;]{1,253}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with where it lay in the mailbox."""

    role: str
    validity: int
    uid: int
    whole: bool
    folder: str
    mail: Message


@dataclass(frozen=True, slots=True)
class Person:
    """One address of a header line; `email` is lower-case."""

    name: str
    email: str


def wrap_letter(role: str, validity: int, uid: int, folder: str, content: bytes, *, whole: bool) -> bytes:
    """A body for the journal."""
    opening = f"inbox-letter {role} {validity} {uid} {'whole' if whole else 'cut'} {folder[:100]}\n"
    return opening.encode() + content


def unwrap_letter(body: bytes) -> Letter:
    """Read a body of the journal; raises BadPayload."""
    match = _OPENING.match(body)
    if match is None:
        raise BadPayload("this is no letter of a mailbox")
    try:
        mail = message_from_bytes(body[match.end() :], policy=compat32)
    except (MessageError, ValueError, LookupError, IndexError) as error:
        raise BadPayload(with_detail("the letter cannot be read", type(error).__name__)) from error
    role, validity, uid, whole, folder = (group.decode("utf-8", "replace") for group in match.groups())
    return Letter(role, int(validity), int(uid), whole == "whole", folder, mail)


def header(mail: Message, name: str) -> str:
    """A header line as people read it; "" when there is none."""
    return next(iter(headers(mail, name)), "")


def headers(mail: Message, name: str) -> list[str]:
    """Every header line of that name."""
    return [
        " ".join(_decoded(raw).split())[:MAX_HEADER] for key, raw in mail.raw_items() if key.lower() == name.lower()
    ]


def people(mail: Message, name: str) -> list[Person]:
    """The addresses of all header lines of that name, those that look like one."""
    # Names are decoded after the split: an encoded comma must not part an address.
    raw = [_octets(str(value)) for key, value in mail.raw_items() if key.lower() == name.lower()]
    found = []
    for shown, address in getaddresses([" ".join(line.split())[:20_000] for line in raw]):
        if _ADDRESS.fullmatch(address):
            found.append(Person(" ".join(_words(shown).split())[:200], address.lower()))
    return found


def sent_at(mail: Message) -> datetime | None:
    """When the letter says that it was sent; None when that cannot be read."""
    return moment_of(header(mail, "Date"))


def moment_of(text: str) -> datetime | None:
    """A date of a header in UTC; None when it cannot be read."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parts(mail: Message) -> Iterator[tuple[int, Message]]:
    """Every leaf with its number; a letter inside the letter is a leaf."""
    counted = 0
    waiting = [mail]
    while waiting and counted < MAX_PARTS:
        part = waiting.pop(0)
        inner = part.get_payload()
        if part.is_multipart() and isinstance(inner, list) and part.get_content_maintype() != "message":
            waiting[:0] = [item for item in inner if isinstance(item, Message)]
            continue
        yield counted, part
        counted += 1


def content(part: Message) -> bytes:
    """The bytes of a leaf."""
    if part.is_multipart():
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return first.as_bytes() if isinstance(first, Message) else b""
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError):
        return b""
    return found if isinstance(found, bytes) else b""


def words_of(part: Message) -> str:
    """The text of a leaf; what no charset fits is read as the likeliest one."""
    octets = content(part)
    declared = part.get_content_charset("") or ""
    for charset in (declared, *_TAIL_CHARSETS):
        try:
            return octets.decode(charset).replace("\r\n", "\n")
        except (LookupError, UnicodeError, ValueError):
            continue
    return octets.decode("latin-1").replace("\r\n", "\n")


def file_name(part: Message) -> str:
    """The name of a file in any of the ways in which mailers write it; "" when it has none."""
    try:
        name = part.get_filename("")
    except (ValueError, LookupError, TypeError):
        return ""
    return " ".join(_words(_octets(str(name or ""))).split())[:200]


def content_id(part: Message) -> str:
    """The name by which the HTML of the letter calls this part."""
    return header(part, "Content-ID").strip("<> ")


def _octets(raw: str) -> str:
    """A raw header value; bytes that are not ASCII are read as the likeliest charset."""
    octets = raw.encode("ascii", "surrogateescape") if not _has_letters(raw) else raw.encode("utf-8", "replace")
    for charset in _TAIL_CHARSETS:
        try:
            return octets.decode(charset)
        except UnicodeError:
            continue
    return octets.decode("latin-1")


def _has_letters(raw: str) -> bool:
    """Whether a text has characters that are neither ASCII nor escaped bytes."""
    return any(sign > "\x7f" and not "\udc80" <= sign <= "\udcff" for sign in raw)


def _decoded(raw: object) -> str:
    return _words(_octets(str(raw)))


def _words(text: str) -> str:
    """The encoded words of a header, read; what cannot be read stays as it is."""
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (MessageError, ValueError):
        return text
    found = []
    for piece, charset in pieces:
        if isinstance(piece, str):
            found.append(piece)
            continue
        for candidate in (charset or "utf-8", *_TAIL_CHARSETS, "latin-1"):
            try:
                found.append(piece.decode(candidate))
                break
            except (LookupError, UnicodeError):
                continue
    return "".join(found).encode("utf-8", "replace").decode()
