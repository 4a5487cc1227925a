"""Subjects and lines of addresses, as letters have them and as people type them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inbox.rules.emails import looks_like_email

MAX_SUBJECT = 250
# Addresses of one line; more is a mailing, not a copy.
MAX_ADDRESSES = 20
# "Re:", "RE[2]:", and what Russian mailers write.
_ANSWERS = re.compile(r"^(?:(?:re|aw|отв|ответ|на)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,;]+")


def answer_subject(subject: str) -> str:
    """The subject of an answer: one "Re:" before what the letter was about; "" for a letter without a subject."""
    about = _ANSWERS.sub("", clean_subject(subject)).strip()
    return f"Re: {about}"[:MAX_SUBJECT] if about else ""


def clean_subject(subject: str) -> str:
    """A subject as one line of bounded length."""
    return " ".join(subject.split())[:MAX_SUBJECT]


def read_addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses of a typed line, each once, and the words that are none."""
    words = [word.strip("<>\"'").lower() for word in _BETWEEN.split(text) if word.strip("<>\"'")]
    good = dict.fromkeys(word for word in words if looks_like_email(word))
    return tuple(good), tuple(word for word in words if word not in good)


def join_addresses(addresses: Sequence[str]) -> str:
    """The line that is kept and shown."""
    return ", ".join(addresses)


def split_addresses(line: str) -> tuple[str, ...]:
    """A kept line back as addresses."""
    return tuple(address for address in line.split(", ") if address)
