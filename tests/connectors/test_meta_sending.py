"""What an agent's answer becomes in Messenger and in Instagram, and what Meta's refusals become for the agent."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

import connectors
from connectors.contract import (
    Amendment,
    AnyConnector,
    Button,
    ChannelMisconfigured,
    ContactStopped,
    Health,
    MediaKind,
    Outgoing,
    OutgoingMedia,
    Profile,
    Rejected,
    SendError,
    Throttled,
    Unreachable,
    WindowClosed,
)
from inbox.rules.splitting import split_text
from inbox.runtime.net import GuardedNet
from tests.connectors.accounts import ACCOUNTS, NOW, outgoing
from tests.platforms.loopback import Answer, Fault
from tests.platforms.meta import failure
from tests.platforms.meta_talk import Talk

CLIENT = "1254459154682919"
BOTH = pytest.mark.parametrize("kind", ["messenger", "instagram"])


@dataclass
class Line:
    """The platform and our side of it."""

    api: Talk
    net: GuardedNet
    declared: AnyConnector
    human_agent: bool = False

    @property
    def config(self) -> Any:
        values = {**ACCOUNTS[self.declared.kind].config(self.api.url), "human_agent": self.human_agent}
        return self.declared.config.model_validate(values)

    async def send(self, text: str = "Да, есть", **parts: Any) -> list[str]:
        limit = self.declared.capabilities.max_text
        wanted: Outgoing = outgoing(
            text, **{"address": CLIENT, "parts": split_text(text, limit, "codepoints"), **parts}
        )
        return list(await self.declared.send(wanted, self.config, self.net))

    async def refused(self, **parts: Any) -> SendError:
        with pytest.raises(SendError) as caught:
            await self.send(**parts)
        return caught.value

    def told(self) -> list[Any]:
        """What each message said, without our mark."""
        return [
            {name: value for name, value in body["message"].items() if name != "metadata"} for body in self.api.sent
        ]


@contextlib.asynccontextmanager
async def line(kind: str) -> AsyncIterator[Line]:
    by_link = kind == "instagram"
    account = ACCOUNTS[kind].config("")
    declared = connectors.find(kind)
    api = Talk(account.get("page_id") or account["account_id"], declared.capabilities.max_text, files_by_link=by_link)
    net = GuardedNet(allow_private=True)
    await net.open()
    async with api.run():
        yield Line(api, net, declared)
    await net.close()


async def _bytes() -> bytes:
    return b"\x89PNG..."


PHOTO = OutgoingMedia(MediaKind.IMAGE, "дуб.png", "image/png", 9000, _bytes, "https://inbox.example.com/files/t0ken")


@BOTH
async def test_words_and_files_go_apart(kind: str) -> None:
    async with line(kind) as here:
        assert await here.send("Вот", media=(PHOTO,), reply_to="m_01") == ["m_out_1", "m_out_2"]
        assert here.told()[0] == {"text": "Вот"}
        attachment = here.told()[1]["attachment"]
        assert attachment["type"] == "image"
        if kind == "instagram":
            assert attachment["payload"] == {"url": PHOTO.url}
        else:
            assert b"\x89PNG..." in here.api.uploads[attachment["payload"]["attachment_id"]]
        assert [body.get("reply_to") for body in here.api.sent] == [{"mid": "m_01"}, None]
        assert {body["messaging_type"] for body in here.api.sent} == {"RESPONSE"}
        marks = [body["message"].get("metadata") for body in here.api.sent]
        assert marks == ([None] * 2 if kind == "instagram" else ["m12-c0ffee"] * 2)


@BOTH
async def test_what_is_there_already_is_not_sent_again(kind: str) -> None:
    async with line(kind) as here:
        assert await here.send("Вот", media=(PHOTO,), done=("m_0",)) == ["m_out_1"]
        assert "attachment" in here.told()[0]
        here.api.answers(Answer(body=b'{"message_id": "m_9"}'), failure(613))
        failed = await here.refused(text="слово " * 400)
        assert failed.sent == ("m_9",)


@BOTH
async def test_long_words_are_cut_at_the_limit(kind: str) -> None:
    async with line(kind) as here:
        text = "слово " * 700
        await here.send(text)
        assert "".join(here.api.texts(CLIENT)) == text


BUTTONS: dict[str, tuple[tuple[Button, ...], str, list[set[str]]]] = {
    "answers": ((Button("Дуб"), Button("Бук с доставкой до двери")), "Что?", [{"text", "quick_replies"}]),
    "a link": ((Button("Каталог", "https://shop.example.com"), Button("Дуб")), "Что?", [{"attachment"}]),
    "more links than fit": (
        tuple(Button(f"Стол {n}", "https://shop.example.com") for n in range(4)),
        "Что?",
        [{"text"}, {"text"}],
    ),
    "a link below many words": (
        (Button("Каталог", "https://shop.example.com"),),
        "слово " * 120,
        [{"text"}, {"text"}],
    ),
}


@BOTH
@pytest.mark.parametrize(("buttons", "text", "shapes"), BUTTONS.values(), ids=BUTTONS)
async def test_buttons(kind: str, buttons: tuple[Button, ...], text: str, shapes: list[set[str]]) -> None:
    async with line(kind) as here:
        await here.send(text, buttons=buttons)
        assert [set(message) for message in here.told()] == shapes


@BOTH
async def test_buttons_below_a_picture_have_a_pointer_of_their_own(kind: str) -> None:
    async with line(kind) as here:
        await here.send("", media=(PHOTO,), buttons=(Button("Дуб"),))
        assert [set(message) for message in here.told()] == [{"attachment"}, {"text", "quick_replies"}]


@BOTH
async def test_after_a_day_a_person_answers_by_permission(kind: str) -> None:
    async with line(kind) as here:
        here.api.closed.add(CLIENT)
        wrote = NOW - timedelta(hours=25)
        assert isinstance(await here.refused(reply_until=wrote + timedelta(days=1)), WindowClosed)
        here.human_agent = True
        assert await here.send(reply_until=wrote + timedelta(days=7)) == ["m_out_1"]
        assert here.api.sent[0]["tag"] == "HUMAN_AGENT"
        await here.send(address="777", reply_until=NOW + timedelta(days=6, minutes=1))
        assert "tag" not in here.api.sent[1]
        here.api.gone.add(CLIENT)
        assert isinstance(await here.refused(reply_until=NOW + timedelta(days=1)), WindowClosed)


REFUSALS: dict[str, tuple[Answer, SendError]] = {
    "does not take messages": (failure(551, subcode=1545041), ContactStopped()),
    "does not take messages, in other words": (failure(200, subcode=1545041), ContactStopped()),
    "the window is over": (failure(10, subcode=2018278), WindowClosed()),
    "nobody there": (failure(100, subcode=2018001), Rejected()),
    "a permission is gone": (failure(200), ChannelMisconfigured()),
    "the password was changed": (failure(190, subcode=460, status=401), ChannelMisconfigured()),
    "too often": (failure(613), Throttled("", 60.0, everybody=True)),
    "away for a moment": (failure(1200, status=500), Unreachable()),
    "never seen": (failure(999999, "Odd"), Rejected()),
    "the line breaks": (Answer(fault=Fault.RESET), Unreachable("", maybe_sent=True)),
}


@BOTH
@pytest.mark.parametrize(("answer", "expected"), REFUSALS.values(), ids=REFUSALS)
async def test_refusals_have_their_family(kind: str, answer: Answer, expected: SendError) -> None:
    async with line(kind) as here:
        here.api.answers(answer)
        refused = await here.refused()
    assert type(refused) is type(expected)
    for name in ("retry_after", "everybody", "maybe_sent"):
        assert getattr(refused, name, None) == getattr(expected, name, None), name
    assert refused.reason


@BOTH
async def test_the_person_is_asked_for(kind: str) -> None:
    async with line(kind) as here:
        assert here.declared.profile is not None
        assert here.declared.fetch_media is not None
        found = await here.declared.profile(CLIENT, here.config, here.net)
        assert found is not None
        picture = f"{here.api.url}/v25.0/files/{CLIENT}"
        username = "marina.kim" if kind == "instagram" else ""
        assert found == Profile("Марина Ким", username=username, picture=picture)
        assert await here.declared.fetch_media(picture, here.config, here.net, 100) == CLIENT.encode()
        here.api.hidden.add(CLIENT)
        with pytest.raises(Rejected):
            await here.declared.profile(CLIENT, here.config, here.net)
        for stranger in ("https://evil.example/x", "https://fbsbx.com.evil.example/x", "http://cdn.fbsbx.com/x", "x"):
            with pytest.raises(Rejected):
                await here.declared.fetch_media(stranger, here.config, here.net, 100)


@BOTH
async def test_typing_and_read_marks(kind: str) -> None:
    async with line(kind) as here:
        assert here.declared.typing is not None
        assert here.declared.mark_read is not None
        await here.declared.typing(CLIENT, here.config, here.net)
        await here.declared.mark_read(CLIENT, "m_01", here.config, here.net)
        assert [action["sender_action"] for action in here.api.actions] == ["typing_on", "mark_seen"]


async def test_instagram_takes_a_heart_and_nothing_else() -> None:
    async with line("instagram") as here:
        assert here.declared.react is not None
        await here.declared.react(Amendment(CLIENT, ("m_01",), "❤️"), here.config, here.net)
        await here.declared.react(Amendment(CLIENT, ("m_01",), ""), here.config, here.net)
        assert [action["sender_action"] for action in here.api.actions] == ["react", "unreact"]
        assert here.api.actions[0]["payload"] == {"message_id": "m_01", "reaction": "love"}
        with pytest.raises(Rejected):
            await here.declared.react(Amendment(CLIENT, ("m_01",), "🔥"), here.config, here.net)


@BOTH
async def test_health_tells_how_long_the_token_lasts_and_where_the_messages_go(kind: str) -> None:
    async with line(kind) as here:
        assert here.declared.check is not None
        config = here.config.model_copy(update={"webhook_url": "https://inbox.example.com/hooks/x/second"})
        object_ = "page" if kind == "messenger" else "instagram"
        for url, state in (
            ("https://inbox.example.com/hooks/x/first", "ok"),
            ("https://crm.example.com/hook", "degraded"),
        ):
            here.api.subscriptions[object_] = {"object": object_, "callback_url": url, "active": True}
            health: Health = await here.declared.check(config, here.net)
            assert health.state == state
            assert ("The access token is good until", "2026-12-11") in health.facts
