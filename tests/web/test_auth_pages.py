"""Signing in and out, links, and what a session is worth."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import select, update

from inbox.models import Agent, AgentSession
from inbox.runtime.passwords import hash_password
from inbox.web.guard import hash_token
from tests.desk import Answer, Browser, Desk

PASSWORD = "correct horse battery"


async def with_password(desk: Desk, name: str = "Анна", password: str = PASSWORD) -> str:
    """Give one of the cast a password; returns the e-mail address."""
    hashed = await hash_password(password)
    changed = update(Agent).where(Agent.id == desk.world.agents[name]).values(password_hash=hashed)
    await desk.world.write(lambda tx: tx.execute(changed))
    rows = await desk.world.rows(select(Agent.email).where(Agent.id == desk.world.agents[name]))
    return str(rows[0][0])


async def sign_in(browser: Browser, email: str, password: str, after: str = "/") -> Answer:
    return await browser.post("/login", {"email": email, "password": password, "next": after})


async def test_a_session_is_a_random_cookie_that_the_database_knows_by_its_hash(desk: Desk) -> None:
    email = await with_password(desk)
    browser = await desk.stranger()
    answer = await sign_in(browser, f" {email.upper()} ", PASSWORD, "/inbox/mine")
    assert (answer.status, answer.location) == (303, "/inbox/mine")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = browser.session_token
    hashes = [row[0] for row in await desk.world.rows(select(AgentSession.token_hash))]
    assert hashes == [hash_token(token)]
    assert token not in hashes[0]
    assert (await browser.get("/inbox/mine")).status == 200


@pytest.mark.parametrize("email, password", [("anna@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", "")])
async def test_a_wrong_pair_is_refused_in_the_same_words(desk: Desk, email: str, password: str) -> None:
    await with_password(desk)
    browser = await desk.stranger()
    answer = await sign_in(browser, email, password)
    assert answer.status == 422
    assert answer.words("[role=alert]") == ["Почта и пароль не подходят друг к другу."]
    assert answer.one("#password").attributes.get("value") is None
    assert browser.session_token == ""


async def test_nobody_who_was_deactivated_or_has_no_password_gets_in(desk: Desk) -> None:
    email = await with_password(desk)
    gone = update(Agent).where(Agent.id == desk.world.agents["Анна"]).values(deactivated_at=desk.world.clock.now())
    await desk.world.write(lambda tx: tx.execute(gone))
    assert (await sign_in(await desk.stranger(), email, PASSWORD)).status == 422
    assert (await sign_in(await desk.stranger(), "boris@example.com", "!")).status == 422


async def test_tries_are_counted_per_account_also_when_they_run_at_once(desk: Desk) -> None:
    email = await with_password(desk)
    browser = await desk.stranger()
    answers = await asyncio.gather(*(sign_in(browser, email, f"guess {number}") for number in range(12)))
    assert sorted(answer.status for answer in answers) == [422] * 5 + [429] * 7
    slowed = await sign_in(browser, email, PASSWORD)
    assert slowed.status == 429
    assert 0 < int(slowed.headers["Retry-After"]) <= 30
    assert (await sign_in(browser, await with_password(desk, "Борис"), PASSWORD)).status == 303


async def test_tries_are_counted_per_address_over_many_accounts(desk: Desk) -> None:
    browser = await desk.stranger()
    answers = await asyncio.gather(*(sign_in(browser, f"a{number}@example.com", "guess") for number in range(33)))
    assert sorted(answer.status for answer in answers) == [422] * 30 + [429] * 3


@pytest.mark.parametrize(
    "after, location",
    [
        ("/contacts?q=1", "/contacts?q=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
async def test_only_our_own_addresses_are_gone_to_after_signing_in(desk: Desk, after: str, location: str) -> None:
    answer = await sign_in(await desk.stranger(), await with_password(desk), PASSWORD, after)
    assert answer.location == location


async def test_signing_out_ends_the_session_everywhere(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    token = anna.session_token
    assert (await anna.post("/logout")).location == "/login"
    assert anna.session_token == ""
    thief = await desk.stranger()
    answer = await thief.get("/inbox/mine", Cookie=f"inbox_session={token}")
    assert answer.location == "/login?next=/inbox/mine"


async def test_an_expired_session_is_told_in_the_form_that_was_asked_for(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    desk.world.clock.advance(days=31)
    page = await anna.get("/inbox/mine?order=newest")
    assert (page.status, page.location) == (303, "/login?next=/inbox/mine%3Forder%3Dnewest")
    part = await anna.get("/inbox/mine", **{"HX-Request": "true"})
    assert (part.status, part.headers["HX-Trigger"]) == (401, "inbox:signed-out")
    data = await anna.get("/inbox/mine", Accept="application/json")
    assert data.status == 401
    assert json.loads(data.text)["error"] == "Сеанс закончился. Войдите снова."


async def test_a_form_needs_its_token_and_our_origin(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    assert (await anna.post("/profile/status", {"status": "busy"}, csrf="wrong")).status == 403
    assert (await anna.post("/profile/status", {"status": "busy", "csrf_token": "нет"}, csrf="")).status == 403
    own = {"status": "busy", "csrf_token": anna.csrf}
    assert (await anna.post("/profile/status", own, csrf="", Origin="https://evil.example")).status == 403
    assert (await anna.post("/profile/status", own, csrf="", Origin=anna.base)).status == 303
    stranger = await desk.stranger()
    forged = await stranger.post("/login", {"email": "a@example.com", "password": "x"}, Origin="https://evil.example")
    assert forged.status == 403


async def test_a_signed_in_person_is_led_past_the_login_page(desk: Desk) -> None:
    assert (await (await desk.browser("Анна")).get("/login")).location == "/"
