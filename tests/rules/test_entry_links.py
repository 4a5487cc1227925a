"""Slugs of links into a channel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.entry_links import is_slug, slug_of


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
