"""Every figure of the wallboard opens what it counts."""

from __future__ import annotations

import re

from inbox.actions.assign import assign
from inbox.actions.resolve import dismiss, resolve
from tests.desk import Answer, Desk
from tests.world import World


async def live(world: World) -> None:
    """Within the hour four waits that count, before it one; five open dialogs, three wait, one of them in time."""
    anna, boris = world.actor("Анна"), world.actor("Борис")

    async def dialog(address: str, name: str = "") -> int:
        found = await world.conversation_of(await world.client_writes(address=address))
        if name:
            await world.write(assign, boris, found, world.agents[name])
        return found

    await dialog("before", "Анна")
    world.clock.advance(minutes=50)
    await dialog("late", "Глеб")
    world.clock.advance(minutes=12)
    await world.agent_replies(await dialog("quick"))
    await world.write(resolve, anna, await dialog("lost"))
    await world.write(dismiss, anna, await dialog("thanks"), "")
    await dialog("waits", "Глеб")


def listed(page: Answer) -> int:
    return len(page.tree.css("main tbody tr, .queue a.row"))


async def test_every_figure_opens_what_it_counts(desk: Desk) -> None:
    await live(desk.world)
    boris = await desk.browser("Борис")
    links = (await boris.get("/wallboard")).tree.css("#board a.fig")
    told: dict[str, list[int]] = {}
    for link in links:
        found = re.search(r"\d+", link.text())
        assert found is not None
        told.setdefault(str(link.attributes["href"]), []).append(int(found[0]))
    # The longest wait leads to its dialog, and a length to the waits that it is of.
    assert told.pop("/conversations/1") == [1]
    assert told["/wallboard/hour"].pop() == 4
    told["/wallboard/hour"] = [4]
    assert len(told) == 9
    for address, numbers in told.items():
        assert numbers == [listed(await boris.get(address))], address
