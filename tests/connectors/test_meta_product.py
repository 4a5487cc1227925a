"""Messenger and Instagram through the whole product: connecting, talking under faults, windows, marks, names."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import connectors
from inbox.equipment import Equipment
from inbox.look_after_channels import ChannelCare
from inbox.models import Address, Channel, Contact, Conversation, Delivery, Message, Turn
from inbox.web.visit import RESOURCES
from tests.connectors.accounts import ACCOUNTS
from tests.desk import Answer, Browser, Desk, open_desk
from tests.faults.office import make_worker
from tests.platforms.loopback import running
from tests.platforms.meta_talk import Talk
from tests.world import World

CLIENT = "1254459154682919"
OBJECTS = {"messenger": "page", "instagram": "instagram"}
BOTH = pytest.mark.parametrize("kind", ["messenger", "instagram"])


@dataclass
class Shop:
    """The product with one account of Meta's."""

    kind: str
    desk: Desk
    api: Talk
    path: str = ""
    said: int = 0
    equipment: Equipment = field(init=False)

    def __post_init__(self) -> None:
        self.equipment = self.desk.app[RESOURCES].equipment

    async def connect(self, **changed: str) -> Answer:
        """Fill in the form as the administrator does."""
        vera = await self.desk.browser("Вера")
        typed = {"name": self.kind, **ACCOUNTS[self.kind].config(self.api.url), **changed}
        answer = await vera.post(f"/settings/channels/new/{self.kind}", typed)
        if answer.status == 303:
            rows = await self.desk.world.rows(select(Channel.token).where(Channel.kind == self.kind))
            self.path = f"/hooks/{self.kind}/{rows[-1].token}"
        return answer

    def now(self) -> int:
        return int(self.desk.world.clock.now().timestamp() * 1000)

    async def tell(self, part: str, content: dict[str, Any], *, echo: bool = False, queue: str = "messaging") -> None:
        """The platform tells one thing."""
        client, account = {"id": CLIENT}, {"id": self.api.account_id}
        sides = {"sender": account, "recipient": client} if echo else {"sender": client, "recipient": account}
        item = {**sides, "timestamp": self.now(), part: content}
        entry = {"id": self.api.account_id, "time": self.now(), queue: [item]}
        assert await self.api.tell(self.path, {"object": OBJECTS[self.kind], "entry": [entry]}) == 200

    async def client_writes(self, text: str, **more: Any) -> None:
        self.said += 1
        await self.tell("message", {"mid": f"m_in_{self.said}", "text": text, **more})

    async def hand_over(self) -> None:
        """Let the worker send until nothing is owed."""
        for turn in range(60):
            worker = make_worker(self.equipment)
            await worker.deliver_due()
            await worker.stop()
            if not {"queued", "sending"} & set(await self.states()):
                return
            self.desk.world.clock.advance(seconds=min(5 * 1.3**turn, 3000.0))
        raise AssertionError(await self.states())

    async def states(self) -> list[str]:
        return [row.state for row in await self.desk.world.rows(select(Delivery.state).order_by(Delivery.id))]

    async def dialog(self) -> int:
        rows = await self.desk.world.rows(select(Conversation.id).order_by(Conversation.id.desc()))
        return int(rows[0].id)

    async def answer(self, anna: Browser, text: str) -> Answer:
        seen = {"seen_message_id": "999999", "text": text, "client_id": text.encode().hex()[:40]}
        return await anna.post(f"/conversations/{await self.dialog()}/messages", seen)


@contextlib.asynccontextmanager
async def open_shop(world: World, folder: Path, kind: str, **api: Any) -> AsyncIterator[Shop]:
    settings = {"allow_private_network": True, "public_url": "https://inbox.example.com", "idle": True}
    account = ACCOUNTS[kind].config("")
    number = account.get("page_id") or account["account_id"]
    max_text = connectors.find(kind).capabilities.max_text
    talk = Talk(number, max_text, files_by_link=kind == "instagram", **api)
    async with running(talk) as platform, open_desk(world, folder, **settings) as desk:
        platform.inbox = desk.base
        yield Shop(kind, desk, platform)


@BOTH
async def test_connecting_sets_the_webhook_and_leaves_those_of_others(world: World, tmp_path: Path, kind: str) -> None:
    async with open_shop(world, tmp_path, kind) as shop:
        other = {"object": OBJECTS[kind], "callback_url": "https://crm.example.com/hook", "active": True}
        shop.api.subscriptions[OBJECTS[kind]] = other
        refused = await shop.connect()
        assert refused.status == 422
        assert "другой программе" in refused.text
        shop.api.subscriptions.clear()
        assert (await shop.connect()).status == 303
        assert shop.api.subscriptions[OBJECTS[kind]]["callback_url"] == f"https://inbox.example.com{shop.path}"
        assert "messages" in shop.api.fields


@BOTH
async def test_under_faults_every_answer_goes_out_once(world: World, tmp_path: Path, kind: str) -> None:
    async with open_shop(world, tmp_path, kind, trouble=0.3, seed=5) as shop:
        await shop.connect()
        anna = await shop.desk.browser("Анна")
        await shop.client_writes("Стол 220 есть?")
        texts = [f"Ответ {turn}" for turn in range(10)]
        for text in texts:
            assert (await shop.answer(anna, text)).status == 303
            await shop.hand_over()
        assert shop.api.texts(CLIENT) == texts, "once each, in their order"
        assert "unknown" in await shop.states(), "some answers of the platform must have been lost"
        # What we sent ourselves comes back, here before or after the answer to the request.
        for number, body in enumerate(shop.api.sent, 1):
            message = {"mid": f"m_out_{number}", "is_echo": True, "app_id": 670843887433847, **body["message"]}
            await shop.tell("message", message, echo=True)
        written = await world.rows(select(Message.text).where(Message.kind == "outgoing").order_by(Message.id))
        assert [row.text for row in written] == texts
        if kind == "messenger":
            assert set(await shop.states()) == {"sent"}, "our mark in the echo tells what became of them"


@BOTH
async def test_an_answer_on_the_phone_closes_the_wait_and_a_bot_does_not(
    world: World, tmp_path: Path, kind: str
) -> None:
    async with open_shop(world, tmp_path, kind) as shop:
        await shop.connect()
        await shop.client_writes("Есть?")
        bot = {"mid": "m_b", "is_echo": True, "app_id": 1517776481860111, "text": "Мы скоро ответим"}
        await shop.tell("message", bot, echo=True, queue="standby")
        turns = select(Turn.closed_at)
        assert [row.closed_at for row in await world.rows(turns)] == [None]
        await shop.tell("message", {"mid": "m_e", "is_echo": True, "text": "Да, есть"}, echo=True)
        assert None not in [row.closed_at for row in await world.rows(turns)]


@BOTH
async def test_marks_of_reading_reach_every_answer_before_them(world: World, tmp_path: Path, kind: str) -> None:
    async with open_shop(world, tmp_path, kind) as shop:
        await shop.connect()
        anna = await shop.desk.browser("Анна")
        await shop.client_writes("Есть?")
        for text in ("Да", "Есть"):
            await shop.answer(anna, text)
            await shop.hand_over()
        if kind == "messenger":
            await shop.tell("delivery", {"mids": ["m_out_1"], "watermark": shop.now()})
            assert await shop.states() == ["delivered", "sent"]
            # The platform took them a moment before we noted it.
            await shop.tell("read", {"watermark": shop.now() - 500})
        else:
            await shop.tell("read", {"mid": "m_out_2"})
        assert await shop.states() == ["read", "read"]
        assert [action["sender_action"] for action in shop.api.actions] == ["mark_seen"] * 2


@BOTH
async def test_the_window_counts_down_and_a_permission_makes_it_a_week(world: World, tmp_path: Path, kind: str) -> None:
    async with open_shop(world, tmp_path, kind) as shop:
        await shop.connect(human_agent="on")
        anna = await shop.desk.browser("Анна")
        await shop.client_writes("Есть?")
        world.clock.advance(days=3)
        shop.api.closed.add(CLIENT)
        assert (await shop.answer(anna, "Да")).status == 303
        await shop.hand_over()
        assert await shop.states() == ["sent"]
        assert shop.api.sent[0]["tag"] == "HUMAN_AGENT"
        world.clock.advance(days=5)
        late = await shop.answer(anna, "Ещё ждёте?")
        assert late.status == 422
        page = await anna.get(f"/conversations/{await shop.dialog()}")
        assert page.one("#composer-state").attributes["data-writable"] == "no"


@BOTH
async def test_the_client_has_a_name_and_a_dialog_keeps_its_advertisement(
    world: World, tmp_path: Path, kind: str
) -> None:
    async with open_shop(world, tmp_path, kind) as shop:
        await shop.connect()
        ad = {"source": "ADS", "ad_id": "604", "ads_context_data": {"ad_title": "Столы"}}
        await shop.client_writes("Цена?", referral=ad)
        assert await ChannelCare(shop.equipment).meet_strangers() == 1
        (contact,) = await world.rows(select(Contact.name))
        assert contact.name == "Марина Ким"
        anna = await shop.desk.browser("Анна")
        page = await anna.get(f"/conversations/{await shop.dialog()}")
        assert "Столы" in page.text
        (address,) = await world.rows(select(Address.profile_due_at))
        assert address.profile_due_at is None
