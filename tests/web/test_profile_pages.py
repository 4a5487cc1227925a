"""One's own settings: status, looks, password, sessions."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from inbox.models import Agent
from inbox.runtime.passwords import hash_password
from tests.desk import Desk
from tests.web.test_auth_pages import with_password


async def own(desk: Desk, name: str = "Анна") -> Agent:
    return (await desk.world.rows(select(Agent.__table__).where(Agent.id == desk.world.agents[name])))[0]


async def test_language_zone_name_and_sound_are_ones_own(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    form = {"name": " Анна  Котова ", "language": "en", "time_zone": "Asia/Omsk"}
    assert (await anna.post("/profile", form)).location == "/profile"
    row = await own(desk)
    assert (row.name, row.language, row.time_zone, row.sound) == ("Анна Котова", "en", "Asia/Omsk", False)
    page = await anna.get("/profile")
    assert page.one("html").attributes["lang"] == "en"
    assert page.words("h1") == ["My profile"]
    assert page.one("#time_zone option[selected]").text() == "Asia/Omsk"


async def test_a_role_cannot_be_taken_by_the_own_form(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    await anna.post("/profile", {"name": "Анна", "role": "admin", "capacity": "999", "email": "root@example.com"})
    row = await own(desk)
    assert (row.role, row.capacity, row.email) == ("agent", None, "anna@example.com")


async def test_an_empty_name_is_refused_at_its_field(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    answer = await anna.post("/profile", {"name": " \u200b", "language": "ru"})
    assert answer.status == 422
    assert answer.one("#name").attributes["aria-invalid"] == "true"
    assert (await own(desk)).name == "Анна"


async def test_unknown_languages_zones_and_themes_change_nothing(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    await anna.post("/profile", {"name": "Анна", "language": "xx", "time_zone": "Mars/Base", "sound": "on"})
    await anna.post("/profile/appearance", {"theme": "neon", "language": "xx"})
    row = await own(desk)
    assert (row.language, row.time_zone, row.theme, row.sound) == ("ru", "Europe/Moscow", "auto", True)


async def test_the_theme_is_on_the_next_page(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    assert (await anna.post("/profile/appearance", {"theme": "dark", "next": "/contacts"})).location == "/contacts"
    assert (await anna.get("/profile")).one("html").attributes["data-theme"] == "dark"


async def test_becoming_available_drains_the_queue(desk: Desk) -> None:
    world = desk.world
    anna = await desk.browser("Анна")
    assert (await anna.post("/profile/status", {"status": "away", "next": "/inbox/mine"})).location == "/inbox/mine"
    await world.online("Анна")
    conversation_id = await world.conversation_of(await world.client_writes())
    assert (await world.conversation(conversation_id)).assignee_id is None
    await anna.post("/profile/status", {"status": "available"})
    assert (await world.conversation(conversation_id)).assignee_id == world.agents["Анна"]
    assert (await anna.post("/profile/status", {"status": "asleep"})).status == 422
    facts = await desk.events("agent.presence")
    assert [fact.details["status"] for fact in facts if fact.details] == ["away", "available"]


@pytest.mark.parametrize(
    "old, new, field", [("wrong one here", "a new password", "old"), ("present password", "short", "password")]
)
async def test_a_password_is_not_changed_without_the_old_one_or_to_a_short_one(
    desk: Desk, old: str, new: str, field: str
) -> None:
    await with_password(desk, password="present password")
    anna = await desk.browser("Анна")
    before = (await own(desk)).password_hash
    answer = await anna.post("/profile/password", {"old": old, "password": new})
    assert answer.status == 422
    assert answer.one(f"#{field}").attributes["aria-invalid"] == "true"
    assert (await own(desk)).password_hash == before


async def test_guessing_the_old_password_is_slowed_down_too(desk: Desk) -> None:
    await with_password(desk, password="present password")
    anna = await desk.browser("Анна")
    form = {"old": "a guess", "password": "a new password"}
    statuses = [(await anna.post("/profile/password", form)).status for _ in range(6)]
    assert statuses == [422] * 5 + [429]


async def test_a_new_password_ends_the_other_sessions_only(desk: Desk) -> None:
    await with_password(desk, password="present password")
    here, there = await desk.browser("Анна"), await desk.browser("Анна")
    form = {"old": "present password", "password": "a new password"}
    assert (await here.post("/profile/password", form)).status == 303
    assert (await here.get("/profile")).status == 200
    assert (await there.get("/profile")).location.startswith("/login")
    login = {"email": "anna@example.com", "password": "a new password"}
    assert (await (await desk.stranger()).post("/login", login)).status == 303
    assert (await own(desk)).password_hash != await hash_password("a new password")


async def test_another_browser_of_mine_is_listed_and_signed_out(desk: Desk) -> None:
    here, there = await desk.browser("Анна"), await desk.browser("Анна")
    page = await here.get("/profile")
    assert page.words("td.number") == ["Выйти", "этот браузер"]
    path = page.one("td.number form").attributes["action"]
    assert path is not None
    assert (await here.post(path)).location == "/profile"
    assert (await there.get("/profile")).location.startswith("/login")
    assert (await here.get("/profile")).words("td.number") == ["этот браузер"]
