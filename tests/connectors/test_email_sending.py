"""Answers as letters, handed to a real SMTP server: what arrives there, and what each of its refusals means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from connectors.contract import (
    ChannelMisconfigured,
    MediaKind,
    Outgoing,
    OutgoingMedia,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
)
from connectors.email import CONNECTOR, connect, send
from inbox.runtime.net import GuardedNet
from tests.connectors.accounts import outgoing
from tests.platforms.loopback import Answer, Platform, running
from tests.platforms.mail import MAILBOX, MailHouse

LETTER = outgoing(
    "Да, есть.\n.Точка в начале строки\n" + "длинная строка " * 200,
    address="marina@x.ru",
    agent_name="Анна",
    subject="Re: Стол",
    cc=("buh@x.ru",),
    bcc=("boss@dubrava.example",),
    thread=("<1@x.ru> marina@x.ru", "<m3.aaaaaaaaaaaaaaaa@dubrava.example>", "<2@x.ru> marina@x.ru"),
)


@pytest_asyncio.fixture
async def net() -> AsyncIterator[GuardedNet]:
    opened = GuardedNet(allow_private=True)
    await opened.open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def house() -> AsyncIterator[MailHouse]:
    async with MailHouse().run() as running_house:
        yield running_house


def config(house: MailHouse, **more: Any) -> Any:
    return CONNECTOR.config.model_validate(house.config(**more))


async def result(letter: Outgoing, settings: Any, net: GuardedNet) -> Any:
    try:
        return tuple(await send(letter, settings, net))
    except SendError as error:
        return error


async def test_a_letter_arrives_as_it_was_written(house: MailHouse, net: GuardedNet) -> None:
    settings = config(house, sender_name="Мебель «Дубрава»", signature="{agent}, отдел продаж", plus=True)
    (name,) = await send(LETTER, settings, net)
    (sent,) = house.sent
    mail = sent.mail
    assert sent.recipients == ["marina@x.ru", "buh@x.ru", "boss@dubrava.example"]
    assert mail["From"] == "Мебель «Дубрава» <support@dubrava.example>"
    assert (mail["To"], mail["Cc"], mail["Bcc"]) == ("marina@x.ru", "buh@x.ru", None)
    assert mail["Subject"] == "Re: Стол"
    assert mail["Message-ID"] == name
    assert mail["Reply-To"] == f"support+{name[1:].partition('@')[0]}@dubrava.example"
    assert mail["In-Reply-To"] == "<2@x.ru>"
    assert mail["References"] == "<1@x.ru> <m3.aaaaaaaaaaaaaaaa@dubrava.example> <2@x.ru>"
    assert mail["Auto-Submitted"] is None
    assert mail.get_content().replace("\r\n", "\n") == f"{LETTER.text}\n\n-- \nАнна, отдел продаж\n"
    assert all(len(line) <= 998 for line in sent.content.split(b"\r\n"))
    assert sent.content.isascii()


async def test_every_attempt_of_one_message_has_one_name(house: MailHouse, net: GuardedNet) -> None:
    assert await send(LETTER, config(house), net) == await send(replace(LETTER, text="x"), config(house), net)
    other = await send(replace(LETTER, dedup_key="m12-other"), config(house), net)
    assert other != (house.sent[0].mail["Message-ID"],)


async def test_files_go_with_their_names(house: MailHouse, net: GuardedNet) -> None:
    async def read() -> bytes:
        return b"%PDF"

    file = OutgoingMedia(MediaKind.FILE, "Счёт № 5.pdf", "application/pdf", 4, read)
    odd = OutgoingMedia(MediaKind.FILE, "x.eml", "message/rfc822", 4, read)
    await send(replace(LETTER, media=(file, odd)), config(house), net)
    attached = list(house.sent[0].mail.iter_attachments())
    assert [(part.get_filename(), part.get_content()) for part in attached] == [
        ("Счёт № 5.pdf", b"%PDF"),
        ("x.eml", b"%PDF"),
    ]


async def test_a_picture_stands_in_the_letter(house: MailHouse, net: GuardedNet) -> None:
    async def read() -> bytes:
        return b"\x89PNG"

    picture = OutgoingMedia(MediaKind.IMAGE, "report.png", "image/png", 4, read)
    other = replace(picture, name="other.png")
    html = '<p>Да</p><img src="cid:report.png">'
    letter = replace(LETTER, text="Да", html=html, media=(picture, other), agent_name="", thread=())
    await send(letter, config(house), net)
    mail = house.sent[0].mail
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content().strip() == "Да"  # type: ignore[union-attr]
    assert mail.get_body(("html",)).get_content().strip() == html  # type: ignore[union-attr]
    shown = [part for part in mail.walk() if part["Content-ID"]]
    assert [(part["Content-ID"], part.get_content()) for part in shown] == [("<report.png>", b"\x89PNG")]  # type: ignore[attr-defined]
    assert [part.get_filename() for part in mail.iter_attachments()] == ["other.png"]


async def test_what_nobody_wrote_says_so_and_has_no_signature(house: MailHouse, net: GuardedNet) -> None:
    await send(replace(LETTER, agent_name="", subject=""), config(house, signature="С уважением"), net)
    mail = house.sent[0].mail
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Subject"].startswith("Да, есть. .Точка")
    assert "С уважением" not in mail.get_content()


async def test_the_quoted_letter_is_the_answered_one(house: MailHouse, net: GuardedNet) -> None:
    await send(replace(LETTER, reply_to="<1@x.ru> marina@x.ru"), config(house), net)
    assert house.sent[0].mail["In-Reply-To"] == "<1@x.ru>"


@pytest.mark.parametrize("wrong", [{"address": "no\r\nBcc: evil@x.ru"}, {"cc": ("a b@x",)}, {"address": "клиент@x.ru"}])
async def test_an_address_that_cannot_be_is_refused_in_words(
    house: MailHouse, net: GuardedNet, wrong: dict[str, Any]
) -> None:
    found = await result(replace(LETTER, **wrong), config(house), net)
    if wrong.get("address") == "клиент@x.ru":
        assert house.sent[0].recipients[0] == "клиент@x.ru"
    else:
        assert isinstance(found, Rejected)
        assert not house.sent


REFUSALS: dict[str, tuple[dict[str, str], type[SendError], str]] = {
    "nobody is there": ({"RCPT": "550 5.1.1 No such user"}, Rejected, "There is no such mailbox."),
    "spam": ({"DATA": "554 5.7.1 Message rejected under suspicion of SPAM"}, Rejected, "SPAM"),
    "grey list": ({"RCPT": "451 4.7.1 Greylisted, try again in 5 minutes"}, Throttled, "asks to wait"),
    "too many": ({"MAIL": "450 4.7.1 Too many letters"}, Throttled, "asks to wait"),
    "too large": ({"DATA": "552 5.3.4 Message size exceeds limit"}, TooLarge, "larger"),
    "shut down": ({"MAIL": "421 4.3.2 Shutting down"}, Unreachable, "cannot take"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals_have_their_family(house: MailHouse, net: GuardedNet, name: str) -> None:
    house.knobs.refusals, family, words = REFUSALS[name]
    found = await result(LETTER, config(house), net)
    assert type(found) is family
    assert words in found.reason
    assert not house.sent


async def test_a_wrong_password_stops_the_channel(house: MailHouse, net: GuardedNet) -> None:
    house.knobs.password = "changed-since"
    found = await result(LETTER, config(house), net)
    assert isinstance(found, ChannelMisconfigured)
    assert "app-pass" not in found.reason


async def test_a_letter_beyond_what_the_server_says_is_not_begun(house: MailHouse, net: GuardedNet) -> None:
    found = await result(replace(LETTER, text="ы" * 900_000), config(house), net)
    assert isinstance(found, TooLarge)


@pytest.mark.parametrize("stage", ["EHLO", "MAIL", "RCPT"])
async def test_a_line_cut_before_the_letter_is_surely_not_sent(house: MailHouse, net: GuardedNet, stage: str) -> None:
    house.knobs.cut_at = stage
    found = await result(LETTER, config(house), net)
    assert isinstance(found, Unreachable)
    assert not found.maybe_sent


@pytest.mark.parametrize("stage", ["DATA", "taken"])
async def test_a_line_cut_after_the_letter_is_unsure(house: MailHouse, net: GuardedNet, stage: str) -> None:
    house.knobs.cut_at = stage
    found = await result(LETTER, config(house), net)
    assert isinstance(found, Unreachable)
    assert found.maybe_sent


async def test_silence_before_the_letter_is_surely_not_sent(
    house: MailHouse, net: GuardedNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.email_smtp.BEFORE_SECONDS", 0.2)
    house.knobs.silent_at = "MAIL"
    found = await result(LETTER, config(house), net)
    assert isinstance(found, Unreachable)
    assert not found.maybe_sent


async def test_nobody_listening_and_private_addresses_are_not_reached(house: MailHouse, net: GuardedNet) -> None:
    gone = await result(LETTER, config(house, smtp_port=1), net)
    assert isinstance(gone, Unreachable)
    assert not gone.maybe_sent
    guarded = GuardedNet(allow_private=False)
    for host in ("127.0.0.1", "localhost"):
        refused = await result(LETTER, config(house, smtp_host=host), guarded)
        assert isinstance(refused, Unreachable)
        assert "not a public address" in refused.reason
    assert house.sign_ins == 0


class TokenPlatform(Platform):
    """Makes access tokens as OAuth servers do."""

    def respond(self, asked: Any) -> Answer:
        """A token for the right refresh token."""
        good = b"refresh_token=r-secret-1" in asked.body
        return Answer(200, b'{"access_token": "t-1"}') if good else Answer(400, b'{"error": "invalid_grant"}')


async def test_access_is_taken_by_a_refresh_token(house: MailHouse, net: GuardedNet) -> None:
    oauth = {"password": "", "oauth_client_id": "c", "oauth_client_secret": "s", "oauth_refresh_token": "r-secret-1"}
    async with running(TokenPlatform()) as tokens:
        settings = config(house, **oauth, oauth_token_url=f"{tokens.url}/token")
        # The servers on loopback know no XOAUTH2: they are asked, and refuse.
        found = await result(LETTER, settings, net)
        assert isinstance(found, ChannelMisconfigured)
        assert len(tokens.asked) == 1
        wrong = await result(LETTER, settings.model_copy(update={"oauth_refresh_token": "old"}), net)
        assert wrong.reason == "The mail service takes its access back: connect the mailbox anew."
        with pytest.raises(ChannelMisconfigured):
            await connect(settings, "", net)


def test_the_mailbox_of_the_tests_is_the_one_of_the_letters() -> None:
    assert MAILBOX == "support@dubrava.example"
