"""What a visitor tells of themselves: consent as it was shown, addresses that can be written to, a line that answers."""

from __future__ import annotations

from sqlalchemy import select

from inbox.models import Contact
from tests.site import Site
from tests.widget.test_sockets import refusal


async def test_the_consent_is_kept_as_it_was_shown(site: Site) -> None:
    await site.set_up(ask_consent="required", policy_url="https://shop.example/privacy")
    visit = await site.join(language="ru")
    await visit.write("client-1", "Вопрос", prechat={"consent": True})
    rows = await site.world.rows(select(Contact.consent_at, Contact.consent_text))
    text = "Согласен на обработку персональных данных. https://shop.example/privacy"
    assert [(row.consent_at, row.consent_text) for row in rows] == [(site.world.clock.now(), text)]


async def test_a_mistyped_address_is_refused_by_name(site: Site) -> None:
    await site.set_up(ask_email="optional", ask_phone="optional")
    visit = await site.join(language="ru")
    for field, value in (("email", "marina@"), ("phone", "позвоните")):
        await visit.say("send", client_id=f"client-{field}", text="Вопрос", prechat={field: value})
        assert list((await refusal(visit))["fields"]) == [field]
    assert await site.texts() == []
    await visit.write("client-3", "Вопрос", prechat={"email": " Marina@Example.com "})
    assert (await site.contact()).email == "marina@example.com"


async def test_a_line_says_that_it_is_alive(site: Site) -> None:
    visit = await site.join()
    await visit.say("ping")
    assert await visit.next("pong") == {"type": "pong"}


async def test_what_the_site_tells_too_often_waits_for_the_next_message(site: Site) -> None:
    visit = await site.join()
    await visit.write("client-1", "Вопрос")
    for number in range(40):
        await visit.say("identify", identity={"attributes": {"plan": str(number)}})
    await visit.say("identify", identity={"name": "Марина"})
    await visit.say("ping")
    await visit.next("pong")
    assert (await site.contact()).name == ""
    await visit.write("client-2", "Ещё")
    assert (await site.contact()).name == "Марина"
