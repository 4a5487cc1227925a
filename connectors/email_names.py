"""Names of letters and mailboxes: our Message-IDs, and the addresses by which an answer finds its way back.

A Message-ID of ours is made of the delivery's key, so that every attempt of one message has the same one; its hash
cannot be guessed. The same words after a plus in Reply-To name the letter when a mailer loses References.
"""

from __future__ import annotations

import hashlib
import re

from connectors.contract import REPORT_KEY

_OURS = re.compile(r"<(m\d{1,18})\.[0-9a-f]{16}@([^<>\s]{1,253})>")
_REPORT = re.compile(rf"<{REPORT_KEY}\d{{1,18}}\.[0-9a-f]{{16}}@([^<>\s]{{1,253}})>")
_TOKEN = re.compile(r"m\d{1,18}\.[0-9a-f]{16}")
_ANY = re.compile(r"<[^<>\s]{1,400}>")


def message_id(dedup_key: str, own: str) -> str:
    """The Message-ID of a message of ours; `own` is the mailbox."""
    return f"<{token(dedup_key)}@{domain(own)}>"


def token(dedup_key: str) -> str:
    """The part before the @: the message's number and a hash that nobody can guess."""
    digest = hashlib.sha256(dedup_key.encode()).hexdigest()[:16]
    return f"{dedup_key.partition('-')[0]}.{digest}"


def dedup_key_of(name: str, own: str) -> str | None:
    """The beginning of the delivery's key that a Message-ID of ours was made of; None for a foreign one."""
    match = _OURS.fullmatch(name)
    return match[1] if match and match[2] == domain(own) else None


def is_report(name: str, own: str) -> bool:
    """Whether a Message-ID is one of ours that belongs to no dialog."""
    match = _REPORT.fullmatch(name)
    return match is not None and match[1] == domain(own)


def answer_address(dedup_key: str, own: str) -> str:
    """The mailbox with the letter's name after a plus."""
    local, _, host = own.rpartition("@")
    return f"{local.partition('+')[0]}+{token(dedup_key)}@{host}"


def named_by_plus(address: str, own: str) -> str | None:
    """The Message-ID that an address of ours names after its plus."""
    local, _, host = address.rpartition("@")
    name, _, plus = local.partition("+")
    if not is_own(f"{name}@{host}", own) or not _TOKEN.fullmatch(plus):
        return None
    return f"<{plus}@{domain(own)}>"


def is_own(address: str, own: str) -> bool:
    """Whether an address is the mailbox, with or without a plus."""
    return _without_plus(address.lower()) == _without_plus(own.lower())


def domain(address: str) -> str:
    """What stands behind the @."""
    return address.rpartition("@")[2].lower()


def ids(text: str) -> list[str]:
    """The Message-IDs of a header line, in order."""
    return _ANY.findall(text)


def _without_plus(address: str) -> str:
    local, _, host = address.rpartition("@")
    return f"{local.partition('+')[0]}@{host}"
