"""What may be stored as an e-mail address."""

from __future__ import annotations

import pytest

from inbox.rules.emails import looks_like_email


@pytest.mark.parametrize(
    "text", ["anna@example.com", "a.b+c@mail.example.co.uk", "анна@почта.рф", "o'neil@example.com", "a" * 64 + "@b.cd"]
)
def test_addresses_of_people_pass(text: str) -> None:
    assert looks_like_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "@example.com",
        "anna@",
        "anna@example",
        "anna@example.",
        "anna@.com",
        "anna@@example.com",
        "anna @example.com",
        "Анна <anna@example.com>",
        "anna@example.com\nbcc: all@example.com",
        "a@example.com,b@example.com",
        "a" * 65 + "@example.com",
        "anna@" + "a" * 250 + ".com",
    ],
)
def test_anything_else_does_not(text: str) -> None:
    assert not looks_like_email(text)
