"""Targets on their settings page, in the queue and in the dialog."""

from __future__ import annotations

from sqlalchemy import select

from inbox.actions.sla import run_clocks
from inbox.models import SlaPolicy
from inbox.queries.event_log import facts_after
from inbox.queries.news import news
from inbox.rules.permissions import Actor
from tests.desk import Desk

FORM = {"name": "Реклама", "first_response_seconds": "5", "in_hours": "", "source_kind": "", "priority": ""}


async def names(desk: Desk) -> list[str]:
    rows = await desk.world.rows(
        select(SlaPolicy.name).where(SlaPolicy.removed_at.is_(None)).order_by(SlaPolicy.position)
    )
    return [row[0] for row in rows]


async def test_a_target_is_made_shown_in_words_changed_and_removed(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    assert (await vera.get("/settings/targets")).words("ol.policies li") == []
    made = await vera.post("/settings/targets/new", {**FORM, "source_kind": "ad", "pauses": "on"})
    assert (made.status, made.location) == (303, "/settings/targets")
    page = await vera.get("/settings/targets")
    (line,) = page.words("ol.policies li")
    assert "Первый ответ за 5 мин" in line
    assert "считаются все часы, пока диалог отложен, отсчёт стоит" in line
    assert "Реклама" in page.words("ol.policies .chip")
    key = (await desk.world.rows(select(SlaPolicy.id)))[0][0]
    form = await vera.get(f"/settings/targets/{key}")
    assert form.one("#first_response_seconds").attributes["value"] == "5"
    assert form.one("#source_kind option[selected]").attributes["value"] == "ad"
    await vera.post(f"/settings/targets/{key}", {**FORM, "name": "Все", "resolution_seconds": "24"})
    row = (await desk.world.rows(select(SlaPolicy.__table__)))[0]
    assert (row.name, row.resolution_seconds, row.source_kind, row.pauses) == ("Все", 86_400, None, False)
    assert (await vera.post(f"/settings/targets/{key}/removal")).status == 303
    assert (await vera.get(f"/settings/targets/{key}")).status == 404


async def test_targets_are_put_in_order(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    for name in ("А", "Б", "В"):
        await vera.post("/settings/targets/new", {**FORM, "name": name})
    last = (await desk.world.rows(select(SlaPolicy.id).where(SlaPolicy.name == "В")))[0][0]
    await vera.post(f"/settings/targets/{last}/order", {"to": "up"})
    assert await names(desk) == ["А", "В", "Б"]
    for _ in range(3):
        await vera.post(f"/settings/targets/{last}/order", {"to": "down"})
    assert await names(desk) == ["А", "Б", "В"]


async def test_mistakes_stand_at_their_fields(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    answer = await vera.post("/settings/targets/new", {**FORM, "first_response_seconds": "скоро"})
    assert answer.status == 422
    assert answer.one("#first_response_seconds").attributes["aria-invalid"] == "true"
    answer = await vera.post("/settings/targets/new", {**FORM, "name": "", "first_response_seconds": ""})
    assert [answer.one(name).attributes["aria-invalid"] for name in ("#name", "#first_response_seconds")] == [
        "true"
    ] * 2
    assert (await vera.post("/settings/targets/new", {**FORM, "channel_id": "x"})).status == 404
    assert (await vera.post("/settings/targets/new", {**FORM, "channel_id": "99"})).status == 422


async def test_the_queue_and_the_dialog_count_down_and_are_sorted_by_the_deadline(desk: Desk) -> None:
    vera, anna = await desk.browser("Вера"), await desk.browser("Анна")
    waits = await desk.world.conversation_of(await desk.world.client_writes(address="oleg"))
    desk.world.clock.advance(minutes=1)
    await vera.post("/settings/targets/new", {**FORM, "priority": "urgent"})
    urgent = await desk.world.conversation_of(await desk.world.client_writes())
    assert (await anna.post(f"/conversations/{urgent}/priority", {"priority": "urgent"})).status == 303
    desk.world.clock.advance(minutes=2)
    later = await desk.world.conversation_of(await desk.world.client_writes(address="zoya"))
    await anna.post(f"/conversations/{later}/priority", {"priority": "urgent"})
    queue = await anna.get("/inbox/waiting?order=deadline")
    order = [node.attributes["id"] for node in queue.tree.css("#rows > li")]
    assert order == [f"row-{urgent}", f"row-{later}", f"row-{waits}"]
    assert queue.words(f"#row-{urgent} .due-words") == ["3 мин"]
    assert queue.words(f"#row-{urgent} .priority") == ["Срочно"]
    assert queue.words(f"#row-{waits} .due") == []
    assert "Сначала ближайший срок" in queue.words(".queue-list .part a")[0]
    dialog = await anna.get(f"/conversations/{urgent}")
    assert dialog.words("#dialog-head .due") == ["Первый ответ: 3 мин"]
    desk.world.clock.advance(minutes=4)
    await desk.world.write(run_clocks, Actor.system())
    dialog = await anna.get(f"/conversations/{urgent}")
    assert dialog.words("#dialog-head .due.late") == ["Первый ответ: −1 мин"]
    assert "Срок прошёл: Первый ответ за 5 мин" in dialog.words(".act")[-1]
    assert (await anna.post(f"/conversations/{urgent}/priority", {"priority": "mars"})).status == 422


async def test_who_hears_of_a_deadline(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    await vera.post("/settings/targets/new", {**FORM, "first_response_seconds": "10"})
    await desk.world.online("Анна")
    await desk.world.client_writes("Сколько стоит?")
    heard = []
    actors = [desk.world.actor(name) for name in ("Анна", "Глеб", "Борис")]
    cursor = 0
    for minutes in (5, 3, 2):
        desk.world.clock.advance(minutes=minutes)
        await desk.world.write(run_clocks, Actor.system())
        facts = await desk.world.read(facts_after, cursor, 100)
        cursor = facts[-1].id
        told = await desk.world.read(news, actors, [fact for fact in facts if fact.kind.value.startswith("sla")])
        heard.append({key: [item.kind.value for item in items] for key, items in told.items()})
    anna, boris = desk.world.agents["Анна"], desk.world.agents["Борис"]
    assert heard == [{}, {anna: ["sla.warned"]}, {anna: ["sla.breached"], boris: ["sla.breached"]}]
