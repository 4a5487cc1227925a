"""The guide of a channel: one click from its form, in the reader's language."""

from __future__ import annotations

import pytest

import connectors
from tests.desk import Desk


async def test_every_form_leads_to_its_guide(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    for kind in connectors.kinds():
        form = await vera.get(f"/settings/channels/new/{kind}")
        address = form.one(f'a[href$="/guide/{kind}"]').attributes["href"]
        guide = await vera.get(address or "")
        assert guide.status == 200
        assert guide.one("article.guide").attributes["lang"] == "ru"
        assert len(guide.words("article.guide h2")) == 1
        assert guide.words("article.guide h3"), kind


async def test_guides_lead_to_each_other_and_hold_no_markup_of_a_file(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    guide = await vera.get("/settings/channels/guide/twilio")
    links = [link.attributes["href"] for link in guide.tree.css("article.guide a")]
    assert "whatsapp" in links
    assert not [link for link in links if link and link.endswith(".md")]


@pytest.mark.parametrize("kind", ["nothing", "writing-a-connector", "..%2f..%2fREADME", "ru"])
async def test_only_guides_are_shown(desk: Desk, kind: str) -> None:
    vera = await desk.browser("Вера")
    assert (await vera.get(f"/settings/channels/guide/{kind}")).status == 404
