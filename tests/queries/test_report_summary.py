"""A report on one sheet: the numbers in its text and picture are those of its page."""

from __future__ import annotations

import io
import string
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageFont

from connectors.contract import Profile
from inbox.queries.report_people import people
from inbox.queries.report_sales import sales
from inbox.queries.report_summary import Summary, report_summary
from inbox.queries.report_workload import workload
from inbox.queries.reports import response_report
from inbox.report_address import report_filter
from inbox.report_picture import WIDTH, draw, draw_picture
from inbox.report_words import ReportWords
from inbox.rules.saved_reports import PAGES
from inbox.rules.splitting import utf16_units
from inbox.runtime.languages import language
from tests.world import START, World, open_world, sqlite_url

TODAY = date(2026, 11, 24)
# Everything that the Russian and English screens, names and figures are written with.
LETTERS = (
    string.ascii_letters + string.digits + "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґқәң%№₽€$—–«»…×≈↑↓·•-+,.:;()/&#@!?’"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Yesterday two answers, today four and a client who waits."""
    world = await open_world(sqlite_url(tmp_path_factory.mktemp("summary")))
    world.clock.moment = START - timedelta(days=1)
    for number in range(7):
        message = await world.client_writes(address=f"a{number}", profile=Profile(name=f"Клиент {number}"))
        world.clock.advance(minutes=1 + number)
        if number < 6:
            await world.agent_replies(await world.conversation_of(message), name=("Анна", "Глеб")[number % 2])
        if number == 1:
            world.clock.moment = START
    yield world
    await world.database.close()


async def sheet(world: World, page: str, code: str = "ru", **choices: str) -> ReportWords:
    """The sheet of a report, in words."""
    wanted = report_filter(choices, TODAY)
    found = await world.read(report_summary, world.actor("Борис"), page, wanted, choices)
    return ReportWords(language(code), "Скорость", found, world.clock.now(), "Europe/Moscow")


@pytest.mark.asyncio(loop_scope="module")
async def test_the_text_tells_the_numbers_of_the_page(office: World) -> None:
    words = await sheet(office, "response", period="today", hours="business")
    report = await office.read(
        response_report, office.actor("Борис"), report_filter({"period": "today", "hours": "business"}, TODAY)
    )
    now, before, say = report.overall, report.before, language("ru")
    assert now.p50 is not None
    assert before.p50 is not None
    assert now.share is not None
    assert before.share is not None
    assert words.number_lines() == [
        f"p50 · половина: {say.duration(now.p50)} (было: {say.duration(before.p50)})",
        f"p90 · 9 из 10: {'никогда' if now.p90 is None else say.duration(now.p90)} (было: {say.duration(before.p90 or 0)})",
        f"Уложились в 5\u00a0мин: {say.percent(now.share)} (было: {say.percent(before.share)})",
        f"Ожидания: {now.total + now.waiting} (было: {before.total + before.waiting})",
    ]
    assert (now.total + now.waiting, before.total + before.waiting) == (5, 2)
    moods = [(tile.change[:1], tile.mood) for tile in words.sheet().tiles]
    assert now.p50 > before.p50
    assert now.share < before.share
    assert moods == [("↑", "worse"), ("↑", "worse"), ("↓", "worse"), ("↑", "")]
    assert words.table_lines()[0].startswith(f"{report.agents[0].label} — Ожидания {report.agents[0].total}, p50 ")
    text = words.caption(1024, "utf16")
    assert text.startswith("Скорость\n24 нояб. 2026 · Первый ответ\n\n• p50")
    assert "В рабочих часах." in words.note()
    assert words.letter("https://x.example/a").endswith("Открыть отчёт: https://x.example/a")
    html = words.letter_html("https://x.example/?a=1&b=2", "pic")
    assert 'href="https://x.example/?a=1&amp;b=2"' in html
    assert 'src="cid:pic"' in html


@pytest.mark.asyncio(loop_scope="module")
async def test_other_pages_tell_theirs(office: World) -> None:
    actor, wanted = office.actor("Борис"), report_filter({"period": "7"}, TODAY)
    work = await office.read(workload, actor, wanted, "agent")
    words = await sheet(office, "workload", period="7", by="channel")
    assert [number.value for number in words.summary.numbers] == [
        work.whole.numbers[kind] for kind in ("new", "answered", "resolved", "unanswered")
    ]
    assert sum(bar.total for bar in words.summary.bars) == work.whole.numbers["new"]
    assert words.table_lines() == ["CRM — Новые 7, Ожидания с ответом 6, Закрыто диалогов 0, Ожидания без ответа 1"]
    staff = await office.read(people, actor, wanted)
    words = await sheet(office, "people", period="7")
    assert [number.value for number in words.summary.numbers][:3] == [sum(one.waits for one in staff), 0, 0]
    cost = await office.read(sales, actor, wanted, "ending")
    words = await sheet(office, "sales", period="7")
    assert words.summary.numbers[-1].value == (cost.fast + cost.slow).total
    words = await sheet(office, "crossed", code="en", period="7", down="weekday")
    assert [line.partition(" — ")[0] for line in words.table_lines()] == ["Monday", "Tuesday"]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_picture_is_a_picture(office: World) -> None:
    for number, page in enumerate(PAGES):
        code, period = (("ru", "7"), ("en", "today"))[number % 2]
        words = await sheet(office, page, code, period=period)
        png = await draw_picture(words.sheet())
        with Image.open(io.BytesIO(png)) as image:
            assert image.format == "PNG"
            assert image.size == (WIDTH, words.sheet().height)
            colours = image.getcolors(1 << 20)
        assert colours is not None
        # Mostly paper, but with much on it.
        assert 0.5 < max(count for count, _ in colours) / (image.width * image.height) < 0.99, page
        assert len(png) < 300_000


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_to_show_and_far_too_much_are_drawn(office: World) -> None:
    words = await sheet(office, "response", period="yesterday", source="nobody")
    assert [tile.value for tile in words.sheet().tiles] == ["—", "—", "—", "0"]
    assert Image.open(io.BytesIO(draw(words.sheet()))).size[0] == WIDTH
    line = words.summary.lines[:1] or (await sheet(office, "response", period="today")).summary.lines[:1]
    long = replace(line[0], label="🔥" + "Ы\u202e" * 5000)
    crowded: Summary = replace(words.summary, lines=(long,) * 10, company="Ю" * 5000)
    large = replace(words, summary=crowded, name="Ж" * 3000)
    assert Image.open(io.BytesIO(draw(large.sheet()))).size[0] == WIDTH
    assert utf16_units(large.caption(1024, "utf16")) <= 1024


def test_the_font_has_every_letter_that_we_write() -> None:
    folder = Path(__file__).parents[2] / "inbox/fonts"
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        font = ImageFont.truetype(str(folder / name), 20)
        unknown = bytes(font.getmask("\uabcd"))
        letters = LETTERS + LETTERS.upper()
        assert [sign for sign in letters if bytes(font.getmask(sign)) == unknown] == []
