"""Saved reports over HTTP: kept from a page, opened, shared, changed, removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import insert

from inbox.models import AgentAccount
from tests.desk import Browser, Desk


async def save(who: Browser, report: str, name: str, **form: str) -> Any:
    """Save a report from its own page, the way a person does; returns what came back."""
    page = await who.get(report)
    form_page = await who.get(str(page.one("#report-tabs .keep").attributes["href"]))
    assert form_page.status == 200
    values = {
        field: str(form_page.one(f"form.form [name={field}]").attributes["value"] or "")
        for field in ("page", "choices")
    }
    chosen = form_page.one("select[name=period] option[selected]").attributes["value"]
    return await who.post("/reports/saved/new", {**values, "name": name, "period": str(chosen), **form})


def shown(text: str) -> list[tuple[str, ...]]:
    """The lines of the list without the last column, and where each leads."""
    rows = LexborHTMLParser(text).css("table.kept tbody tr")
    cells = [[" ".join(cell.text().split()) for cell in row.css("td")][:4] for row in rows]
    links = [str(row.css("a")[0].attributes["href"]) for row in rows]
    return [(*line, link) for line, link in zip(cells, links, strict=True)]


async def test_a_report_is_saved_opened_and_stays_relative(desk: Desk) -> None:
    boris = await desk.browser("Борис")
    assert "Сохранённых отчётов пока нет" in (await boris.get("/reports/saved")).text
    report = "/reports/workload?period=7&by=agent&channel=1"
    assert (await save(boris, report, " Нагрузка  за неделю ")).location == "/reports/saved"
    ((name, what, period, who, address),) = shown((await boris.get("/reports/saved")).text)
    assert (name, what, period, who) == ("Нагрузка за неделю", "Нагрузка", "Последние 7 дней", "только вы")
    for days, first in ((0, "2026-11-18"), (3, "2026-11-21")):
        desk.world.clock.moment += timedelta(days=days)
        page = await boris.get(address)
        assert page.one("input[name=from]").attributes["value"] == first
        assert page.words("header .measure a[aria-current]") == ["Сотрудник"]
        assert page.one("select[name=channel] option[selected]").attributes["value"] == "1"
    picture = await boris.get("/reports/saved/1/picture.png")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")
    # Another page carries the same days only: the form offers the period that they are.
    assert (await save(boris, "/reports/crossed?from=2026-11-23&to=2026-11-27&down=tag", "Теги")).status == 303
    lines = shown((await boris.get("/reports/saved")).text)
    assert [line[2] for line in lines] == ["Последние 7 дней", "23 нояб. 2026 – 27 нояб. 2026"]
    assert "down=tag" in lines[1][4]
    assert [event.details["name"] for event in await desk.events("report.saved")] == ["Нагрузка за неделю", "Теги"]


async def test_who_sees_a_saved_report_and_who_changes_it(desk: Desk) -> None:
    boris, vera = await desk.browser("Борис"), await desk.browser("Вера")
    await save(boris, "/reports/response?source=-", "Моё")
    await save(boris, "/reports/response?period=today", "Общее", shared="on")
    ((name, _, _, who, address),) = shown((await vera.get("/reports/saved")).text)
    assert (name, who) == ("Общее", "все; автор — Борис")
    assert address.startswith("/reports/response?period=today&measure=first")
    # Ids: 1 is his own, 2 is for everybody; an administrator keeps that one in order.
    assert (await vera.get("/reports/saved/1")).status == 404
    assert (await vera.post("/reports/saved/1/removal")).status == 404
    form = {"page": "response", "choices": "source=-", "period": "week", "name": "Общее дело", "shared": "on"}
    assert (await vera.post("/reports/saved/2", form)).status == 303
    assert (await save(vera, "/reports/people", "Люди", shared="on")).status == 303
    assert (await boris.get("/reports/saved/3")).status == 403
    assert (await boris.post("/reports/saved/3", form)).status == 403
    assert (await boris.post("/reports/saved/3/removal")).status == 403
    assert (await boris.post("/reports/saved/2/removal")).status == 303
    assert [line[0] for line in shown((await boris.get("/reports/saved")).text)] == ["Люди", "Моё"]
    assert (await boris.post("/reports/saved/2", form)).status == 404


async def test_a_wrong_form_is_refused_in_words(desk: Desk) -> None:
    boris = await desk.browser("Борис")
    good = {"page": "response", "choices": "hours=clock", "period": "7", "name": "Скорость"}
    assert (await boris.post("/reports/saved/new", good)).status == 303
    for wrong, words in (
        ({"name": " "}, "Напишите название отчёта."),
        ({"name": "СКОРОСТЬ"}, "У вас уже есть отчёт с таким названием."),
        ({"page": "settings", "name": "x"}, "Такого отчёта нет"),
        ({"period": "own", "choices": "from=2026-99-99&to=x", "name": "x"}, "Выберите дни"),
        ({"period": "own", "choices": "from=2026-11-02&to=2026-11-01", "name": "x"}, "период до 400 дней"),
    ):
        answer = await boris.post("/reports/saved/new", {**good, **wrong})
        assert (answer.status, words in answer.text) == (422, True), words
    for path in ("new", "new?page=../settings", "new?page=response&from=x&to=y", "x", "99999999999"):
        assert (await boris.get(f"/reports/saved/{path}")).status in (200, 404)


async def test_a_report_is_scheduled_and_the_page_says_what_is_missing(desk: Desk) -> None:
    boris, vera = await desk.browser("Борис"), await desk.browser("Вера")
    await save(boris, "/reports/response?period=week", "Неделя", shared="on")
    new = await boris.get("/reports/saved/1/schedules/new")
    assert "Почтовый ящик не подключён" in new.text
    assert "Попросите администратора" in new.text
    assert (await vera.get("/reports/saved/1/schedules/new")).tree.css("a[href='/settings/channels']")
    assert new.one("select[name=time_zone] option[selected]").text() == "Europe/Moscow"
    form = {"every": "week", "minute": "09:30", "weekday": "4", "day": "31", "time_zone": "Europe/Moscow"}
    for wrong, words in (
        ({}, "Выберите хотя бы одного человека"),
        ({"minute": "25:00", "agents": "1"}, "Напишите время"),
        ({"emails": "a@b.ru"}, "Письма уходят через почтовый ящик компании"),
    ):
        answer = await boris.post("/reports/saved/1/schedules/new", {**form, **wrong})
        assert (answer.status, words in answer.text) == (422, True), words
        assert answer.one("select[name=weekday] option[selected]").attributes["value"] == "4"
    number = desk.world.agents["Борис"]
    account = {"agent_id": number, "channel_id": desk.world.channel_id, "person": "7", "name": "Борис"}
    await desk.world.write(lambda tx: tx.execute(insert(AgentAccount), {**account, "linked_at": tx.now}))
    kept = await boris.post("/reports/saved/1/schedules/new", {**form, "agents": str(number)})
    assert kept.location == "/reports/saved/1/schedules/1"
    page = await boris.get(kept.location)
    assert "Следующий: 27 нояб. 2026, 09:30." in page.text
    assert page.one("input[name=minute]").attributes["value"] == "09:30"
    assert page.one("input[name=agents][checked]").attributes["value"] == str(number)
    assert "Каждую неделю: пятница, 09:30" in (await boris.get("/reports/saved")).text
    assert "Каждую неделю: пятница, 09:30" in (await boris.get("/reports/saved/1")).text
    assert (await boris.post(f"{kept.location}/trial")).location == f"{kept.location}#sent"
    assert "проба" in (await boris.get(kept.location)).text
    refused = await vera.post(f"{kept.location}/trial")
    assert (refused.status, "До вас пока не дойти" in refused.text) == (422, True)
    assert (await boris.get("/reports/saved/1/schedules/2")).status == 404
    assert (await boris.post(f"{kept.location}/removal")).location == "/reports/saved/1"
    assert "пятница" not in (await boris.get("/reports/saved")).text
