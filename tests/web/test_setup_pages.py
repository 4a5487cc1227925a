"""First run in the browser."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from inbox.models import Agent, Channel, Company, Event, ReplyTemplate
from inbox.queries.hours import channel_hours
from inbox.runtime.passwords import password_fits
from inbox.runtime.secrets import Vault
from inbox.web.setup_pages import FIRST_CHANNEL, site_of
from inbox.web.visit import RESOURCES
from tests.desk import Desk

PASSWORD = "зелёная дубрава 7"


def filled(desk: Desk, **changes: Any) -> list[tuple[str, str]]:
    """The form as a person fills it in; a change of None leaves a field out."""
    form = {
        "token": desk.setup_token,
        "name": "Вера Павлова",
        "email": " Vera@Example.com ",
        "password": PASSWORD,
        "company": "Дубрава",
        "language": "ru",
        "time_zone": "Asia/Yekaterinburg",
        "hours": "week",
        "channel": "Дубрава на связи",
        "site": "https://dubrava.example",
        **changes,
    }
    pairs = [(name, value) for name, value in form.items() if value is not None]
    return [*pairs, ("pack", "sales"), ("pack", "support")]


async def test_before_setup_every_door_leads_to_it(new_desk: Desk) -> None:
    stranger = await new_desk.stranger()
    assert (await stranger.get("/")).location == "/login?next=/"
    assert (await stranger.get("/login")).location == "/setup"
    page = await stranger.get(f"/setup?token={new_desk.setup_token}")
    assert page.one("#token").attributes["value"] == new_desk.setup_token
    assert page.one("html").attributes["lang"] == "ru"


async def test_setup_makes_the_company_its_administrator_the_chat_and_the_templates(new_desk: Desk) -> None:
    browser = await new_desk.stranger()
    answer = await browser.post("/setup", filled(new_desk))
    assert answer.status == 303
    rows = new_desk.world.rows
    company = (await rows(select(Company.__table__)))[0]
    assert (company.name, company.language, company.time_zone) == ("Дубрава", "ru", "Asia/Yekaterinburg")
    agent = (await rows(select(Agent.__table__)))[0]
    assert (agent.name, agent.email, agent.role) == ("Вера Павлова", "vera@example.com", "admin")
    assert agent.password_hash.startswith("$argon2id$")
    assert await password_fits(agent.password_hash, PASSWORD)
    channel = (await rows(select(Channel.__table__)))[0]
    assert (channel.kind, channel.name) == (FIRST_CHANNEL, "Дубрава на связи")
    vault: Vault = new_desk.app[RESOURCES].vault
    assert vault.unlock(channel.config)["allowed_origins"] == "https://dubrava.example"
    hours = await new_desk.world.read(channel_hours, channel.id)
    assert hours is not None
    assert (hours.time_zone, len(hours.weekly)) == ("Asia/Yekaterinburg", 5)
    shortcuts = [row[0] for row in await rows(select(ReplyTemplate.shortcut))]
    assert len(shortcuts) == len(set(shortcuts)) >= 24
    assert answer.location == f"/setup/done?channel={channel.id}"


async def test_after_setup_the_snippet_is_shown_and_the_person_is_signed_in(new_desk: Desk) -> None:
    browser = await new_desk.stranger()
    done = await browser.get((await browser.post("/setup", filled(new_desk))).location)
    token = (await new_desk.world.rows(select(Channel.token)))[0][0]
    assert f"/widget/loader.js?key={token}" in done.one("#snippet").text()
    assert done.one("a[href='/demo']") is not None
    assert (await browser.get("/demo")).status == 200
    assert (await browser.get("/settings/agents")).status == 200
    assert "Secure" not in (await browser.get("/login")).headers.get("Set-Cookie", "")


@pytest.mark.parametrize("token", ["", "wrong", "кто там"])
async def test_without_the_code_of_the_terminal_nothing_is_made(new_desk: Desk, token: str) -> None:
    browser = await new_desk.stranger()
    answer = await browser.post("/setup", filled(new_desk, token=token))
    assert answer.status == 422
    assert answer.one("#token").attributes["aria-invalid"] == "true"
    assert await new_desk.world.rows(select(Agent.id)) == []


async def test_setup_is_refused_once_an_agent_exists(new_desk: Desk) -> None:
    browser = await new_desk.stranger()
    await browser.post("/setup", filled(new_desk))
    other = await new_desk.stranger()
    assert (await other.get(f"/setup?token={new_desk.setup_token}")).location == "/login"
    answer = await other.post("/setup", filled(new_desk, email="mallory@example.com"))
    assert answer.status == 409
    assert len(await new_desk.world.rows(select(Agent.id))) == 1
    assert other.session_token == ""


async def test_two_setups_at_once_make_one_company(new_desk: Desk) -> None:
    browsers = [await new_desk.stranger() for _ in range(4)]
    forms = [filled(new_desk, email=f"first{number}@example.com") for number in range(4)]
    answers = await asyncio.gather(
        *(browser.post("/setup", form) for browser, form in zip(browsers, forms, strict=True))
    )
    assert sorted(answer.status for answer in answers) == [303, 409, 409, 409]
    assert len(await new_desk.world.rows(select(Agent.id))) == 1
    assert len(await new_desk.world.rows(select(Channel.id))) == 1


@pytest.mark.parametrize(
    "field, typed",
    [
        ("name", ""),
        ("name", " \u200b "),
        ("company", " "),
        ("email", "vera"),
        ("password", "short"),
        ("language", "xx"),
        ("time_zone", "Europe/Atlantis"),
        ("email", "vera@example"),
        ("site", "https://"),
        ("site", "https://dubrava example/"),
        ("site", "javascript://dubrava.example"),
        ("site", "https://dubrava.example:port"),
    ],
)
async def test_a_mistake_stands_at_its_field_and_nothing_is_made(new_desk: Desk, field: str, typed: str) -> None:
    browser = await new_desk.stranger()
    answer = await browser.post("/setup", filled(new_desk, **{field: typed}))
    assert answer.status == 422
    assert answer.one(f"#{field}").attributes.get("aria-invalid") == "true"
    assert PASSWORD not in answer.text
    assert await new_desk.world.rows(select(Event.id)) == []


async def test_an_unchosen_pack_brings_no_templates(new_desk: Desk) -> None:
    browser = await new_desk.stranger()
    form = [pair for pair in filled(new_desk, language="en") if pair[0] != "pack"]
    await browser.post("/setup", form)
    assert await new_desk.world.rows(select(ReplyTemplate.id)) == []


@pytest.mark.parametrize(
    "typed, site",
    [
        ("", ""),
        ("https://dubrava.example/catalog?utm_source=x#top", "https://dubrava.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("Dubrava.example", "dubrava.example"),
        ("https://президент.рф", "https://xn--d1abbgf6aiiy.xn--p1ai"),
    ],
)
def test_a_site_is_what_browsers_send_as_origin(typed: str, site: str) -> None:
    assert site_of(typed) == site
