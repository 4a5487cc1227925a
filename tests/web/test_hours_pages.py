"""Working hours of the company, a team, a channel, and an agent's shift: stored, shown again, refused with what was typed."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from inbox.models import Agent, BusinessHours, Channel, Company, Team
from inbox.queries.hours import channel_hours, owned_hours
from inbox.rules.business_hours import Hours, Interval
from inbox.rules.holidays import PRESETS
from inbox.rules.schedules import Owner, OwnerKind
from tests.desk import Desk
from tests.web.test_settings_pages import GENERAL

WEEK = {"mode": "week", "time_zone": "Asia/Omsk", "day_0": "9:00-13:00, 14:00-18:30"}


async def hours_of(desk: Desk, channel_id: int | None = None) -> Hours:
    found = await desk.world.read(channel_hours, channel_id)
    assert found is not None
    return found


async def test_a_week_with_breaks_and_nights_is_stored_and_shown(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    assert (await vera.post("/settings/hours", {**WEEK, "day_4": "22-6"})).status == 303
    hours = await hours_of(desk)
    assert hours.time_zone == "Asia/Omsk"
    assert hours.weekly == (Interval(0, 540, 780), Interval(0, 840, 1110), Interval(4, 1320, 1800))
    page = await vera.get("/settings/hours")
    assert page.one("[name=mode][checked]").attributes["value"] == "week"
    assert page.one("#day_0").attributes["value"] == "9:00-13:00, 14:00-18:30"
    assert page.one("#day_4").attributes["value"] == "22:00-6:00"
    assert page.one("#day_1").attributes["value"] == ""
    assert page.one("#time_zone option[selected]").text() == "Asia/Omsk"


async def test_holidays_and_special_days(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    pairs = [
        *WEEK.items(),
        ("holidays", "ru"),
        *(("date", day) for day in ("2026-12-31", "2026-12-30", "")),
        *(("date_hours", hours) for hours in ("10:00-12:00", "", "")),
        *(("date_name", name) for name in ("Дежурство", "Учёт", "")),
    ]
    assert (await vera.post("/settings/hours", pairs)).status == 303
    hours = await hours_of(desk)
    assert hours.days_off == PRESETS["ru"]
    assert hours.special_days == {date(2026, 12, 31): ((600, 720),), date(2026, 12, 30): ()}
    page = await vera.get("/settings/hours")
    assert page.one("#holidays option[selected]").attributes["value"] == "ru"
    rows = [node.attributes.get("value") for node in page.tree.css("[name=date]")]
    assert rows[:3] == ["2026-12-30", "2026-12-31", ""]
    assert [node.attributes.get("value") for node in page.tree.css("[name=date_hours]")][1] == "10:00-12:00"


async def test_a_channel_may_have_its_own_hours_and_give_them_up(desk: Desk) -> None:
    vera, channel_id = await desk.browser("Вера"), desk.world.channel_id
    await vera.post("/settings/hours", WEEK)
    own = {**WEEK, "channel": str(channel_id), "time_zone": "Asia/Tokyo"}
    assert (await vera.post("/settings/hours", own)).location == f"/settings/hours?channel={channel_id}"
    assert (await hours_of(desk, channel_id)).time_zone == "Asia/Tokyo"
    await vera.post("/settings/hours", {"mode": "always", "channel": str(channel_id), "time_zone": "Asia/Tokyo"})
    assert {(part.opens_minute, part.closes_minute) for part in (await hours_of(desk, channel_id)).weekly} == {
        (0, 1440)
    }
    page = await vera.get(f"/settings/hours?channel={channel_id}")
    assert page.one("[name=mode][checked]").attributes["value"] == "always"
    await vera.post("/settings/hours", {"mode": "company", "channel": str(channel_id)})
    assert (await hours_of(desk, channel_id)).time_zone == "Asia/Omsk"
    assert (await desk.world.rows(select(Channel.business_hours_id)))[0][0] is None


async def test_a_team_answers_its_channels_inside_its_hours(desk: Desk) -> None:
    vera, channel_id = await desk.browser("Вера"), desk.world.channel_id
    made = await vera.post("/settings/teams", {"name": "Продажи"})
    team_id = (await desk.world.rows(select(Team.id)))[0][0]
    assert made.location == f"/settings/teams/{team_id}"
    await vera.post("/settings/hours", WEEK)
    await vera.post("/settings/hours", {**WEEK, "time_zone": "Asia/Tokyo", "team": str(team_id)})
    assert (await hours_of(desk, channel_id)).time_zone == "Asia/Omsk"
    gleb = str(desk.world.agents["Глеб"])
    await vera.post(f"/settings/teams/{team_id}", [("name", "Отдел"), ("member", gleb), ("channel", str(channel_id))])
    assert (await hours_of(desk, channel_id)).time_zone == "Asia/Tokyo"
    page = await vera.get(f"/settings/teams/{team_id}")
    assert page.one("[name=member][checked]").attributes["value"] == gleb
    assert page.one("[name=channel][checked]").attributes["value"] == str(channel_id)
    assert (await vera.post("/settings/teams", {"name": "отдел"})).status == 422
    assert (await vera.post(f"/settings/teams/{team_id}/removal")).status == 303
    assert (await hours_of(desk, channel_id)).time_zone == "Asia/Omsk"
    assert (await vera.get(f"/settings/teams/{team_id}")).status == 404
    assert (await vera.post("/settings/teams", {"name": "отдел"})).status == 303


async def test_an_agent_has_a_shift_or_none(desk: Desk) -> None:
    vera, anna = await desk.browser("Вера"), desk.world.agents["Анна"]
    page = await vera.get(f"/settings/hours?agent={anna}")
    assert page.one("[name=mode][checked]").attributes["value"] == "company"
    assert (
        await vera.post("/settings/hours", {**WEEK, "agent": str(anna)})
    ).location == f"/settings/hours?agent={anna}"
    assert (await desk.world.rows(select(Agent.business_hours_id).where(Agent.id == anna)))[0][0] is not None
    assert (await vera.post("/settings/hours", {"mode": "company", "agent": str(anna)})).status == 303
    assert (await desk.world.rows(select(Agent.business_hours_id).where(Agent.id == anna)))[0][0] is None
    assert (await vera.get("/settings/hours?agent=999")).status == 404


async def test_around_the_clock_is_no_schedule(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    await vera.post("/settings/hours", WEEK)
    await vera.post("/settings/hours", {"mode": "always", "time_zone": "Europe/Moscow"})
    assert await desk.world.read(channel_hours, None) is None
    assert (await desk.world.rows(select(Company.business_hours_id)))[0][0] is None


async def test_a_schedule_is_never_changed_and_the_same_one_is_not_stored_twice(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    for days in ({}, {}, {"day_1": "9-18"}):
        await vera.post("/settings/hours", {**WEEK, **days})
    assert len(await desk.world.rows(select(BusinessHours.id))) == 2
    assert len(await desk.events("hours.changed")) == 2


async def test_schedules_move_with_the_company_to_another_zone(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    await vera.post("/settings/hours", {**WEEK, "time_zone": "Europe/Moscow"})
    await vera.post("/settings/hours", {**WEEK, "time_zone": "Asia/Tokyo", "channel": str(desk.world.channel_id)})
    await vera.post("/settings/hours", {**WEEK, "time_zone": "Europe/Moscow", "agent": str(desk.world.agents["Анна"])})
    await vera.post("/settings", {**GENERAL, "time_zone": "Asia/Omsk"})
    admin, owners = desk.world.actor("Вера"), (OwnerKind.COMPANY, OwnerKind.CHANNEL, OwnerKind.AGENT)
    ids = (None, desk.world.channel_id, desk.world.agents["Анна"])
    found = [await desk.world.read(owned_hours, admin, Owner(kind, key)) for kind, key in zip(owners, ids, strict=True)]
    assert [one.schedule.time_zone for one in found] == ["Asia/Omsk", "Asia/Tokyo", "Asia/Omsk"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day_0": "9:00-25:00"},
        {"day_0": "morning"},
        {"day_0": ""},
        {"day_0": "٩-١٨"},
        {"day_0": "9-13, 12-18"},
        {"time_zone": "Mars/Olympus"},
        {"holidays": "mars"},
        {"date": "yesterday"},
        {"date_hours": "9-18", "date": ""},
    ],
)
async def test_a_wrong_week_is_refused_with_what_was_typed(desk: Desk, wrong: dict[str, str]) -> None:
    vera = await desk.browser("Вера")
    answer = await vera.post("/settings/hours", {**WEEK, **wrong})
    assert answer.status == 422
    assert answer.words("#hours-error") != []
    assert answer.one("#day_0").attributes["value"] == wrong.get("day_0", WEEK["day_0"])
    if wrong.get("date"):
        assert answer.one("[name=date]").attributes["value"] == "yesterday"
    stored = await desk.world.rows(select(Company.business_hours_id))
    assert stored[0][0] is None


async def test_hours_of_an_unknown_channel_are_not_found(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    assert (await vera.get("/settings/hours?channel=999")).status == 404
    assert (await vera.get("/settings/hours?channel=x")).status == 404
    assert (await vera.post("/settings/hours", {**WEEK, "channel": "999"})).status == 404
