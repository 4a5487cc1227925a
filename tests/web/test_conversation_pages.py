"""What an agent's browser does in a dialog, as plain HTTP."""

from __future__ import annotations

import json

import aiohttp
from sqlalchemy import select

from connectors.contract import Profile
from inbox.models import Attachment, Contact, Conversation, Delivery, Message, ReplyTemplate, Tag, Turn
from tests.desk import Answer, Browser, Desk

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fea7d6059b0000000049454e44ae426082"
)


async def a_dialog(desk: Desk, text: str = "Здравствуйте!", **event: object) -> int:
    return await desk.world.conversation_of(await desk.world.client_writes(text, **event))


async def write(browser: Browser, conversation_id: int, text: str, client_id: str, **fields: str) -> Answer:
    form = {"client_id": client_id, "kind": "outgoing", "text": text, "seen_message_id": "999999", **fields}
    return await browser.post(f"/conversations/{conversation_id}/messages", form, **{"HX-Request": "true"})


async def test_the_page_shows_queue_dialog_and_card(desk: Desk) -> None:
    profile = Profile(name="Марина Соколова", phone="+7 917 123-45-67")
    conversation_id = await a_dialog(desk, "Стол 220 пройдёт в лифт? 🪑", profile=profile)
    page = await (await desk.browser("Анна")).get(f"/conversations/{conversation_id}")
    assert page.status == 200
    assert page.words("#rows .row .name") == ["Марина Соколова"]
    assert page.words("#timeline .msg.in .text") == ["Стол 220 пройдёт в лифт? 🪑"]
    assert "+7 917 123-45-67" in page.one("#card-body").text()
    assert page.one("#rail-count").attributes["data-count"] == "1"


async def test_an_answer_comes_back_as_its_bubble_and_closes_the_wait(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    desk.world.clock.advance(minutes=3)
    answer = await write(anna, conversation_id, "Добрый день!", "c-1")
    assert answer.status == 200
    assert answer.one("#m-c-1 .text").text() == "Добрый день!"
    again = await write(anna, conversation_id, "Добрый день!", "c-1")
    assert again.status == 200
    assert len(await desk.world.rows(select(Delivery.id))) == 1
    assert (await desk.world.rows(select(Turn.outcome, Turn.clock_seconds)))[0] == ("answered", 180)


async def test_a_form_without_scripts_goes_back_to_the_dialog(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    answer = await anna.post(f"/conversations/{conversation_id}/messages", {"text": "Привет", "kind": "outgoing"})
    assert (answer.status, answer.location) == (303, f"/conversations/{conversation_id}")


async def test_the_second_answer_is_shown_the_first(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna, gleb = await desk.browser("Анна"), await desk.browser("Глеб")
    await write(gleb, conversation_id, "Уже отвечаю", "g-1")
    late = await write(anna, conversation_id, "И я", "a-1", seen_message_id="1")
    assert late.status == 409
    assert "Уже отвечаю" in late.one("#newer").text()
    assert "Глеб" in late.text
    forced = await write(anna, conversation_id, "И я", "a-1", seen_message_id="1", force="yes")
    assert forced.status == 200


async def test_a_note_names_a_colleague_and_has_no_delivery(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    answer = await write(anna, conversation_id, "@Глеб глянь, пожалуйста", "n-1", kind="note")
    assert answer.one("#m-n-1 .msg").attributes["class"].split()[:2] == ["msg", "note"]
    assert await desk.world.rows(select(Delivery.id)) == []
    mentioned = await desk.events("agent.mentioned")
    assert [event.agent_id for event in mentioned] == [desk.world.agents["Глеб"]]
    gleb = await desk.browser("Глеб")
    row = f"#row-{conversation_id}"
    assert (await gleb.get("/inbox/mentions")).tree.css(row)
    assert not (await anna.get("/inbox/mentions")).tree.css(row)
    for _ in range(2):
        assert (await gleb.post(f"/conversations/{conversation_id}/mentions", **{"HX-Request": "true"})).status == 204
    assert not (await gleb.get("/inbox/mentions")).tree.css(row)
    assert len(await desk.events("mention.seen")) == 1


async def test_take_transfer_snooze_resolve_and_reopen(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    path = f"/conversations/{conversation_id}"
    for form, address in (
        ({"agent_id": str(desk.world.agents["Анна"])}, "/assignee"),
        ({"agent_id": str(desk.world.agents["Глеб"])}, "/assignee"),
        ({"preset": "tomorrow"}, "/snooze"),
    ):
        assert (await anna.post(path + address, form, **{"HX-Request": "true"})).status == 204
    row = await desk.world.conversation(conversation_id)
    assert (row.assignee_id, row.status) == (desk.world.agents["Глеб"], "snoozed")
    # Nine in the morning of the agent's own zone.
    assert row.snoozed_until.isoformat() == "2026-11-25T06:00:00+00:00"
    await anna.post(path + "/resolution", {"status": "resolved"})
    assert (await desk.world.conversation(conversation_id)).status == "resolved"
    await anna.post(path + "/resolution", {"status": "open"})
    # Opened again, the client who was left without an answer waits on: it stays one wait.
    row = await desk.world.conversation(conversation_id)
    assert (row.status, row.waiting_since is not None) == ("open", True)
    # A client who waits is not closed by one key: the page asks whether they need an answer.
    await desk.world.client_writes("Спасибо!")
    assert (await anna.get(path)).one("#dialog-head [data-key=e]").attributes["data-dialog"] == "resolve-dialog"
    await anna.post(path + "/resolution", {"status": "dismissed"})
    assert (await desk.world.conversation(conversation_id)).status == "resolved"
    assert await desk.world.rows(select(Turn.outcome).order_by(Turn.id)) == [("dismissed",)]
    past = await anna.post(path + "/snooze", {"preset": "", "until": "2020-01-01T10:00"})
    assert past.status == 422
    assert "будущем" in past.text
    nobody = await anna.post(path + "/assignee", {"agent_id": "999"})
    assert nobody.status == 422


async def test_tags_are_made_by_their_name_once(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    for name in ("Доставка", "доставка ", "Ёлка"):
        await anna.post(f"/conversations/{conversation_id}/tags", {"add": name})
    assert [row.name for row in await desk.world.rows(select(Tag.name).order_by(Tag.id))] == ["Доставка", "Ёлка"]
    page = await anna.get(f"/conversations/{conversation_id}")
    assert page.words("#card-body .tags .chip.tag") == ["Доставка", "Ёлка"]
    await anna.post(f"/conversations/{conversation_id}/tags", {"remove": "1"})
    assert (await anna.get(f"/conversations/{conversation_id}")).words("#card-body .tags .chip.tag") == ["Ёлка"]
    filtered = await anna.get("/inbox/all?tag=2")
    assert len(filtered.tree.css("#rows .row")) == 1
    assert not (await anna.get("/inbox/all?tag=1")).tree.css("#rows .row")


async def test_a_picture_goes_with_the_answer_and_is_served_safely(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    form = aiohttp.FormData()
    form.add_field("file", PNG, filename="стол <b>.png", content_type="text/html")
    stored = await anna.post("/files", form, Accept="application/json")
    assert stored.status == 200
    token = json.loads(stored.text)["token"]
    answer = await write(anna, conversation_id, "", "f-1", file=token)
    assert answer.one("#m-f-1 img").attributes["src"] == f"/files/{token}"
    served = await (await desk.stranger()).get(f"/files/{token}")
    assert served.headers["Content-Type"] == "image/png"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    used = await write(anna, conversation_id, "", "f-2", file=token)
    assert used.status == 422


async def test_a_page_pretending_to_be_a_picture_is_only_downloaded(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    form = aiohttp.FormData()
    form.add_field("file", b"<html><script>alert(1)</script></html>", filename="a.png", content_type="image/png")
    token = json.loads((await anna.post("/files", form, Accept="application/json")).text)["token"]
    served = await anna.get(f"/files/{token}")
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in served.headers["Content-Security-Policy"]


async def test_templates_are_offered_filled_and_counted(desk: Desk) -> None:
    conversation_id = await a_dialog(desk, profile=Profile(name="Марина Соколова"))
    text = "{{contact.first_name|Здравствуйте}}, доставка {{contact.email}}. {{agent.name}}"

    def add(tx: object) -> None:
        values = {"title": "Доставка", "shortcut": "доставка", "text": text}
        moments = {"created_at": desk.world.clock.now(), "changed_at": desk.world.clock.now()}
        tx.execute(ReplyTemplate.__table__.insert(), {**values, **moments})  # type: ignore[attr-defined]

    await desk.world.write(add)
    anna = await desk.browser("Анна")
    for typed in ("дост", "ljcn"):
        offered = await anna.get(f"/conversations/{conversation_id}/templates?q={typed}", **{"HX-Request": "true"})
        assert offered.words(".preview .pre") == ["Марина, доставка contact.email. Анна"]
        assert offered.one("input[data-variable]").attributes["data-variable"] == "contact.email"
    await write(anna, conversation_id, "Марина, доставка завтра", "t-1", reply_template_id="1")
    assert (await desk.world.rows(select(ReplyTemplate.used_count)))[0][0] == 1


async def test_the_card_is_edited_and_mistakes_keep_what_was_typed(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    contact_id = (await desk.world.rows(select(Conversation.contact_id)))[0][0]
    anna = await desk.browser("Анна")
    wrong = await anna.post(
        f"/contacts/{contact_id}",
        {"name": "Марина", "phone": "не номер", "email": "почта"},
        **{"HX-Request": "true"},
    )
    assert wrong.status == 422
    assert wrong.one("#phone").attributes["value"] == "не номер"
    assert len(wrong.tree.css(".error")) == 2
    good = {
        "name": "Марина",
        "phone": "8 (917) 123-45-67",
        "email": "M@Mail.ru",
        "note": "VIP",
        "conversation": str(conversation_id),
    }
    saved = await anna.post(f"/contacts/{contact_id}", good)
    assert saved.location == f"/conversations/{conversation_id}"
    row = (await desk.world.rows(select(Contact.name, Contact.phone, Contact.email, Contact.note)))[0]
    assert tuple(row) == ("Марина", "+79171234567", "m@mail.ru", "VIP")


async def test_earlier_dialogs_stand_above_in_one_scroll(desk: Desk) -> None:
    first = await a_dialog(desk, "первый раз")
    anna = await desk.browser("Анна")
    await write(anna, first, "ответ", "e-1")
    await anna.post(f"/conversations/{first}/resolution", {"status": "resolved"})
    desk.world.clock.advance(days=3)
    second = await a_dialog(desk, "второй раз")
    assert second != first
    page = await anna.get(f"/conversations/{second}")
    assert page.words("#timeline .msg .text") == ["первый раз", "ответ", "второй раз"]


async def test_a_failed_delivery_says_why_and_is_sent_again(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    await write(anna, conversation_id, "Привет", "d-1")

    def fail(tx: object) -> None:
        tx.execute(Delivery.__table__.update().values(state="failed", error="The address asks to wait."))  # type: ignore[attr-defined]

    await desk.world.write(fail)
    page = await anna.get(f"/conversations/{conversation_id}")
    assert "Адрес просит подождать" in page.one(".why").text()
    delivery_id = (await desk.world.rows(select(Delivery.id)))[0][0]
    again = await anna.post(f"/deliveries/{delivery_id}", **{"HX-Request": "true"})
    assert again.status == 200
    assert (await desk.world.rows(select(Delivery.state)))[0][0] in ("queued", "sending", "failed")
    for missing in (f"{delivery_id}999", "9" * 20, "one"):
        assert (await anna.post(f"/deliveries/{missing}")).status == 404


async def test_orphan_uploads_belong_to_their_uploader(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna, gleb = await desk.browser("Анна"), await desk.browser("Глеб")
    form = aiohttp.FormData()
    form.add_field("file", b"hello", filename="a.txt")
    token = json.loads((await anna.post("/files", form, Accept="application/json")).text)["token"]
    stolen = await write(gleb, conversation_id, "чужой", "s-1", file=token)
    assert stolen.status == 422
    assert (await desk.world.rows(select(Attachment.message_id)))[0][0] is None
    assert await desk.world.rows(select(Message.id).where(Message.client_id == "s-1")) == []
