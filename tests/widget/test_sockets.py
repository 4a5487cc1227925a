"""The site chat through real sockets and requests."""

from __future__ import annotations

from tests.site import Site


async def test_a_message_is_stored_and_answered(site: Site) -> None:
    visit = await site.join()
    assert visit.welcome["state"]["status"] == "none"
    message = await visit.write("client-1", "Здравствуйте! 👋")
    assert message["own"] is True
    assert await site.texts() == ["Здравствуйте! 👋"]
    await site.answer("Добрый день!")
    told = (await visit.next("message"))["message"]
    assert (told["own"], told["text"], told["author"]) == (False, "Добрый день!", "Анна")
