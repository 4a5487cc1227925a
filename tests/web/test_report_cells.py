"""Every figure of every report page opens the dialogs that it counts, no more and no fewer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborNode
from sqlalchemy import update

from connectors.contract import Referral
from inbox.actions.assign import assign
from inbox.actions.judge import judge
from inbox.actions.resolve import dismiss, resolve
from inbox.actions.tag import tag_by_name
from inbox.models import Agent, Conversation
from tests.desk import Answer, Browser, Desk
from tests.world import World

PAGES = (
    "/reports/response?",
    "/reports/response?measure=next&",
    "/reports/response?hours=business&whose=agent&since=last&",
    "/reports/response/hours?",
    "/reports/people?",
    "/reports/sales?",
    "/reports/sales/outcomes?",
    *(f"/reports/crossed?down=agent&across=source&show={show}&" for show in ("p50", "p90", "share", "total")),
    "/reports/crossed?down=tag&across=hour&tag=1&",
    "/reports/crossed?down=weekday&across=team&measure=next&",
    *(f"/reports/workload?by={by}&" for by in ("day", "agent", "channel", "source", "tag", "team")),
)
# Time at the screen is not made of dialogs.
TIMES = ("На месте", "из них на связи")


async def live(world: World) -> None:
    """Quick and late, first and next waits: answered, never, dismissed, still open; verdicts, tags, ratings, hand-overs."""
    anna, boris = world.actor("Анна"), world.actor("Борис")

    async def dialog(address: str, minutes: float | None, name: str = "Анна", source: str = "") -> int:
        referral = Referral(source=source) if source else None
        found = await world.conversation_of(await world.client_writes(address=address, referral=referral))
        if minutes is not None:
            world.clock.advance(minutes=minutes)
            await world.agent_replies(found, name=name)
        return found

    lead = await dialog("lead", 1, source="yandex")
    await world.write(judge, anna, lead, "target")
    late = await dialog("late", 12, "Глеб", source="yandex")
    await world.write(judge, anna, late, "other")
    slow = await dialog("slow", 45)
    await world.write(judge, anna, slow, "target")
    # Five minutes and a second are late: the target is five minutes.
    await dialog("edge", 5 + 1 / 60)
    for name in ("VIP", "опт"):
        await world.write(tag_by_name, anna, lead, name)
    await world.write(tag_by_name, anna, late, "опт")
    await world.write(assign, boris, late, world.agents["Анна"])
    await world.write(assign, boris, late, world.agents["Глеб"])
    for conversation_id, rating in ((lead, 5), (slow, 2)):
        await world.write(resolve, anna, conversation_id)
        await world.write(lambda tx, *key: tx.execute(rated(*key)), conversation_id, rating, world.clock.now())
    # Reopened, answered once more, and asked again.
    await dialog("lead", 2)
    await dialog("lead", None)
    lost = await dialog("lost", None)
    world.clock.advance(minutes=3)
    await world.write(resolve, anna, lost)
    await world.write(judge, anna, lost, "other")
    await world.write(dismiss, anna, await dialog("thanks", None), "")
    await dialog("waits long", None)
    world.clock.advance(minutes=7)
    await dialog("waits", None)


def rated(conversation_id: int, rating: int, moment: object) -> object:
    return update(Conversation).where(Conversation.id == conversation_id).values(rating=rating, rated_at=moment)


def count_of(link: LexborNode) -> int:
    """How much a figure says it counts: at the head of its title, else in its text."""
    told = str(link.attributes.get("title") or link.text()).split(":00: ")[-1]
    found = re.match(r"\d+", "".join(told.split()))
    assert found is not None, link.html
    return int(found[0])


def cells(page: Answer) -> Iterator[LexborNode]:
    """Where figures stand: the tables without the names of their lines and times, the big ones, those of the definition."""
    for table in page.tree.css("table"):
        heads = [" ".join(head.text().split()) for head in table.css("thead th")]
        for row in table.css("tbody tr"):
            named = heads if len(row.css("td, th")) == len(heads) else [""] * 9
            yield from (
                cell for cell, head in list(zip(row.css("td, th"), named, strict=False))[1:] if head not in TIMES
            )
    yield from page.tree.css(".big dd > .fig, .big .delta .fig, #define .fig")


async def behind(who: Browser, address: str) -> int:
    page = await who.get(address)
    assert page.status == 200, address
    rows = len(page.tree.css("tbody tr"))
    assert not page.tree.css(".total") or count_of(page.one(".total")) == rows, address
    return rows


@pytest.mark.timeout(120)
async def test_every_figure_opens_what_it_counts(desk: Desk) -> None:
    await live(desk.world)
    boris = await desk.browser("Борис")
    opened: dict[str, int] = {}
    for path in PAGES:
        page = await boris.get(f"{path}period=today")
        links = 0
        for cell in cells(page):
            found = [cell] if cell.tag == "a" else cell.css("a")
            text = " ".join(cell.text().split())
            assert found or not re.search(r"[1-9]", text), f"{path}: {text!r} opens nothing"
            for link in found:
                address = str(link.attributes["href"])
                if address not in opened:
                    opened[address] = await behind(boris, address)
                assert opened[address] == count_of(link) > 0, f"{path}: {text!r} {address}"
            links += len(found)
        assert links > 1, path
        if "response?" in path:
            for mark in page.tree.css(".chart a"):
                title = mark.css_first("title").text().split(": ")[1]
                assert await behind(boris, str(mark.attributes["href"])) == int(title.split()[0])


async def test_every_figure_says_how_it_is_counted(desk: Desk) -> None:
    await live(desk.world)
    boris = await desk.browser("Борис")
    told: dict[str, list[str]] = {}
    for language in ("ru", "en"):
        await desk.world.write(lambda tx, code: tx.execute(update(Agent).values(language=code)), language)
        for path in ("response?", "people?", "sales?", "sales/outcomes?", "crossed?", "workload?"):
            page = await boris.get(f"/reports/{path}period=today")
            heads = page.tree.css(
                ".table:not(.crossed) th[scope=col]:not(:first-child), .big > div, .crossed, .buckets"
            )
            assert heads
            for head in heads:
                ours = page.one(f"#{head.attributes.get('aria-describedby')}").css_first("dd") or page.one("#define")
                assert len(ours.text()) > 20
                told.setdefault(f"{language} {path}", []).append(ours.text())
    for place, words in told.items():
        other = told[place.replace("ru ", "en ")]
        assert len(words) == len(other)
        assert place.startswith("en ") or not set(words) & set(other), place
