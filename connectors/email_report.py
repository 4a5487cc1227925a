"""Letters of mail servers about our letters: bounces and delays (RFC 3464), read receipts (RFC 8098), old daemons."""

from __future__ import annotations

from email.message import Message

from connectors.contract import StatusChanged, with_detail
from connectors.email_letter import content, header, parts, people, sent_at, words_of
from connectors.email_names import dedup_key_of, ids

MAX_WORDS = 400
_STATES = {"failed": "failed", "delivered": "delivered", "relayed": "sent", "expanded": "sent", "delayed": "sent"}
_DAEMONS = ("mailer-daemon@", "postmaster@", "mailerdaemon@")


def report_of(mail: Message, own: str) -> tuple[StatusChanged, ...]:
    """What a report says of a letter of ours; nothing when this is no report, or none that names a letter."""
    if mail.get_content_type() == "multipart/report":
        named = [(part.get_content_type(), part) for _, part in parts(mail)]
        blocks = [block for kind, part in named if kind == "message/delivery-status" for block in _blocks(part)]
        if blocks:
            return _delivery(mail, blocks, _reported_id(mail, named))
        receipts = [part for kind, part in named if kind == "message/disposition-notification"]
        if receipts:
            return _receipt(mail, receipts[0])
    return _daemon(mail, own)


def _delivery(mail: Message, blocks: list[Message], reported: str) -> tuple[StatusChanged, ...]:
    """The worst that happened to one of the recipients."""
    if not reported:
        return ()
    actions = [(_STATES.get(header(block, "Action").lower(), ""), block) for block in blocks]
    failed = [block for state, block in actions if state == "failed"]
    if failed:
        words = header(failed[0], "Diagnostic-Code").partition(";")[2].strip() or header(failed[0], "Status")
        return (StatusChanged(reported, "failed", sent_at(mail), _returned(words), error_code="rejected"),)
    known = [state for state, _ in actions if state]
    return (StatusChanged(reported, known[0], sent_at(mail)),) if known else ()


def _receipt(mail: Message, part: Message) -> tuple[StatusChanged, ...]:
    for block in _blocks(part):
        named = ids(header(block, "Original-Message-ID"))
        if named and "displayed" in header(block, "Disposition").lower():
            return (StatusChanged(named[0], "read", sent_at(mail)),)
    return ()


def _daemon(mail: Message, own: str) -> tuple[StatusChanged, ...]:
    """A bounce in plain words that quotes a letter of ours."""
    sender = next(iter(people(mail, "From")), None)
    if sender is None or not sender.email.startswith(_DAEMONS):
        return ()
    for _, part in parts(mail):
        text = words_of(part)[:100_000]
        ours = [name for name in ids(text) if dedup_key_of(name, own)]
        if ours:
            words = _returned(" ".join(text.split()))
            return (StatusChanged(ours[0], "failed", sent_at(mail), words, error_code="rejected"),)
    return ()


def _returned(words: str) -> str:
    return with_detail("The letter came back.", words[:MAX_WORDS])


def _blocks(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [block for block in inner if isinstance(block, Message)] if isinstance(inner, list) else []


def _reported_id(mail: Message, named: list[tuple[str, Message]]) -> str:
    """The Message-ID of the letter that came back: the report holds it, or its head, or refers to it."""
    for kind, part in named:
        if kind == "message/rfc822":
            found = [name for block in _blocks(part) for name in ids(header(block, "Message-ID"))]
        elif kind == "text/rfc822-headers":
            lines = content(part).decode("utf-8", "replace").splitlines()
            found = [name for line in lines if line.lower().startswith("message-id:") for name in ids(line)]
        else:
            continue
        if found:
            return found[0]
    return next(iter(ids(header(mail, "In-Reply-To"))), "")
