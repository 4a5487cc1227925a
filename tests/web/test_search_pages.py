"""What was found leads to its place, and a text in the other layout is only named when it found something."""

from __future__ import annotations

from inbox.actions.index_search import index_search
from inbox.rules.permissions import Actor
from tests.desk import Desk


async def test_a_found_message_leads_to_itself(desk: Desk) -> None:
    await desk.world.client_writes("Нужен стол из дуба")
    await desk.world.write(index_search, Actor.system())
    anna = await desk.browser("Анна")
    found = (await anna.get("/search?q=столы")).one("a[data-conversation]")
    assert found.attributes["href"].startswith("/conversations/1#m-")
    mistaken = await anna.get("/search?q=cnjk")
    assert mistaken.one("a[data-conversation]").attributes["href"] == found.attributes["href"]
    assert "«стол»" in mistaken.text
    assert "«rhjrjlbk»" not in (await anna.get("/search?q=крокодил")).text
