"""A letter of ours: text and files as MIME, with the lines that keep it in its thread and out of loops."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from connectors.contract import Outgoing, OutgoingMedia, Rejected
from connectors.email_names import answer_address, ids, message_id

# Octets of References: servers cut longer lines, and only the ends of the chain matter to mailers.
MAX_REFERENCES = 900
MAX_SUBJECT = 250
# Everything as ASCII lines of bounded length: any server can take that.
_POLICY = SMTP.clone(cte_type="7bit")
_SUBJECT_WORDS = 60
_ADDRESS = re.compile(r"[^\s@<>\",;:\\]{1,64}@[^\s@<>\",;:\\]{1,253}")


async def compose(outgoing: Outgoing, own: str, sender_name: str, signature: str, *, plus: bool) -> bytes:
    """The bytes of the letter; raises Rejected for an address that cannot be written."""
    letter = EmailMessage(policy=_POLICY)
    if not all(_ADDRESS.fullmatch(address) for address in recipients(outgoing)):
        raise Rejected("The letter cannot be written: look at its addresses and its subject.")
    try:
        letter["From"] = Address(_line(sender_name or outgoing.agent_name), addr_spec=own)
        letter["To"] = outgoing.address
        if outgoing.cc:
            letter["Cc"] = ", ".join(outgoing.cc)
        if plus:
            letter["Reply-To"] = answer_address(outgoing.dedup_key, own)
        letter["Subject"] = _line(outgoing.subject)[:MAX_SUBJECT] or _first_words(outgoing.text)
        letter["Date"] = format_datetime(outgoing.at)
        letter["Message-ID"] = message_id(outgoing.dedup_key, own)
        for name, value in _thread(outgoing):
            letter[name] = value
        if not outgoing.agent_name:
            # Nobody wrote this: the other side's machines must not answer it.
            letter["Auto-Submitted"] = "auto-replied" if outgoing.thread or outgoing.reply_to else "auto-generated"
            letter["X-Auto-Response-Suppress"] = "All"
        letter.set_content(_with_signature(outgoing, signature))
        await _add_html(letter, outgoing)
        for file in outgoing.media:
            if not _is_shown(file, outgoing):
                main, sub = _mime(file)
                name = _line(file.name) or "file"
                letter.add_attachment(await file.read(), maintype=main, subtype=sub, filename=name)
        return letter.as_bytes()
    except (ValueError, LookupError, MessageError, IndexError) as error:
        raise Rejected("The letter cannot be written: look at its addresses and its subject.") from error


async def _add_html(letter: EmailMessage, outgoing: Outgoing) -> None:
    """The text once more with looks, and the files that it shows."""
    if not outgoing.html:
        return
    letter.add_alternative(outgoing.html, subtype="html")
    looks = letter.get_payload()[-1]  # type: ignore[index]
    for file in outgoing.media:
        if _is_shown(file, outgoing):
            main, sub = _mime(file)
            more = {"cid": f"<{file.name}>", "disposition": "inline", "filename": file.name}
            looks.add_related(await file.read(), maintype=main, subtype=sub, **more)  # type: ignore[union-attr]


def _is_shown(file: OutgoingMedia, outgoing: Outgoing) -> bool:
    return f'"cid:{file.name}"' in outgoing.html


def _mime(file: OutgoingMedia) -> tuple[str, str]:
    main, _, sub = file.mime.partition("/")
    known = main and sub and main not in ("multipart", "message")
    return (main, sub) if known else ("application", "octet-stream")


def recipients(outgoing: Outgoing) -> tuple[str, ...]:
    """Everybody who gets the letter, each once."""
    return tuple(dict.fromkeys((outgoing.address, *outgoing.cc, *outgoing.bcc)))


def _thread(outgoing: Outgoing) -> list[tuple[str, str]]:
    """In-Reply-To and References; an external id begins with the letter's own name."""
    chain = [name for external_id in outgoing.thread for name in ids(external_id)[:1]]
    answered = ids(outgoing.reply_to or "")[:1] or chain[-1:]
    if not answered:
        return []
    chain = [name for name in chain if name != answered[0]] + answered
    while len(" ".join(chain)) > MAX_REFERENCES and len(chain) > 1:
        del chain[1 if len(chain) > 2 else 0]
    return [("In-Reply-To", answered[0]), ("References", " ".join(chain))]


def _with_signature(outgoing: Outgoing, signature: str) -> str:
    signed = signature.replace("{agent}", outgoing.agent_name).strip()
    return f"{outgoing.text}\n\n-- \n{signed}\n" if signed and outgoing.agent_name else f"{outgoing.text}\n"


def _first_words(text: str) -> str:
    words = _line(text)
    return words if len(words) <= _SUBJECT_WORDS else f"{words[: _SUBJECT_WORDS - 1].rstrip()}…"


def _line(text: str) -> str:
    return " ".join(text.split())
