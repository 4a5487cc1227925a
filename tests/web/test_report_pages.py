"""The pages and files of the reports over HTTP."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from connectors.contract import Profile, Referral
from inbox.actions.judge import judge
from inbox.models import Event
from inbox.web.report_exports import DIALOG_HEADINGS, TURN_HEADINGS
from tests.desk import Desk

NAME = "=cmd|calc"


async def dialogs(desk: Desk) -> None:

    for number in range(3):
        message = await desk.world.client_writes(
            address=f"a{number}", profile=Profile(name=NAME if number else "Марина")
        )
        desk.world.clock.advance(minutes=1 + number)
        await desk.world.agent_replies(await desk.world.conversation_of(message))
    await desk.world.client_writes(address="a0")


@pytest.mark.parametrize(
    "path",
    [
        "/reports/response",
        "/reports/people?period=today",
        "/reports/sales?period=7&source=-",
        "/reports/response?hours=shift&whose=agent&since=last&ours=without",
        "/reports/crossed?down=hour&across=weekday&show=share",
        "/reports/crossed?down=tag&across=tag&show=nonsense",
        "/reports/crossed?down=nonsense&across=source&show=total&measure=next&hours=business",
        "/reports/workload",
        "/reports/workload?by=nonsense&period=today&source=-",
        "/reports/workload?by=tag&tag=0&team=0&agent=0",
        "/reports/workload/dialogs?figure=nonsense&before=x",
        "/reports/sales/outcomes?period=today",
        "/reports/response/turns?ending=nonsense",
        "/reports/sales?verdict=nonsense",
        "/reports/response/turns?weekday=1&hour=12",
        "/reports/response/turns?weekday=99&hour=-1&tag=x&source=-",
    ],
)
async def test_pages_open_with_and_without_dialogs(desk: Desk, path: str) -> None:
    boris = await desk.browser("Борис")
    assert (await boris.get(path)).status == 200
    await dialogs(desk)
    assert (await boris.get(path)).status == 200


async def test_the_form_with_all_sources_narrows_nothing(desk: Desk) -> None:
    await dialogs(desk)
    boris = await desk.browser("Борис")
    page = await boris.get("/reports/response?period=today&source=&channel=&agent=")
    assert page.words("#define .fig") != []
    assert "Ожидания: 3" in page.words("#define")[0]
    known = LexborHTMLParser((await boris.get("/reports/response/turns?period=today&source=-")).text)
    assert len(known.css("tbody tr")) == 3


async def test_sources_are_called_as_people_call_them(desk: Desk) -> None:
    await desk.world.client_writes(referral=Referral(source="yandex", medium="cpc"))
    await desk.world.agent_replies(1)
    await desk.world.write(judge, desk.world.actor("Анна"), 1, "target")
    boris = await desk.browser("Борис")
    pages = (
        "/reports/response?period=today",
        "/reports/workload?by=source",
        "/reports/crossed?down=source&across=agent",
        "/reports/sales?period=today",
    )
    for path in pages:
        page = await boris.get(path)
        assert "Яндекс" in page.words("tbody td"), path
        assert "Яндекс" in page.words("#filters [name=source] option[value=yandex]"), path
    assert "Яндекс" in (await boris.get("/inbox/all")).words("#filter-menu option[value=yandex]")


async def test_waits_as_csv(desk: Desk) -> None:
    await dialogs(desk)
    answer = await (await desk.browser("Борис")).get("/reports/response/turns.csv?period=today&measure=first")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows[0]) == len(TURN_HEADINGS)
    assert [row[1] for row in rows[1:]] == [f"'{NAME}", f"'{NAME}", "Марина"]
    assert [row[9] for row in rows[1:]] == ["180", "120", "60"]
    facts = await desk.world.rows(select(Event.details).where(Event.kind == "report.exported"))
    assert [fact[0]["what"] for fact in facts] == ["turns.csv"]


async def test_workload_as_csv(desk: Desk) -> None:
    await dialogs(desk)
    boris = await desk.browser("Борис")
    answer = await boris.get("/reports/workload/table.csv?period=today&by=agent")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0] == [
        "Сотрудник",
        "Новые",
        "Ожидания с ответом",
        "Закрыто диалогов",
        "Открыто снова",
        "Ожидания без ответа",
    ]
    assert rows[1:] == [["Анна", "3", "3", "0", "0", "1"]]
    assert (await boris.get("/reports/workload/table.xlsx?period=today")).status == 200
    assert (await boris.get("/reports/workload/table.exe")).status == 404
    assert (await (await desk.browser("Анна")).get("/reports/workload/table.csv")).status == 403


async def test_sales_without_verdicts_say_what_they_show(desk: Desk) -> None:
    await dialogs(desk)
    boris = await desk.browser("Борис")
    page = await boris.get("/reports/sales?period=today")
    asked = await boris.get(str(page.one("#sales").attributes["hx-get"]))
    assert asked.words("#define")[0].startswith("Показано по тому, чем закончились диалоги")
    anna = await desk.browser("Анна")
    await anna.post("/conversations/1/verdict", {"verdict": "target"})
    page = await boris.get("/reports/sales?period=today")
    assert page.words("#define")[0].startswith("Показано по вердиктам.")


async def test_dialogs_as_a_sheet(desk: Desk) -> None:
    await dialogs(desk)
    boris = await desk.browser("Борис")
    async with boris.http.get(f"{boris.base}/reports/response/dialogs.xlsx?period=today&measure=next") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
        book = zipfile.ZipFile(io.BytesIO(await answer.read()))
    sheet = LexborHTMLParser(book.read("xl/worksheets/sheet1.xml").decode())
    assert len(sheet.css("row")) == 4
    # A name is text, never a formula, whatever it begins with.
    assert sheet.css("f") == []
    assert len(sheet.css("row")[0].css("c")) == len(DIALOG_HEADINGS)


@pytest.mark.parametrize("path", ["/reports/response/turns.exe", "/reports/response/dialogs.html"])
async def test_other_files_are_not_there(desk: Desk, path: str) -> None:
    assert (await (await desk.browser("Борис")).get(path)).status == 404


async def test_agents_export_nothing(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    assert (await anna.get("/reports/response/turns.csv")).status == 403
