"""A day of a mailbox through the whole product: connected by its form, a letter comes, is answered, comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inbox.models import Attachment, Channel, Delivery, Message
from inbox.web.visit import RESOURCES
from tests.desk import Desk, open_desk
from tests.platforms.mail import MAILBOX, PASSWORD, MailHouse
from tests.world import World

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00"
    b"\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82" + b"\0" * 3000
)
HTML = (
    "<p>Есть <b>такой</b> стол?</p><img src='cid:photo'><img src='https://tracker.example/open.gif'>"
    "<script>alert(1)</script><blockquote type='cite'>старое письмо</blockquote>"
)


def letter(name: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    values = {"From": "Марина Ким <marina@x.ru>", "To": MAILBOX, "Subject": "Стол", "Message-ID": f"<{name}@x.ru>"}
    for header, value in {**values, **headers}.items():
        mail[header.replace("_", "-")] = value
    return mail


async def until(desk: Desk, holds: Callable[[], Awaitable[Any]]) -> Any:
    """What a question answers as soon as it answers something; asked after every commit."""
    async with asyncio.timeout(30), desk.app[RESOURCES].bus.listen() as listener:
        while not (found := await holds()):
            await listener.wait(0.2)
        return found


async def test_a_letter_is_answered_and_comes_back(world: World, tmp_path: Path) -> None:
    async with MailHouse().run() as house:
        await house.add_folder("Sent")
        async with open_desk(world, tmp_path, allow_private_network=True) as desk:
            await connect(desk, house)
            message, dialog = await first_letter(desk, house)
            await look_at_it(desk, message, dialog)
            await answer_it(desk, house, dialog)
            await bounce_it(desk, house, dialog)


async def connect(desk: Desk, house: MailHouse) -> None:
    vera = await desk.browser("Вера")
    page = await vera.get("/settings/channels/new/email")
    assert "Пароль приложения" in page.text
    form = {name: str(value) for name, value in house.config().items()} | {"name": "Почта", "folders": "INBOX"}
    refused = await vera.post("/settings/channels/new/email", {**form, "password": "wrong"})
    assert "не принимает имя или пароль" in refused.text
    added = await vera.post("/settings/channels/new/email", form)
    assert added.status == 303
    (row,) = await desk.world.rows(select(Channel.config).where(Channel.kind == "email"))
    assert PASSWORD not in str(row.config)

    async def looked() -> bool:
        rows = await desk.world.rows(select(Channel.poll_cursor).where(Channel.kind == "email"))
        return rows[0].poll_cursor is not None

    await until(desk, looked)


async def first_letter(desk: Desk, house: MailHouse) -> tuple[int, int]:
    mail = letter("1", Cc="boss@x.ru")
    mail.set_content("Есть такой стол?\n")
    mail.add_alternative(HTML, subtype="html")
    html = mail.get_payload()[1]
    html.add_related(PNG, "image", "png", cid="<photo>", filename="photo.png")
    await house.arrives(mail)

    async def came() -> list[Any]:
        return await desk.world.rows(
            select(Message.id, Message.conversation_id)
            .join(Attachment, Attachment.message_id == Message.id)
            .where(Message.text == "Есть такой стол?", Attachment.state == "ready")
        )

    (found,) = await until(desk, came)
    return found.id, found.conversation_id


async def look_at_it(desk: Desk, message: int, dialog: int) -> None:
    anna = await desk.browser("Анна")
    page = await anna.get(f"/conversations/{dialog}")
    assert page.words(".envelope b") == ["Стол"]
    assert page.words(".envelope small") == ["Копия: boss@x.ru"]
    assert page.one(".shots img").attributes["alt"] == "photo.png"
    assert page.one("#composer input[name=subject]").attributes["value"] == "Re: Стол"
    assert page.one("#composer input[name=cc]").attributes["value"] == "boss@x.ru"
    whole = await anna.get(page.one("a.original").attributes["href"] or "")
    assert "Картинки с чужих серверов не загружены" in whole.text
    frame = whole.one("iframe").attributes
    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    body = await anna.get(frame["src"] or "")
    assert "старое письмо" in body.text
    assert "data:image/png;base64," in body.text
    assert "tracker.example" not in body.text
    assert "<script" not in body.text
    assert body.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    )
    shown = await anna.get(f"/messages/{message}/original/body?pictures=yes")
    assert "https://tracker.example/open.gif" in shown.text
    for path in (f"/messages/{message}0/original", "/messages/x/original", f"/messages/{10**20}/original/body"):
        assert (await anna.get(path)).status == 404
    stranger = await desk.stranger()
    assert (await stranger.get(f"/messages/{message}/original/body")).status in (302, 303, 401)


async def answer_it(desk: Desk, house: MailHouse, dialog: int) -> None:
    anna = await desk.browser("Анна")
    form = {"kind": "outgoing", "text": "Есть, 48 000 ₽.", "seen_message_id": "999999999", "client_id": "a-1"}
    wrong = await anna.post(f"/conversations/{dialog}/messages", {**form, "subject": "x", "cc": "не адрес", "bcc": ""})
    assert wrong.status == 422
    assert "неверный адрес" in wrong.text
    await anna.post(f"/conversations/{dialog}/messages", {**form, "subject": "Re: Стол", "cc": "boss@x.ru", "bcc": ""})

    async def went() -> list[Any]:
        return await desk.world.rows(select(Delivery.id).where(Delivery.state == "sent"))

    await until(desk, went)
    (sent,) = house.sent
    assert sent.recipients == ["marina@x.ru", "boss@x.ru"]
    assert sent.mail["In-Reply-To"] == "<1@x.ru>"
    assert sent.mail["From"] == "Анна <support@dubrava.example>"
    page = await anna.get(f"/conversations/{dialog}")
    assert "Есть, 48 000 ₽." in page.text


async def bounce_it(desk: Desk, house: MailHouse, dialog: int) -> None:
    name = house.sent[0].mail["Message-ID"]
    report = (
        "From: MAILER-DAEMON@x.ru\r\nTo: support@dubrava.example\r\nMessage-ID: <b1@x.ru>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.ru\r\n\r\n"
        "Final-Recipient: rfc822; marina@x.ru\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 No such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {name}\r\n\r\n--b--\r\n"
    )
    await house.arrives(report.encode())

    async def failed() -> list[Any]:
        return await desk.world.rows(select(Delivery.id).where(Delivery.state == "failed"))

    await until(desk, failed)
    anna = await desk.browser("Анна")
    page = await anna.get(f"/conversations/{dialog}")
    assert any("550 No such user" in words for words in page.words(".why"))
