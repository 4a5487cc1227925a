"""The form of a reply template keeps what was typed when something is wrong with it."""

from __future__ import annotations

from tests.desk import Desk

DELIVERY = {"title": "Доставка", "shortcut": "доставка", "text": "Привезём завтра", "buttons": ""}


async def test_a_mistake_keeps_what_was_typed(desk: Desk) -> None:
    vera = await desk.browser("Вера")
    assert (await vera.post("/templates/new", DELIVERY)).status == 303
    # A browser sends nothing for a box that is not ticked.
    typed = {**DELIVERY, "text": "Привезём {{contact.имя}}", "remove_file": "9" * 20}
    twice = await vera.post("/templates/new", typed)
    assert twice.status == 422
    assert "Привезём" in twice.one("#text").text()
    assert "уже" in twice.one("#shortcut-error").text()
