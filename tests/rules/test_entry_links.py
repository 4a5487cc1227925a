"""Slugs of links into a channel, and the account that a link opens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.entry_links import account_of, is_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Листовка, осень 2026", "listovka-osen-2026"), ("  VK / Щёлково ", "vk-shchelkovo"), ("👋", ""), ("-a-", "a")],
)
def test_a_name_becomes_a_slug(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize("text", ["", "a b", "Осень", "a/b", "-a", "a-", "x" * 41, "A"])
def test_what_is_no_slug(text: str) -> None:
    assert not is_slug(text)


@given(st.text(max_size=80))
def test_what_is_made_is_a_slug_or_nothing(name: str) -> None:
    made = slug_of(name)
    assert made == "" or is_slug(made)


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("https://vk.me/Dubrava?ref=a", "vk.me/dubrava"),
        ("https://vk.me/dubrava/more?ref=b", "vk.me/dubrava"),
        ("messenger://pa?chatURI=dubrava&context=a", "pa/?chaturi=dubrava"),
        ("messenger://pa?chatURI=klen&context=a", "pa/?chaturi=klen"),
        ("dubrava", ""),
        ("https://[", ""),
    ],
)
def test_a_link_names_its_account(address: str, account: str) -> None:
    assert account_of(address) == account
