"""Reading a real IMAP server: what is new, in which folder, after which mishap, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import pytest_asyncio

from connectors.contract import ChannelMisconfigured, Polled, Request, Unreachable
from connectors.email import CONNECTOR, check, connect, parse, poll
from connectors.email_fetch import read_marks
from connectors.email_imap import to_wire
from inbox.runtime.net import GuardedNet
from tests.platforms.mail import MAILBOX, MailHouse

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def letter(name: str, sender: str = "marina@x.ru", to: str = MAILBOX) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, to, "Стол", f"<{name}@x.ru>"
    mail.set_content(f"{name}\n")
    return mail


@pytest_asyncio.fixture
async def net() -> AsyncIterator[GuardedNet]:
    opened = GuardedNet(allow_private=True)
    await opened.open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailHouse]:
    # Nobody waits for news unless a test is about waiting.
    monkeypatch.setattr("connectors.email_fetch.WAIT_SECONDS", 0.05)
    async with MailHouse().run() as running_house:
        yield running_house


def config(house: MailHouse, **more: Any) -> Any:
    return CONNECTOR.config.model_validate(house.config(**more))


def texts(polled: Polled, settings: Any) -> list[str]:
    events = [event for body in polled.bodies for event in parse(Request("POLL", {}, {}, body, NOW), settings).events]
    return [event.text for event in events if hasattr(event, "text")]


async def test_letters_from_before_stay_and_new_ones_come_once(house: MailHouse, net: GuardedNet) -> None:
    settings = config(house)
    await house.arrives(letter("old"))
    first = await poll(settings, None, net)
    assert first.bodies == ()
    await house.arrives(letter("new-1"))
    await house.arrives(letter("new-2"))
    second = await poll(settings, first.cursor, net)
    assert texts(second, settings) == ["new-1", "new-2"]
    assert (await poll(settings, second.cursor, net)).bodies == ()
    # A crash before the cursor was stored brings them again, and the journal knows them by their names.
    again = await poll(settings, first.cursor, net)
    assert again.bodies == second.bodies


async def test_nothing_is_marked_as_seen(house: MailHouse, net: GuardedNet) -> None:
    settings = config(house)
    cursor = (await poll(settings, None, net)).cursor
    await house.arrives(letter("new"))
    assert len((await poll(settings, cursor, net)).bodies) == 1
    assert await house.unseen() == 1


async def test_a_letter_is_told_while_we_wait(
    house: MailHouse, net: GuardedNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.email_fetch.WAIT_SECONDS", 20.0)
    settings = config(house)
    cursor = (await poll(settings, None, net)).cursor
    waiting = asyncio.create_task(poll(settings, cursor, net))
    await house.idling.wait()
    await house.arrives(letter("now"))
    async with asyncio.timeout(10):
        assert texts(await waiting, settings) == ["now"]


async def test_every_folder_is_read_and_sent_letters_are_answers(house: MailHouse, net: GuardedNet) -> None:
    await house.add_folder("Заявки")
    await house.add_folder("Sent")
    settings = config(house, folders=["INBOX", "Нет такой"])
    with pytest.raises(ChannelMisconfigured, match="folder"):
        await connect(settings, "", net)
    assert to_wire("Заявки & co") == "&BBcEMARPBDIEOgQ4- &- co"
    settings = config(house, folders=["INBOX", "Заявки"], sent_folder="Sent")
    cursor = (await poll(settings, None, net)).cursor
    await house.arrives(letter("form"), "Заявки")
    await house.arrives(letter("native", sender=MAILBOX, to="marina@x.ru"), "Sent")
    polled = await poll(settings, cursor, net)
    kinds = [type(parse(Request("POLL", {}, {}, body, NOW), settings).events[0]).__name__ for body in polled.bodies]
    assert kinds == ["MessageReceived", "Echo"]


async def test_a_folder_that_is_numbered_anew_is_read_since_the_last_letter(house: MailHouse, net: GuardedNet) -> None:
    settings = config(house)
    await house.arrives(letter("ancient"), at=datetime(2020, 1, 1, tzinfo=UTC))
    cursor = (await poll(settings, None, net)).cursor
    await house.arrives(letter("known"))
    cursor = (await poll(settings, cursor, net)).cursor
    await house.forget_numbers()
    await house.arrives(letter("missed"))
    polled = await poll(settings, cursor, net)
    assert texts(polled, settings) == ["known", "missed"]
    assert (await poll(settings, polled.cursor, net)).bodies == ()


async def test_many_letters_come_in_portions(
    house: MailHouse, net: GuardedNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.email_fetch.MAX_LETTERS", 2)
    settings = config(house)
    cursor = (await poll(settings, None, net)).cursor
    for number in range(5):
        await house.arrives(letter(f"n{number}"))
    found: list[str] = []
    for _ in range(3):
        polled = await poll(settings, cursor, net)
        found, cursor = [*found, *texts(polled, settings)], polled.cursor
    assert found == ["n0", "n1", "n2", "n3", "n4"]


async def test_a_letter_beyond_the_limit_comes_without_its_end(
    house: MailHouse, net: GuardedNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.email_imap.MAX_LETTER", 4000)
    settings = config(house)
    cursor = (await poll(settings, None, net)).cursor
    mail = letter("big")
    mail.set_content("слово " * 3000)
    await house.arrives(mail)
    (body,) = (await poll(settings, cursor, net)).bodies
    (event,) = parse(Request("POLL", {}, {}, body, NOW), settings).events
    assert event.unsupported
    assert len(body) < 1000


@pytest.mark.parametrize("cursor", ["", "[]", "nonsense", '{"INBOX": 7}', '{"INBOX": [1, "x", null]}'])
def test_a_cursor_that_cannot_be_read_is_as_good_as_none(cursor: str) -> None:
    assert read_marks(cursor) == {}


async def test_connecting_tries_both_servers(house: MailHouse, net: GuardedNet) -> None:
    assert (await connect(config(house), "", net)).address == MAILBOX
    assert house.sign_ins == 1
    with pytest.raises(ChannelMisconfigured):
        await connect(config(house, password="wrong"), "", net)
    health = await check(config(house), net)
    assert (health.state, dict(health.facts)["Mailbox"]) == ("ok", MAILBOX)


async def test_a_server_that_is_not_there_or_is_another_is_told_in_words(house: MailHouse, net: GuardedNet) -> None:
    for settings in (config(house, imap_port=1), config(house, imap_port=house.smtp_port)):
        with pytest.raises(Unreachable):
            await poll(settings, None, net)
    with pytest.raises(Unreachable):
        await poll(config(house), None, GuardedNet(allow_private=False))


async def test_both_servers_are_reached_encrypted(net: GuardedNet) -> None:
    from tests.platforms.certificate import made_certificate

    context, authority = made_certificate()
    async with MailHouse(context).run() as house:
        assert (await connect(config(house, authorities=authority), "", net)).address == MAILBOX
        # Without the authority the certificate is a stranger's, and no password is told to it.
        with pytest.raises(Unreachable):
            await connect(config(house), "", net)
        assert house.sign_ins == 1
