"""Saved reports go out by their schedules: to a fake Telegram and a real SMTP server, once each, whatever fails."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from sqlalchemy import insert, select, update

from connectors.console_events import ConsoleLinked, ConsolePerson
from connectors.contract import Profile
from inbox.actions.agent_accounts import begin_link
from inbox.actions.agents import deactivate
from inbox.actions.console_receive import receive_console_event
from inbox.actions.report_deliveries import begin_report, claim_reports, owe_reports
from inbox.actions.report_schedules import ScheduleDraft, ask_trial, remove_schedule, save_schedule
from inbox.actions.saved_reports import ReportDraft, save_report
from inbox.channel_work import locked_config
from inbox.equipment import Equipment
from inbox.models import Agent, Channel, Event, ReportDelivery, ReportSchedule
from inbox.queries.report_schedules import report_schedules, sent_reports
from inbox.queries.reports import response_report
from inbox.report_address import report_filter
from inbox.report_picture import WIDTH
from inbox.rules.errors import Invalid, NotAllowed
from inbox.rules.permissions import Actor
from inbox.rules.splitting import utf16_units
from inbox.runtime.blobs import Blobs
from inbox.runtime.languages import language
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault, hash_token
from inbox.send_reports import ReportSender
from inbox.settings import Settings
from inbox.take_in import Intake
from inbox.worker import Worker
from tests.faults.office import show_no_typing
from tests.platforms.loopback import Answer
from tests.platforms.mail import MailHouse
from tests.platforms.telegram import TOKEN, BotApi
from tests.platforms.telegram_chats import Person
from tests.servers_fixtures import both_databases
from tests.world import World

SYSTEM = Actor.system()
OWNER = "owner@example.com"


@dataclass
class Post:
    """The sender over both platforms, Борис linked to the messenger, and his report of the last seven days."""

    world: World
    api: BotApi
    house: MailHouse
    equipment: Equipment
    sender: ReportSender
    boris: Person
    mailbox: int
    report: int

    async def schedule(self, *, agent: str = "Борис", emails: tuple[str, ...] = (OWNER,), **more: Any) -> int:
        """Every day at 9:00 of Moscow, to the agent and by e-mail; returns its id."""
        draft = ScheduleDraft(
            "day", 540, time_zone="Europe/Moscow", agents=[self.world.agents[agent]] if agent else [], emails=emails,
            channel_id=self.mailbox, **more,
        )  # fmt: skip
        return int(await self.world.write(save_schedule, self.world.actor("Борис"), self.report, None, draft))

    async def states(self) -> list[tuple[str, str]]:
        """Where each delivery stands, and why."""
        rows = await self.world.rows(select(ReportDelivery.state, ReportDelivery.error).order_by(ReportDelivery.id))
        return [(row.state, row.error or "") for row in rows]

    def captions(self) -> list[str]:
        """What Борис got in the messenger, without the greeting."""
        return self.api.texts(self.boris.id)

    async def tomorrow(self, hour: int = 6, minute: int = 0) -> None:
        """The clock moves to an hour (UTC) of the next day, and the worker comes by twice."""
        self.world.clock.moment = (self.world.clock.moment + timedelta(days=1)).replace(hour=hour, minute=minute)
        for _ in range(2):
            await self.sender.send_due()


def add_channels(vault: Vault, api: BotApi, house: MailHouse) -> Any:
    """A bot and a mailbox."""

    def add(tx: Any) -> list[int]:
        kinds = (("telegram", {"token": TOKEN, "base_url": api.url}), ("email", house.config()))
        values = [
            {"kind": kind, "name": kind, "token": kind, "config": locked_config(vault, kind, config)}
            for kind, config in kinds
        ]
        return [
            int(tx.execute(insert(Channel), {**row, "created_at": tx.now}).inserted_primary_key[0]) for row in values
        ]

    return add


@pytest_asyncio.fixture
async def post(world: World, tmp_path: Path) -> AsyncIterator[Post]:
    """Two answers yesterday and one today; nothing is scheduled yet."""
    api, vault, net = BotApi(), Vault.open("test", tmp_path), GuardedNet(allow_private=True)
    await net.open()
    async with api.run(), MailHouse().run() as house:
        bot, mailbox = await world.write(add_channels(vault, api, house))
        settings = Settings(data_dir=tmp_path, public_url="https://inbox.example.com")
        equipment = Equipment(world.database, world.bus, world.clock, net, vault, Blobs(tmp_path / "files"), settings)
        boris = api.person("Борис")
        await world.write(begin_link, world.actor("Борис"), bot, hash_token("b"))
        linked = ConsoleLinked(ConsolePerson(str(boris.id), "Борис"), "b")
        await world.write(receive_console_event, Actor.channel(bot), bot, linked)
        for number in range(3):
            message = await world.client_writes(address=f"a{number}", profile=Profile(name="Марина"))
            world.clock.advance(minutes=2 + 4 * number)
            await world.agent_replies(await world.conversation_of(message))
        draft = ReportDraft("Скорость за неделю", "response", {"period": "7", "hours": "clock"})
        report = await world.write(save_report, world.actor("Борис"), draft)
        yield Post(world, api, house, equipment, ReportSender(equipment), boris, mailbox, report)
    await net.close()


def check_picture(png: bytes) -> None:
    """It opens, has its size, and shows something."""
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.width) == ("PNG", WIDTH)
        colours = image.getcolors(1 << 20)
    assert colours is not None
    assert len(colours) > 50


@both_databases
async def test_it_arrives_once_in_both_places_with_the_numbers_of_the_page(world: World, post: Post) -> None:
    await post.schedule()
    await post.sender.send_due()
    assert await post.states() == []
    await post.tomorrow(hour=5, minute=59)
    assert await post.states() == []
    world.clock.advance(minutes=1)
    for _ in range(3):
        await post.sender.send_due()
    assert await post.states() == [("sent", ""), ("sent", "")]
    wanted = report_filter({"period": "7"}, world.clock.now().date())
    report = await world.read(response_report, world.actor("Борис"), wanted)
    (caption,) = post.captions()
    (letter,) = post.house.sent
    assert letter.recipients == [OWNER]
    text = letter.mail.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]
    say = language("ru")
    assert report.overall.p50 is not None
    for numbers in (caption, text):
        assert numbers.startswith("Скорость за неделю\n19 нояб. 2026 – 25 нояб. 2026 · Первый ответ\n\n")
        assert f"• p50 · половина: {say.duration(report.overall.p50)}\n" in numbers
        assert f"• Ожидания: {report.overall.total} (было: 0)\n" in numbers
        assert "• Анна — Ожидания 3, p50 " in numbers
    assert utf16_units(caption) <= 1024
    link = "https://inbox.example.com/reports/response?from=2026-11-19&to=2026-11-25&hours=clock"
    assert f"Открыть отчёт: {link}" in text
    message = post.api.sent(post.boris.id)[-1]
    ((button,),) = message["reply_markup"]["inline_keyboard"]
    assert (button["text"], button["url"]) == ("Открыть отчёт", link)
    check_picture(post.api.files[message["photo"][-1]["file_id"]].content)
    (picture,) = [part for part in letter.mail.walk() if part["Content-ID"]]
    check_picture(picture.get_content())  # type: ignore[attr-defined]
    assert "cid:report.png" in letter.mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert letter.mail["Subject"].startswith("Скорость за неделю: 19 нояб.")
    (found,) = await world.read(report_schedules, world.actor("Борис"), post.report)
    assert (found.trouble, found.agents, found.emails) == ("", ((world.agents["Борис"], "Борис"),), (OWNER,))
    lines = await world.read(sent_reports, world.actor("Борис"), post.report, found.id)
    assert [(line.to, line.state, line.attempts) for line in lines] == [(OWNER, "sent", 1), ("Борис", "sent", 1)]
    kinds = [row.kind for row in await world.rows(select(Event.kind).where(Event.kind.like("report.%")))]
    assert kinds == ["report.saved", "report.scheduled", "report.sent", "report.sent"]
    # The next day once more, with the days moved on.
    await post.tomorrow()
    assert [caption.split("\n")[1][:24] for caption in post.captions()] == [
        "19 нояб. 2026 – 25 нояб.",
        "20 нояб. 2026 – 26 нояб.",
    ]


async def test_trouble_is_tried_again_and_nothing_is_doubled(world: World, post: Post) -> None:
    schedule = await post.schedule()
    post.house.knobs.refusals["RCPT"] = "451 4.7.1 Greylisted, try again later"
    post.api.fault("sendPhoto", Answer(502, b""))
    await post.tomorrow()
    assert [state for state, _ in await post.states()] == ["queued", "queued"]
    lines = await world.read(sent_reports, world.actor("Борис"), post.report, schedule)
    assert {line.error for line in lines} == {"The mail server asks to wait.", "Telegram has trouble of its own."}
    post.house.knobs.refusals.clear()
    for _ in range(3):
        world.clock.advance(minutes=1)
        await post.sender.send_due()
    assert await post.states() == [("sent", ""), ("sent", "")]
    assert (len(post.captions()), len(post.house.sent)) == (1, 1)
    # Both take it, and the line breaks before they say so: nobody knows, so nothing is sent again.
    post.house.knobs.cut_at = "taken"
    post.api.lose("sendPhoto")
    await post.tomorrow()
    post.house.knobs.cut_at = ""
    world.clock.advance(hours=2)
    await post.sender.send_due()
    assert [state for state, _ in await post.states()] == ["sent", "sent", "unknown", "unknown"]
    assert (len(post.captions()), len(post.house.sent)) == (2, 2)
    # A refusal for good is a failure in words, and the schedule tells it.
    post.house.knobs.refusals["RCPT"] = "550 5.1.1 No such user"
    await post.tomorrow()
    assert (await post.states())[-1] == ("failed", "There is no such mailbox.")
    (found,) = await world.read(report_schedules, world.actor("Борис"), post.report)
    assert found.trouble == "There is no such mailbox."
    post.house.knobs.refusals.clear()
    await post.tomorrow()
    (found,) = await world.read(report_schedules, world.actor("Борис"), post.report)
    assert found.trouble == ""


@both_databases
async def test_a_worker_that_stops_loses_and_doubles_nothing(world: World, post: Post) -> None:
    await post.schedule(emails=())
    world.clock.advance(days=1)
    assert await world.write(owe_reports, SYSTEM) == 1
    assert await world.write(owe_reports, SYSTEM) == 0
    (first,) = await world.write(claim_reports, SYSTEM)
    # It died while it drew: another one takes it over, and the first, if it lives after all, does not send.
    assert await world.write(claim_reports, SYSTEM) == []
    world.clock.advance(minutes=4)
    (second,) = await world.write(claim_reports, SYSTEM)
    assert not await world.write(begin_report, SYSTEM, first)
    assert await world.write(begin_report, SYSTEM, second)
    # It died while it sent: whether that arrived is for people to see.
    world.clock.advance(minutes=4)
    await post.sender.send_due()
    ((state, words),) = await post.states()
    assert (state, post.captions()) == ("unknown", [])
    assert words.startswith("The server stopped while this was being sent")


async def test_who_is_gone_gets_nothing_and_days_of_silence_are_one_report(world: World, post: Post) -> None:
    schedule = await post.schedule(emails=("vera@example.com", OWNER))
    world.clock.advance(days=5)
    # Two hours before the sixth moment: the report is that of the fifth, late as it is.
    await post.tomorrow(hour=4)
    assert [caption.split("\n")[1][:32] for caption in post.captions()] == ["23 нояб. 2026 – 29 нояб. 2026 · "]
    await world.write(
        lambda tx: tx.execute(update(Agent).where(Agent.email == "vera@example.com").values(deactivated_at=tx.now))
    )
    await post.tomorrow()
    assert len(post.captions()) == 2
    assert [letter.recipients for letter in post.house.sent] == [["vera@example.com"], [OWNER], [OWNER]]
    assert (await post.states())[-2][0] == "dropped"
    await world.write(
        lambda tx: tx.execute(update(Agent).where(Agent.email == "vera@example.com").values(deactivated_at=None))
    )
    await world.write(deactivate, world.actor("Вера"), world.agents["Борис"])
    await post.tomorrow()
    assert (len(post.captions()), len(post.house.sent)) == (2, 3)
    (found,) = await world.rows(select(ReportSchedule.id))
    assert found.id == schedule
    # An agent may not read reports, and is told none either.
    values = {"deactivated_at": None, "role": "agent"}
    await world.write(lambda tx: tx.execute(update(Agent).where(Agent.name == "Борис").values(values)))
    await post.tomorrow()
    assert (len(post.captions()), len(post.house.sent)) == (2, 3)
    assert {state for state, _ in (await post.states())[-3:]} == {"dropped"}


async def test_a_trial_goes_to_who_asks_for_it(world: World, post: Post) -> None:
    schedule = await post.schedule(agent="")
    await world.write(ask_trial, world.actor("Борис"), post.report, schedule)
    await post.sender.send_due()
    assert (len(post.captions()), len(post.house.sent)) == (1, 0)
    shared = await world.write(save_report, world.actor("Вера"), ReportDraft("Люди", "people", {}, shared=True))
    draft = ScheduleDraft("month", 540, day=31, time_zone="Europe/Moscow", agents=[world.agents["Борис"]])
    with pytest.raises(NotAllowed):
        await world.write(save_schedule, world.actor("Борис"), shared, None, draft)
    weekly = await world.write(save_schedule, world.actor("Вера"), shared, None, draft)
    # Вера has no messenger: it comes as a letter.
    await world.write(ask_trial, world.actor("Вера"), shared, weekly)
    await post.sender.send_due()
    assert [letter.recipients for letter in post.house.sent] == [["vera@example.com"]]
    lines = await world.read(sent_reports, world.actor("Вера"), shared, weekly)
    assert [(line.to, line.trial, line.state) for line in lines] == [("vera@example.com", True, "sent")]
    await world.write(remove_schedule, world.actor("Вера"), shared, weekly)
    assert await world.read(report_schedules, world.actor("Вера"), shared) == []


class Listed(Worker):
    """A worker that only tells what it would do again and again."""

    async def _every(self, seconds: float, work: Any) -> None:
        self.loops = [*getattr(self, "loops", []), work]

    async def _deliver_loop(self) -> None:
        """Nothing is handed over."""


async def test_the_worker_sends_what_is_due(world: World, post: Post) -> None:
    await post.schedule(emails=())
    world.clock.advance(days=1)
    worker = Listed(post.equipment, Intake(world.database, post.equipment.net, show_no_typing))
    await worker.run()
    (send_due,) = [work for work in worker.loops if getattr(work, "__self__", None).__class__ is ReportSender]
    assert await send_due() == 1
    await worker.stop()
    world.clock.advance(days=1)
    # What is found while it stops stays owed.
    await send_due()
    assert [state for state, _ in await post.states()] == ["sent", "queued"]


async def test_a_wrong_schedule_is_refused(world: World, post: Post) -> None:
    boris = world.agents["Борис"]
    values = {
        "every": "week", "minute": 540, "time_zone": "Europe/Moscow", "agents": [boris], "channel_id": post.mailbox,
    }  # fmt: skip
    for wrong, field in (
        ({"every": "year"}, "every"),
        ({"minute": 1440}, "minute"),
        ({"weekday": 7}, "weekday"),
        ({"day": 32}, "day"),
        ({"time_zone": "Mars/Phobos"}, "time_zone"),
        ({"agents": []}, "agents"),
        ({"agents": [999]}, "agents"),
        ({"emails": ["не адрес"]}, "emails"),
        ({"emails": [f"a{number}@example.com" for number in range(20)]}, "emails"),
        ({"emails": [OWNER], "channel_id": None}, "channel_id"),
    ):
        draft = ScheduleDraft(**{**values, **wrong})  # type: ignore[arg-type]
        with pytest.raises(Invalid) as refusal:
            await world.write(save_schedule, world.actor("Борис"), post.report, None, draft)
        assert set(refusal.value.fields) == {field}
