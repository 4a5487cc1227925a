"""Merging on the card: offered with the evidence, one click, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.contract import Profile
from tests.desk import open_desk
from tests.world import World

PHONE = "+79171234567"


async def test_the_card_offers_merges_and_undoes(world: World, tmp_path: Path) -> None:
    first = await world.conversation_of(await world.client_writes(profile=Profile("Марина", phone=PHONE)))
    await world.client_writes(address="tg-2", profile=Profile("Марина Ким", phone=PHONE, username="@kim"))
    contact = (await world.conversation(first)).contact_id
    async with open_desk(world, tmp_path, idle=True) as desk:
        anna = await desk.browser("Анна")
        page = await anna.get(f"/conversations/{first}")
        assert page.words(".offer b") == ["Возможно, тот же человек: Марина Ким"]
        assert page.words(".offer .lines .clip") == ["тот же телефон: +7 917 123-45-67", "@kim"]
        assert page.words(".offer .lines .end")[0] == "со слов клиента"
        form = page.one(f'form[action="/contacts/{contact}/merges"]')
        other = form.css_first("button[name=other]").attributes["value"] or ""
        merged = await anna.post(f"/contacts/{contact}/merges", {"other": other, "conversation": str(first)})
        assert (merged.status, merged.location) == (303, f"/conversations/{first}")
        page = await anna.get(f"/conversations/{first}")
        assert page.tree.css(".offer") == []
        (action,) = [node.attributes["action"] for node in page.tree.css('form[action^="/merges/"]')]
        undone = await anna.post(action or "", {"conversation": "x"}, **{"HX-Request": "true"})
        assert undone.status == 204
        assert (await anna.post(action or "", {})).status == 404
        apart = await anna.post(f"/contacts/{contact}/distinctions", {"other": other})
        assert (apart.status, apart.location) == (303, "/contacts")
        assert (await anna.get(f"/conversations/{first}")).tree.css(".offer") == []


@pytest.mark.parametrize("other", ["", "x", "9" * 30, "0", "-1"])
async def test_a_client_who_is_not_there_is_not_merged(world: World, tmp_path: Path, other: str) -> None:
    first = await world.conversation_of(await world.client_writes())
    contact = (await world.conversation(first)).contact_id
    async with open_desk(world, tmp_path, idle=True) as desk:
        anna = await desk.browser("Анна")
        for path in (
            f"/contacts/{contact}/merges",
            f"/contacts/{contact}/distinctions",
            f"/merges/{other or 'x'}/undoing",
        ):
            assert (await anna.post(path, {"other": other})).status == 404
