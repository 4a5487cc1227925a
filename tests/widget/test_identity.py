"""Customers whom the site vouches for, and those it only talks about."""

from __future__ import annotations

from pathlib import Path

from tests.site import Site
from widget.identity import sign_identity

SECRET = "s3cret"


def signed(visitor_id: str = "42", **more: object) -> dict[str, object]:
    """What the site's page gives for its customer."""
    return {"id": visitor_id, "hash": sign_identity(SECRET, visitor_id), **more}


async def test_a_customers_dialog_follows_them_to_another_browser(site: Site) -> None:
    await site.set_up(identity_secret=SECRET)
    home = await site.join(identity=signed(name="Марина", email="Marina@Example.com"))
    await home.write("client-1", "Из дома")
    work = await site.join(identity=signed())
    assert [message["text"] for message in work.welcome["messages"]] == ["Из дома"]
    contact = await site.contact()
    assert (contact.name, contact.email, contact.external_id, contact.verified) == (
        "Марина",
        "marina@example.com",
        "u:42",
        True,
    )
    # The token of a customer is enough for what follows, without the signature.
    again = await site.join(home.welcome["token"])
    assert len(again.welcome["messages"]) == 1


async def test_a_strangers_dialog_becomes_the_customers(site: Site) -> None:
    await site.set_up(identity_secret=SECRET)
    visit = await site.join()
    await visit.write("client-1", "Ещё не вошёл")
    await visit.say("identify", identity=signed())
    again = await site.join(visit.welcome["token"], identity=signed())
    assert [message["text"] for message in again.welcome["messages"]] == ["Ещё не вошёл"]
    assert (await site.contact()).external_id == "u:42"
    elsewhere = await site.join(identity=signed())
    assert [message["text"] for message in elsewhere.welcome["messages"]] == ["Ещё не вошёл"]


async def test_another_customer_of_the_same_browser_has_a_dialog_of_their_own(site: Site) -> None:
    await site.set_up(identity_secret=SECRET)
    first = await site.join(identity=signed("42"))
    await first.write("client-1", "Секрет Марины")
    second = await site.join(first.welcome["token"], identity=signed("43"))
    assert second.welcome["messages"] == []
    assert second.welcome["token"] != first.welcome["token"]


async def test_a_forged_signature_gives_nothing(site: Site) -> None:
    await site.set_up(identity_secret=SECRET)
    victim = await site.join(identity=signed())
    await victim.write("client-1", "Секрет")
    thief = await site.join(identity={"id": "42", "hash": sign_identity("guess", "42")})
    assert thief.welcome["messages"] == []
    assert (await thief.socket.receive_json(timeout=10))["code"] == "identity"


async def test_without_a_signature_an_id_is_not_believed(site: Site) -> None:
    await site.set_up(identity_secret=SECRET)
    await (await site.join(identity=signed())).write("client-1", "Секрет")
    unsigned = await site.join(identity={"id": "42", "name": "Не Марина"})
    assert unsigned.welcome["messages"] == []
    await unsigned.write("client-1", "Я тоже 42")
    contact = await site.contact()
    assert (contact.name, contact.verified) == ("Не Марина", False)
    assert contact.external_id.startswith("v:")


async def test_a_chat_for_customers_only(site: Site) -> None:
    await site.set_up(identity_secret=SECRET, identity_required=True)
    stranger = await site.join(language="ru")
    await stranger.say("send", client_id="client-1", text="Пустите")
    told = await stranger.socket.receive_json(timeout=10)
    assert (told["code"], told["text"]) == ("identity", "Войдите на сайте, чтобы написать сюда.")
    assert await site.texts() == []
    await (await site.join(identity=signed())).write("client-1", "Свой")
    assert await site.texts() == ["Свой"]


async def test_an_old_session_starts_anew(site: Site) -> None:
    visit = await site.join()
    await visit.write("client-1", "Год назад")
    site.world.clock.advance(days=366)
    again = await site.join(visit.welcome["token"])
    assert again.welcome["messages"] == []
    assert again.welcome["token"] != visit.welcome["token"]


async def test_what_the_agent_wrote_in_the_card_is_not_overwritten(site: Site) -> None:
    visit = await site.join(identity={"name": "Марина"})
    await visit.write("client-1", "Раз")
    back = await site.join(visit.welcome["token"], identity={"name": "Робот", "phone": "+7 917 123-45-67"})
    await back.write("client-2", "Два")
    contact = await site.contact()
    assert (contact.name, contact.phone) == ("Марина", "+79171234567")


def test_the_example_of_the_page_signs_as_we_check() -> None:
    page = (Path(__file__).parents[2] / "docs/channels/widget.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    values: dict[str, object] = {"secret": "s3cret", "customer_id": "42"}
    exec(example, values)
    assert values["signature"] == sign_identity("s3cret", "42")
