"""Target leads by the time of the first answer: verdicts count from the moment they are given, also for rolled days."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from connectors.contract import Referral
from inbox.actions.judge import judge
from inbox.actions.resolve import resolve
from inbox.models import Conversation
from inbox.queries.contact_card import contact_card
from inbox.queries.report_filter import ENDINGS, ReportFilter
from inbox.queries.report_sales import Sales, sales
from inbox.queries.report_turns import report_turns
from inbox.rules.errors import Invalid
from inbox.rules.verdicts import Yield
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases
TODAY = date(2026, 11, 24)
WANTED = ReportFilter(TODAY, TODAY)


async def shown(world: World) -> Sales:
    return await world.read(sales, world.actor("Борис"), WANTED)


async def dialog(world: World, address: str, minutes: float, source: str, verdict: str | None) -> int:
    referral = Referral(source=source) if source else None
    conversation_id = await world.conversation_of(await world.client_writes(address=address, referral=referral))
    world.clock.advance(minutes=minutes)
    await world.agent_replies(conversation_id)
    if verdict:
        await world.write(judge, world.actor("Анна"), conversation_id, verdict)
    return conversation_id


async def test_what_slow_answers_cost(world: World) -> None:
    # Within five minutes: two of two are target leads. Later: one of three. Two more would have come.
    await dialog(world, "a", 0.2, "yandex", "target")
    await dialog(world, "b", 4, "yandex", "target")
    await dialog(world, "c", 6, "yandex", "other")
    await dialog(world, "d", 7, "", "target")
    await dialog(world, "e", 90, "", "other")
    await dialog(world, "f", 1, "", None)
    ignored = await world.conversation_of(await world.client_writes(address="g"))
    await world.write(resolve, world.actor("Анна"), ignored)
    found = await shown(world)
    assert (found.fast, found.slow, found.lost) == (Yield(3, 2, 2), Yield(4, 3, 1), 2)
    assert [row.found.total for row in found.stretches] == [1, 1, 1, 2, 0, 0, 1, 1]
    assert [row.found.target for row in found.stretches] == [1, 0, 1, 1, 0, 0, 0, 0]
    by_name = {line.name: line for line in found.sources}
    assert (by_name["yandex"].fast, by_name["yandex"].slow, by_name["yandex"].lost) == (
        Yield(2, 2, 2),
        Yield(1, 1, 0),
        1,
    )
    assert by_name[""].lost is None
    behind = ReportFilter(TODAY, TODAY, verdict="target", source="yandex")
    assert len(await world.read(report_turns, world.actor("Борис"), behind)) == 2


async def test_a_verdict_given_late_changes_the_rolled_day(world: World) -> None:
    conversation_id = await dialog(world, "a", 1, "yandex", None)
    world.clock.advance(days=2)
    await world.roll_up()
    assert (await shown(world)).fast == Yield(1, 0, 0)
    await world.write(judge, world.actor("Глеб"), conversation_id, "target", "  хочет кухню ")
    assert (await shown(world)).fast == Yield(1, 1, 1)
    await world.roll_up()
    assert (await shown(world)).fast == Yield(1, 1, 1)
    card = await world.read(contact_card, world.actor("Глеб"), conversation_id)
    assert (card.verdict, card.verdict_reason) == ("target", "хочет кухню")
    await world.write(judge, world.actor("Глеб"), conversation_id, None, "уже неважно")
    assert (await shown(world)).fast == Yield(1, 0, 0)
    kept = await world.rows(select(Conversation.verdict, Conversation.verdict_reason))
    assert tuple(kept[0]) == (None, None)


async def test_other_words_are_refused(world: World) -> None:
    conversation_id = await dialog(world, "a", 1, "", None)
    with pytest.raises(Invalid):
        await world.write(judge, world.actor("Анна"), conversation_id, "perhaps")


async def test_without_verdicts_the_endings_say_it(world: World) -> None:
    # Quick: one answered and resolved, one goes on. Late: one resolved, one whose next wait nobody answered; one never.
    anna = world.actor("Анна")
    quick = await dialog(world, "a", 1, "yandex", None)
    await world.write(resolve, anna, quick)
    await dialog(world, "b", 2, "yandex", None)
    late = await dialog(world, "c", 10, "yandex", None)
    await world.write(resolve, anna, late)
    left = await dialog(world, "d", 12, "", None)
    await world.client_writes(address="d")
    await world.write(resolve, anna, left)
    never = await world.conversation_of(await world.client_writes(address="e"))
    await world.write(resolve, anna, never)
    world.clock.advance(days=2)
    await world.roll_up()
    assert (await shown(world)).judged == 0
    found = await world.read(sales, world.actor("Борис"), WANTED, "ending")
    # One of one quick ones came to a good end, one of three late ones: two more would have.
    assert (found.by, found.fast, found.slow, found.lost) == ("ending", Yield(2, 1, 1), Yield(3, 3, 1), 2)
    behind = {
        ending: {line.conversation_id for line in await world.read(report_turns, world.actor("Борис"), wanted)}
        for ending, wanted in ((ending, ReportFilter(TODAY, TODAY, ending=ending)) for ending in ENDINGS)
    }
    assert behind["answered"] == {quick, late}
    assert behind["lost"] == {left, never}
    assert len(behind["open"]) == 1
