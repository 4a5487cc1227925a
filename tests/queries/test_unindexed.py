"""The words that wait for the search index: prepared without the writer, kept once."""

from __future__ import annotations

from inbox.actions.index_search import index_search, keep_words
from inbox.queries.unindexed import unindexed
from inbox.rules.permissions import Actor
from tests.world import World

_SYSTEM = Actor.system()


async def test_a_reader_prepares_what_the_writer_keeps(world: World) -> None:
    await world.client_writes("Столы из дуба, заказ 4815")
    found = await world.read(unindexed, 500)
    assert found is not None
    assert [said for _, said in found.messages] == ["стол из дуб заказ 4815"]
    await world.write(keep_words, _SYSTEM, found)
    assert await world.read(unindexed, 500) is None


async def test_what_another_process_kept_meanwhile_is_not_kept_twice(world: World) -> None:
    await world.client_writes("Столы")
    found = await world.read(unindexed, 500)
    assert found is not None
    await world.client_writes("Стулья")
    assert await world.write(index_search, _SYSTEM) > found.facts
    await world.write(keep_words, _SYSTEM, found)
    assert await world.read(unindexed, 500) is None
