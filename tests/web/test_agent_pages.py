"""Staff: invitations by link, roles, leaving and coming back, passwords, sessions."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from inbox.models import Agent, AgentLink, AgentSession, Conversation
from tests.desk import Answer, Browser, Desk

PASSWORD = "correct horse battery"
OLGA = {"name": "Ольга Белова", "email": " Olga@Example.com", "role": "manager"}


async def agent(desk: Desk, email: str) -> Any:
    return (await desk.world.rows(select(Agent.__table__).where(Agent.email == email)))[0]


def link_in(answer: Answer) -> str:
    """The path of the link that a page shows."""
    text = answer.one("#link").text(strip=True)
    return text[text.index("/links/") :]


async def join(desk: Desk, link: str) -> tuple[Browser, Answer]:
    """Somebody opens a link and sets a password."""
    browser = await desk.stranger()
    return browser, await browser.post(link, {"password": PASSWORD})


async def test_an_invitation_is_a_link_that_works_once(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    link = link_in(await vera.post("/settings/agents", OLGA))
    olga = await desk.stranger()
    page = await olga.get(link)
    assert page.words("h1") == ["Добро пожаловать, Ольга Белова"]
    assert (await olga.post(link, {"password": PASSWORD})).location == "/"
    assert (await olga.get("/settings/tags")).status == 200
    row = await agent(desk, "olga@example.com")
    assert (row.role, row.language, row.time_zone) == ("manager", "ru", "Europe/Moscow")
    assert (await (await desk.stranger()).get(link)).status == 404
    assert (await (await desk.stranger()).post(link, {"password": "another one 123"})).status == 404
    login = await (await desk.stranger()).post("/login", {"email": "olga@example.com", "password": PASSWORD})
    assert login.status == 303
    facts = await desk.events("agent.invited", "agent.joined", "agent.password_set")
    assert [(fact.kind, fact.agent_id) for fact in facts] == [
        ("agent.invited", row.id),
        ("agent.password_set", row.id),
        ("agent.joined", row.id),
    ]


async def test_the_link_itself_is_stored_nowhere(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    token = link_in(await vera.post("/settings/agents", OLGA)).removeprefix("/links/")
    assert [
        row[0] for row in await desk.world.rows(select(AgentLink.token_hash).where(AgentLink.token_hash == token))
    ] == []
    assert token not in str(await desk.events())


async def test_a_link_gets_old(desk: Desk) -> None:
    link = link_in(await (await desk.browser("Вера")).post("/settings/agents", OLGA))
    desk.world.clock.advance(days=7, seconds=1)
    assert (await (await desk.stranger()).get(link)).status == 404
    assert (await join(desk, link))[1].status == 404


async def test_a_short_password_is_asked_for_again(desk: Desk) -> None:
    link = link_in(await (await desk.browser("Вера")).post("/settings/agents", OLGA))
    answer = await (await desk.stranger()).post(link, {"password": "short"})
    assert answer.status == 422
    assert answer.words("#password-error") == ["Не меньше 10 символов."]
    assert (await join(desk, link))[1].status == 303


@pytest.mark.parametrize(
    "field, change",
    [
        ("name", {"name": " "}),
        ("email", {"email": "olga"}),
        ("email", {"email": "ANNA@example.com"}),
        ("role", {"role": "owner"}),
    ],
)
async def test_a_wrong_invitation_is_refused_at_its_field(desk: Desk, field: str, change: dict[str, str]) -> None:
    vera = await desk.browser("Вера")
    before = len(await desk.world.rows(select(Agent.id)))
    answer = await vera.post("/settings/agents", {**OLGA, **change})
    assert answer.status == 422
    assert answer.one(f"form.block #{field}").attributes.get("aria-invalid") == "true"
    assert len(await desk.world.rows(select(Agent.id))) == before


async def test_a_reset_ends_older_links_and_every_session(desk: Desk) -> None:
    vera, anna, anna_id = await desk.browser("Вера"), await desk.browser("Анна"), desk.world.agents["Анна"]
    first = link_in(await vera.post(f"/settings/agents/{anna_id}/links"))
    second = link_in(await vera.post(f"/settings/agents/{anna_id}/links"))
    assert (await (await desk.stranger()).get(first)).status == 404
    assert (await anna.get("/profile")).status == 200
    again, answer = await join(desk, second)
    assert answer.status == 303
    assert (await again.get("/profile")).status == 200
    assert (await anna.get("/profile")).location.startswith("/login")
    # A reset is no second joining.
    assert await desk.events("agent.joined") == []


async def test_a_leaver_is_out_at_once_and_the_dialogs_go_to_somebody_else(desk: Desk) -> None:
    world = desk.world
    await world.online("Анна")
    conversation_id = await world.conversation_of(await world.client_writes())
    assert (await world.conversation(conversation_id)).assignee_id == world.agents["Анна"]
    await world.online("Глеб")
    anna, vera = await desk.browser("Анна"), await desk.browser("Вера")
    pending = link_in(await vera.post(f"/settings/agents/{world.agents['Анна']}/links"))
    assert (await vera.post(f"/settings/agents/{world.agents['Анна']}/activity")).status == 303
    assert (await anna.get("/inbox/mine")).location.startswith("/login")
    assert (await world.conversation(conversation_id)).assignee_id == world.agents["Глеб"]
    page = await vera.get(f"/settings/agents/{world.agents['Анна']}")
    assert "больше не работает" in page.words("main .hint")[0]
    # Neither an old link nor a return brings the old access back.
    assert (await join(desk, pending))[1].status == 404
    await vera.post(f"/settings/agents/{world.agents['Анна']}/activity", {"active": "yes"})
    assert (await join(desk, pending))[1].status == 404
    assert (await agent(desk, "anna@example.com")).deactivated_at is None
    assert (await anna.get("/inbox/mine")).location.startswith("/login")


async def test_without_anybody_free_a_leavers_dialogs_wait_in_the_queue(desk: Desk) -> None:
    world = desk.world
    await world.online("Анна")
    conversation_id = await world.conversation_of(await world.client_writes())
    vera = await desk.browser("Вера")
    await vera.post(f"/settings/agents/{world.agents['Анна']}/activity")
    assert (await world.rows(select(Conversation.assignee_id).where(Conversation.id == conversation_id)))[0][0] is None


async def test_the_last_administrator_stays_one(desk: Desk) -> None:
    vera, vera_id = await desk.browser("Вера"), desk.world.agents["Вера"]
    assert (await vera.post(f"/settings/agents/{vera_id}/activity")).status == 409
    demoted = await vera.post(f"/settings/agents/{vera_id}", {"role": "agent", "capacity": ""})
    assert demoted.status == 409
    assert "последний администратор" in demoted.text
    # Somebody who was only invited does not count: they may never come.
    link = link_in(await vera.post("/settings/agents", {**OLGA, "role": "admin"}))
    assert (await vera.post(f"/settings/agents/{vera_id}/activity")).status == 409
    await join(desk, link)
    assert (await vera.post(f"/settings/agents/{vera_id}", {"role": "agent", "capacity": ""})).status == 303
    assert (await vera.get("/settings/agents")).status == 403


async def test_role_and_capacity_are_changed_and_more_capacity_drains_the_queue(desk: Desk) -> None:
    world = desk.world
    vera, anna_id = await desk.browser("Вера"), world.agents["Анна"]
    await vera.post(f"/settings/agents/{anna_id}", {"role": "agent", "capacity": "0"})
    await world.online("Анна")
    conversation_id = await world.conversation_of(await world.client_writes())
    assert (await world.conversation(conversation_id)).assignee_id is None
    assert (await vera.post(f"/settings/agents/{anna_id}", {"role": "manager", "capacity": "3"})).status == 303
    assert (await world.conversation(conversation_id)).assignee_id == anna_id
    row = await agent(desk, "anna@example.com")
    assert (row.role, row.capacity) == ("manager", 3)
    page = await vera.get(f"/settings/agents/{anna_id}")
    assert page.one("#role option[selected]").attributes["value"] == "manager"


@pytest.mark.parametrize(
    "field, form",
    [
        ("capacity", {"role": "agent", "capacity": "many"}),
        ("capacity", {"role": "agent", "capacity": "1001"}),
        ("role", {"role": "king", "capacity": ""}),
    ],
)
async def test_a_wrong_change_is_refused_at_its_field(desk: Desk, field: str, form: dict[str, str]) -> None:
    vera = await desk.browser("Вера")
    answer = await vera.post(f"/settings/agents/{desk.world.agents['Анна']}", form)
    assert answer.status == 422
    assert answer.one(f"#{field}").attributes.get("aria-invalid") == "true"


async def test_an_administrator_ends_a_session_of_somebody_else_and_nobody_else_can(desk: Desk) -> None:
    anna, gleb, vera = await desk.browser("Анна"), await desk.browser("Глеб"), await desk.browser("Вера")
    rows = await desk.world.rows(select(AgentSession.id).where(AgentSession.agent_id == desk.world.agents["Анна"]))
    path = f"/sessions/{rows[0][0]}/end"
    assert (await gleb.post(path)).status == 403
    assert (await anna.get("/profile")).status == 200
    page = await vera.get(f"/settings/agents/{desk.world.agents['Анна']}")
    assert page.one(f"form[action='{path}']") is not None
    assert (await vera.post(path, {"next": "/settings/agents"})).location == "/settings/agents"
    assert (await anna.get("/profile")).location.startswith("/login")
    assert (await vera.post("/sessions/99999999999/end")).status == 404


async def test_an_unknown_agent_is_not_found(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    for path in ("/settings/agents/999", "/settings/agents/x", "/settings/agents/99999999999999"):
        assert (await vera.get(path)).status == 404
        assert (await vera.post(path + "/links")).status == 404
        assert (await vera.post(path + "/activity")).status == 404


async def test_the_list_says_who_is_here(desk: Desk) -> None:
    world = desk.world
    await world.online("Анна")
    busy = update(Agent).where(Agent.id == world.agents["Анна"]).values(status="busy")
    await world.write(lambda tx: tx.execute(busy))
    vera = await desk.browser("Вера")
    await vera.post("/settings/agents", OLGA)
    page = await vera.get("/settings/agents")
    states = dict(zip(page.words("td:first-child"), page.words("td:nth-child(4)"), strict=True))
    assert states["Анна"] == "Не беспокоить"
    assert states["Глеб"] == "не у экрана"
    assert states["Ольга Белова"] == "ждём по приглашению"
