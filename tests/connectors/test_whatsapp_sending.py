"""What an agent's answer becomes in WhatsApp, and what WhatsApp's refusals become for the agent."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.contract import (
    Amendment,
    ApprovedTemplate,
    Button,
    ChannelMisconfigured,
    MediaKind,
    Outgoing,
    OutgoingMedia,
    Rejected,
    SendError,
    TemplateUse,
    TemplateValue,
    TemplateVariable,
    Throttled,
    TooLarge,
    Unreachable,
    WindowClosed,
)
from connectors.whatsapp import CONNECTOR
from connectors.whatsapp_config import Config
from inbox.rules.splitting import split_text
from inbox.runtime.net import GuardedNet
from tests.connectors.accounts import ACCOUNTS, outgoing
from tests.platforms.loopback import Answer, Fault
from tests.platforms.meta import failure
from tests.platforms.whatsapp import WhatsApp

PHONE = "79171234567"
CONFIRMATION: dict[str, Any] = {
    "name": "order_ready",
    "language": "ru",
    "status": "APPROVED",
    "category": "UTILITY",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Заказ {{1}}"},
        {"type": "BODY", "text": "{{1}}, ваш стол готов. Привезём {{2}}?"},
        {"type": "FOOTER", "text": "Дубрава"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Да, удобно"}]},
    ],
}


@dataclass
class Line:
    """The platform and our side of it."""

    api: WhatsApp
    net: GuardedNet

    @property
    def config(self) -> Config:
        return Config.model_validate(ACCOUNTS["whatsapp"].config(self.api.url))

    async def send(self, text: str = "Да, есть", **parts: Any) -> list[str]:
        values = {"address": PHONE, "parts": split_text(text, 4096, "codepoints"), **parts}
        wanted: Outgoing = outgoing(text, **values)
        return list(await CONNECTOR.send(wanted, self.config, self.net))

    async def refused(self, **parts: Any) -> SendError:
        with pytest.raises(SendError) as caught:
            await self.send(**parts)
        return caught.value

    def told(self) -> list[Any]:
        """What each message said."""
        return [body[body["type"]] for body in self.api.sent]


@contextlib.asynccontextmanager
async def line() -> AsyncIterator[Line]:
    api = WhatsApp()
    net = GuardedNet(allow_private=True)
    await net.open()
    async with api.run():
        yield Line(api, net)
    await net.close()


async def _bytes() -> bytes:
    return b"\x89PNG..."


def media(kind: MediaKind, mime: str, name: str = "дуб.bin", size: int = 9000) -> OutgoingMedia:
    return OutgoingMedia(kind, name, mime, size, _bytes)


PHOTO = media(MediaKind.IMAGE, "image/jpeg", "дуб.jpg")


async def test_words_go_as_they_are_with_our_own_key() -> None:
    async with line() as here:
        assert await here.send(reply_to="wamid.IN01") == ["wamid.1"]
        assert here.api.sent == [
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": PHONE,
                "type": "text",
                "text": {"body": "Да, есть", "preview_url": True},
                "context": {"message_id": "wamid.IN01"},
                "biz_opaque_callback_data": "m12-c0ffee",
            }
        ]


async def test_somebody_without_a_phone_is_written_to_by_their_id() -> None:
    async with line() as here:
        await here.send(address="US.13491208655302741918")
        assert here.api.sent[0]["recipient"] == "US.13491208655302741918"
        assert "to" not in here.api.sent[0]


async def test_what_is_there_already_is_not_sent_again() -> None:
    async with line() as here:
        text = "слово " * 1500
        here.api.answers(Answer(503))
        failed = await here.refused(text=text)
        assert isinstance(failed, Unreachable)
        assert failed.sent == ()
        ids = await here.send(text, done=("wamid.0",))
        assert len(ids) == 2
        assert "".join(here.api.texts(PHONE)) == text[len(split_text(text, 4096, "codepoints")[0]) :]


async def test_ids_of_the_first_pieces_are_kept_when_a_later_one_fails() -> None:
    async with line() as here:
        here.api.answers(Answer(body=b'{"messages": [{"id": "wamid.A"}]}'), failure(131056))
        failed = await here.refused(text="слово " * 1000)
        assert failed.sent == ("wamid.A",)


FILES: dict[str, tuple[OutgoingMedia, str, str]] = {
    "a photo": (PHOTO, "image", "Вот"),
    "a photo that WhatsApp does not show": (media(MediaKind.IMAGE, "image/webp"), "document", "Вот"),
    "a photo that is too large": (media(MediaKind.IMAGE, "image/png", size=6 << 20), "document", "Вот"),
    "a film": (media(MediaKind.VIDEO, "video/mp4"), "video", "Вот"),
    "a film of another kind": (media(MediaKind.VIDEO, "video/webm"), "document", "Вот"),
    "a file": (media(MediaKind.FILE, "application/pdf"), "document", "Вот"),
    "a voice has no words below it": (media(MediaKind.VOICE, "audio/ogg; codecs=opus"), "audio", ""),
}


@pytest.mark.parametrize(("file", "form", "caption"), FILES.values(), ids=FILES)
async def test_a_file_is_uploaded_and_takes_the_form_that_fits(file: OutgoingMedia, form: str, caption: str) -> None:
    async with line() as here:
        ids = await here.send("Вот", media=(file,))
        body = here.api.sent[-1]
        assert body["type"] == form
        assert body[form]["id"] in here.api.uploads
        assert body[form].get("caption", "") == caption
        assert len(ids) == (1 if caption else 2)
        uploaded = here.api.uploads[body[form]["id"]]
        assert b"\x89PNG..." in uploaded
        assert file.mime.partition(";")[0].encode() in uploaded


async def test_long_words_go_before_their_pictures() -> None:
    async with line() as here:
        await here.send("слово " * 300, media=(PHOTO, PHOTO))
        assert [body["type"] for body in here.api.sent] == ["text", "image", "image"]
        assert "caption" not in here.told()[1]


BUTTONS: dict[str, tuple[tuple[Button, ...], str, list[str]]] = {
    "three answers": ((Button("Дуб"), Button("Бук"), Button("Ясень")), "Что?", ["button"]),
    "four answers are a list": (tuple(Button(f"Вид {n}") for n in range(4)), "Что?", ["list"]),
    "a long title makes a list": ((Button("Хочу стол из дуба с доставкой"),), "Что?", ["list"]),
    "one link": ((Button("Каталог", "https://shop.example.com"),), "Что?", ["cta_url"]),
    "links and answers become lines": (
        (Button("Каталог", "https://shop.example.com"), Button("Дуб")),
        "Что?",
        ["text", "text"],
    ),
    "words too long to carry buttons": ((Button("Дуб"),), "слово " * 200, ["text", "button"]),
}


@pytest.mark.parametrize(("buttons", "text", "forms"), BUTTONS.values(), ids=BUTTONS)
async def test_buttons_take_the_form_that_whatsapp_has(
    buttons: tuple[Button, ...], text: str, forms: list[str]
) -> None:
    async with line() as here:
        await here.send(text, buttons=buttons)
        assert [content.get("type", "text") for content in here.told()] == forms


REFUSALS: dict[str, tuple[Answer, SendError]] = {
    "window over": (failure(131047), WindowClosed()),
    "pair limit": (failure(131056), Throttled("", 6.0)),
    "account limit": (failure(130429, status=429), Throttled("", 30.0, everybody=True)),
    "app limit": (failure(4), Throttled("", 60.0, everybody=True)),
    "token over": (failure(190, status=401, subcode=463), ChannelMisconfigured()),
    "permission gone": (failure(200, status=403), ChannelMisconfigured()),
    "blocked for a while": (failure(368), ChannelMisconfigured()),
    "no such client": (failure(131026), Rejected()),
    "payment": (failure(131042), Rejected()),
    "overloaded": (failure(131016, status=503), Unreachable()),
    "away for a moment": (failure(2, status=500), Unreachable()),
    "failed in the middle": (failure(1, status=500), Unreachable("", maybe_sent=True)),
    "a server before it failed": (Answer(502, b""), Unreachable()),
    "template changed": (failure(132000), Rejected()),
    "template too long": (failure(132005), TooLarge()),
    "never seen": (failure(999999, "Odd"), Rejected()),
    "the line breaks": (Answer(fault=Fault.RESET), Unreachable("", maybe_sent=True)),
}


@pytest.mark.parametrize(("answer", "expected"), REFUSALS.values(), ids=REFUSALS)
async def test_refusals_have_their_family(answer: Answer, expected: SendError) -> None:
    async with line() as here:
        here.api.answers(answer)
        refused = await here.refused()
    assert type(refused) is type(expected)
    for name in ("retry_after", "everybody", "maybe_sent"):
        assert getattr(refused, name, None) == getattr(expected, name, None), name
    assert refused.reason


async def test_an_upload_that_breaks_was_no_message() -> None:
    async with line() as here:
        here.api.answers(Answer(fault=Fault.RESET))
        refused = await here.refused(media=(PHOTO,))
        assert isinstance(refused, Unreachable)
        assert not refused.maybe_sent


async def test_an_approved_template_goes_out_by_name_also_when_the_window_is_over() -> None:
    async with line() as here:
        here.api.templates = [CONFIRMATION]
        here.api.closed.add(PHONE)
        values = (("header", "1", "№ 7"), ("body", "1", "Марина"), ("body", "2", "в пятницу"))
        use = TemplateUse("order_ready", "ru", tuple(TemplateValue(*value) for value in values))
        assert await here.send("Заказ № 7", template=use) == ["wamid.1"]
        assert here.told() == [
            {
                "name": "order_ready",
                "language": {"code": "ru"},
                "components": [
                    {"type": "header", "parameters": [{"type": "text", "text": "№ 7"}]},
                    {
                        "type": "body",
                        "parameters": [{"type": "text", "text": "Марина"}, {"type": "text", "text": "в пятницу"}],
                    },
                ],
            }
        ]
        assert isinstance(await here.refused(), WindowClosed)


async def test_gaps_with_names_are_named() -> None:
    async with line() as here:
        named = {"type": "BODY", "text": "{{first_name}}, готово"}
        here.api.templates = [{"name": "named", "language": "ru", "status": "APPROVED", "components": [named]}]
        await here.send(template=TemplateUse("named", "ru", (TemplateValue("body", "first_name", "Марина"),)))
        parameter = {"type": "text", "parameter_name": "first_name", "text": "Марина"}
        assert here.told()[0]["components"] == [{"type": "body", "parameters": [parameter]}]


async def test_the_list_has_what_can_be_sent_with_texts_alone() -> None:
    picture = {"type": "HEADER", "format": "IMAGE"}
    address = {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Заказ", "url": "https://e.com/{{1}}"}]}
    body = {"type": "BODY", "text": "Здравствуйте"}
    others = [
        {**CONFIRMATION, "name": "waits", "status": "PENDING"},
        {**CONFIRMATION, "name": "pictured", "components": [picture, body]},
        {**CONFIRMATION, "name": "coded", "components": [body, address]},
        {"name": 7},
        {**CONFIRMATION, "name": "plain", "language": "en", "components": [body]},
    ]
    async with line() as here:
        assert CONNECTOR.approved_templates is not None
        here.api.templates = [CONFIRMATION, *others]
        found = await CONNECTOR.approved_templates(here.config, here.net)
    assert found == [
        ApprovedTemplate(
            "order_ready",
            "ru",
            "{{1}}, ваш стол готов. Привезём {{2}}?",
            "utility",
            "Заказ {{1}}",
            "Дубрава",
            ("Да, удобно",),
            (TemplateVariable("header", "1"), TemplateVariable("body", "1"), TemplateVariable("body", "2")),
        ),
        ApprovedTemplate("plain", "en", "Здравствуйте", "utility"),
    ]


async def test_read_marks_typing_and_reactions() -> None:
    async with line() as here:
        assert CONNECTOR.mark_read is not None
        assert CONNECTOR.typing_below is not None
        assert CONNECTOR.react is not None
        await CONNECTOR.mark_read(PHONE, "wamid.IN01", here.config, here.net)
        await CONNECTOR.typing_below(PHONE, "wamid.IN01", here.config, here.net)
        read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN01"}
        assert here.api.notes == [read, {**read, "typing_indicator": {"type": "text"}}]
        await CONNECTOR.react(Amendment(PHONE, ("wamid.IN01",), "👍"), here.config, here.net)
        assert here.told() == [{"message_id": "wamid.IN01", "emoji": "👍"}]


async def test_files_come_from_meta_alone() -> None:
    async with line() as here:
        assert CONNECTOR.fetch_media is not None
        here.api.files["1003"] = b"jpeg"
        assert await CONNECTOR.fetch_media("1003", here.config, here.net, 100) == b"jpeg"
        with pytest.raises(TooLarge):
            await CONNECTOR.fetch_media("1003", here.config, here.net, 3)
        for wrong in ("404", "../me", "100 3", ""):
            with pytest.raises(Rejected):
                await CONNECTOR.fetch_media(wrong, here.config, here.net, 100)
        asked = len(here.api.asked)
        here.api.answers(Answer(body=b'{"url": "https://evil.example/x"}'))
        with pytest.raises(Rejected):
            await CONNECTOR.fetch_media("1003", here.config, here.net, 100)
        assert len(here.api.asked) == asked + 1
