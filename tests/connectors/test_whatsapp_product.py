"""WhatsApp through the whole product: connecting, talking under faults, one person with two ids, the window."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inbox.equipment import Equipment
from inbox.models import Address, Channel, Contact, Conversation, Delivery, Inbound, LeadSource, Message, Touch
from inbox.web.visit import RESOURCES
from tests.connectors.accounts import ACCOUNTS
from tests.desk import Answer, Browser, Desk, open_desk
from tests.faults.office import make_worker
from tests.platforms.loopback import running
from tests.platforms.whatsapp import NUMBER_ID, WhatsApp
from tests.world import World

PHONE = "79171234567"
SCOPED = "RU.13491208655302741918"
STAMP = 1_790_000_000


@dataclass
class Shop:
    """The product with a number of WhatsApp."""

    desk: Desk
    api: WhatsApp
    path: str = ""
    channel_id: int = 0
    said: int = 0
    equipment: Equipment = field(init=False)

    def __post_init__(self) -> None:
        self.equipment = self.desk.app[RESOURCES].equipment

    async def connect(self, **changed: str) -> Answer:
        """Fill in the form as the administrator does."""
        vera = await self.desk.browser("Вера")
        typed = {"name": "WhatsApp", **ACCOUNTS["whatsapp"].config(self.api.url), **changed}
        typed.pop("number")
        answer = await vera.post("/settings/channels/new/whatsapp", typed)
        if answer.status == 303:
            rows = await self.desk.world.rows(select(Channel.id, Channel.token).where(Channel.kind == "whatsapp"))
            self.channel_id, token = rows[-1]
            self.path = f"/hooks/whatsapp/{token}"
        return answer

    def body(self, field_: str = "messages", **value: Any) -> dict[str, Any]:
        metadata = {"display_phone_number": "79160000000", "phone_number_id": NUMBER_ID}
        change = {"field": field_, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}

    async def client_writes(self, text: str, *, wa_id: str | None = PHONE, user_id: str | None = None) -> int:
        """A client writes; returns what the webhook answered."""
        self.said += 1
        person = {"profile": {"name": "Марина"}, "wa_id": wa_id, "user_id": user_id}
        message = {"from": wa_id, "from_user_id": user_id, "id": f"wamid.IN{self.said}", "timestamp": str(self.now())}
        message |= {"type": "text", "text": {"body": text}}
        contacts = [{name: value for name, value in person.items() if value}]
        messages = [{name: value for name, value in message.items() if value}]
        return await self.api.tell(self.path, self.body(contacts=contacts, messages=messages))

    async def status(self, name: str, state: str, **more: Any) -> None:
        told = {"id": name, "status": state, "timestamp": str(self.now()), "recipient_id": PHONE, **more}
        assert await self.api.tell(self.path, self.body(statuses=[told])) == 200

    def now(self) -> int:
        return int(self.desk.world.clock.now().timestamp())

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


@contextlib.asynccontextmanager
async def open_shop(world: World, folder: Path, **api: Any) -> AsyncIterator[Shop]:
    settings = {"allow_private_network": True, "public_url": "https://inbox.example.com", "idle": True}
    async with running(WhatsApp(**api)) as platform, open_desk(world, folder, **settings) as desk:
        platform.inbox = desk.base
        yield Shop(desk, platform)


async def answer(anna: Browser, number: int, text: str, **more: str) -> Answer:
    seen = {"seen_message_id": "999999", "text": text, "client_id": text.encode().hex()[:40], **more}
    return await anna.post(f"/conversations/{number}/messages", seen)


async def test_connecting_sets_the_webhooks_and_tells_the_word(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        assert (await shop.connect()).status == 303
        url = f"https://inbox.example.com{shop.path}"
        assert shop.api.webhook == url
        assert shop.api.subscribed
        assert shop.api.subscriptions["whatsapp_business_account"]["callback_url"] == url
        vera = await shop.desk.browser("Вера")
        page = await vera.get(f"/settings/channels/{shop.channel_id}")
        assert url in page.text
        assert shop.path.rpartition("/")[2] in page.words("#word")
        assert (await vera.post(f"/settings/channels/{shop.channel_id}/check")).status == 303
        page = await vera.get(f"/settings/channels/{shop.channel_id}")
        assert "+7 916 000-00-00" in page.text
        assert "хорошее" in page.text
        shop.api.webhook = "https://other.example/hook"
        await vera.post(f"/settings/channels/{shop.channel_id}/check")
        page = await vera.get(f"/settings/channels/{shop.channel_id}")
        assert "WhatsApp шлёт сообщения на другой адрес" in page.text


async def test_what_the_platform_refuses_is_told_before_anything_is_stored(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        wrong = await shop.connect(access_token="EAAwrong")
        assert wrong.status == 422
        assert "Meta больше не принимает токен" in wrong.text
        shop.api.subscriptions["whatsapp_business_account"] = {
            "object": "whatsapp_business_account", "callback_url": "https://crm.example.com/wa", "active": True
        }  # fmt: skip
        taken = await shop.connect()
        assert taken.status == 422
        assert "другой программе" in taken.text
        shop.api.subscriptions.clear()
        shop.api.inbox = "http://127.0.0.1:9"
        unreachable = await shop.connect()
        assert unreachable.status == 422
        assert "Meta не может достучаться" in unreachable.text
        assert await world.rows(select(Channel.id).where(Channel.kind == "whatsapp")) == []


async def test_under_faults_every_answer_goes_out_once_and_its_fate_is_known(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path, trouble=0.3, seed=7) as shop:
        await shop.connect()
        anna = await shop.desk.browser("Анна")
        assert await shop.client_writes("Стол 220 есть?") == 200
        number = await shop.dialog()
        texts = [f"Ответ {turn}" for turn in range(12)]
        for text in texts:
            assert (await answer(anna, number, text)).status == 303
            await shop.hand_over()
        assert shop.api.texts(PHONE) == texts, "once each, in their order"
        assert "unknown" in await shop.states(), "some answers of the platform must have been lost"
        # The statuses carry our own key, so they also tell the fate of what nobody had heard of.
        for position, body in enumerate(shop.api.sent, 1):
            key = body["biz_opaque_callback_data"]
            await shop.status(f"wamid.{position}", "delivered", biz_opaque_callback_data=key)
        assert set(await shop.states()) == {"delivered"}
        await shop.status("wamid.1", "sent")
        assert set(await shop.states()) == {"delivered"}, "nothing steps back"


async def test_a_repeated_body_changes_nothing_and_a_forged_one_is_refused(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        message = {"from": PHONE, "id": "wamid.X", "timestamp": str(STAMP), "type": "text", "text": {"body": "Раз"}}
        body = shop.body(messages=[message, {"id": 5}])
        for _ in range(3):
            assert await shop.api.tell(shop.path, body) == 200
        kept = await world.rows(select(Inbound.state, Inbound.error).where(Inbound.channel_id == shop.channel_id))
        assert [row.state for row in kept] == ["failed"], "a part could not be read: it is kept"
        assert [row.text for row in await world.rows(select(Message.text).where(Message.kind == "incoming"))] == ["Раз"]
        stranger = await shop.desk.stranger()
        assert (await stranger.post(shop.path, {"a": "b"})).status == 401
        assert (await stranger.get(f"{shop.path}?hub.mode=subscribe&hub.verify_token=no")).status == 401
        assert (await stranger.get("/hooks/api/test-channel")).status == 404
        assert (await stranger.get("/hooks/nothing/x")).status == 404


async def test_a_phone_and_a_scoped_id_are_one_person_in_one_dialog(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        await shop.client_writes("С телефона")
        await shop.client_writes("Теперь под именем", user_id=SCOPED)
        await shop.client_writes("Без номера", wa_id=None, user_id=SCOPED)
        dialogs = await world.rows(select(Conversation.id, Conversation.address_id))
        assert len(dialogs) == 1
        addresses = await world.rows(select(Address.external_id, Address.contact_id).order_by(Address.id))
        assert [row.external_id for row in addresses] == [PHONE, SCOPED]
        assert len({row.contact_id for row in addresses}) == 1
        assert (await world.rows(select(Contact.phone)))[0].phone == f"+{PHONE}"
        kinds = await world.rows(select(Message.kind).order_by(Message.id))
        assert [row.kind for row in kinds].count("activity") == 1, "only that it was opened"
        anna = await shop.desk.browser("Анна")
        await answer(anna, dialogs[0].id, "Вижу вас")
        await shop.hand_over()
        assert shop.api.sent[-1]["recipient"] == SCOPED, "an answer goes where the client wrote from last"
        echo = {"from": "79160000000", "to": PHONE, "id": "wamid.APP1", "timestamp": str(shop.now()), "type": "text"}
        body = shop.body("smb_message_echoes", message_echoes=[{**echo, "text": {"body": "С моего телефона"}}])
        await shop.api.tell(shop.path, body)
        native = await world.rows(select(Message.text, Message.conversation_id).where(Message.native))
        assert [(row.text, row.conversation_id) for row in native] == [("С моего телефона", dialogs[0].id)]


async def test_two_people_turn_out_to_be_one(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        await shop.client_writes("Под именем", wa_id=None, user_id=SCOPED)
        await shop.client_writes("С телефона")
        assert len(await world.rows(select(Contact.id).where(Contact.merged_into_id.is_(None)))) == 2
        await shop.client_writes("И то и другое", user_id=SCOPED)
        assert len(await world.rows(select(Contact.id).where(Contact.merged_into_id.is_(None)))) == 1
        owners = await world.rows(select(Conversation.contact_id))
        assert len(owners) == 2
        assert len({row.contact_id for row in owners}) == 1


async def test_an_advertisement_is_the_source(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        ad = {
            "source_type": "ad",
            "source_id": "120",
            "headline": "Столы",
            "ctwa_clid": "Aff-1",
            "source_url": "https://fb.me/1",
        }
        message = {"from": PHONE, "id": "wamid.AD", "timestamp": str(STAMP), "type": "text", "text": {"body": "Цена?"}}
        await shop.api.tell(shop.path, shop.body(messages=[{**message, "referral": ad}]))
        sources = await world.rows(select(LeadSource.kind, LeadSource.source, LeadSource.ad_id))
        assert [tuple(row) for row in sources] == [("ad", "facebook", "120")]
        touches = await world.rows(select(Touch.click_id_kind, Touch.click_id))
        assert [tuple(row) for row in touches] == [("ctwa_clid", "Aff-1")]


async def test_a_second_number_of_the_same_app_gets_what_is_for_it(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        first = shop.path
        rows = select(Channel.config).where(Channel.id == shop.channel_id)
        config = {**(await world.rows(rows))[0].config, "phone_number_id": "999"}
        values = {
            "kind": "whatsapp",
            "name": "Второй",
            "token": "second",
            "config": config,
            "created_at": world.clock.now(),
        }
        await world.write(lambda tx: tx.execute(Channel.__table__.insert(), values))
        body = shop.body(messages=[{"from": PHONE, "id": "wamid.S", "type": "text", "text": {"body": "Второму"}}])
        body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "999"
        assert await shop.api.tell(first, body) == 200
        told = await world.rows(select(Message.text, Channel.name).join(Channel, Channel.id == Message.channel_id))
        assert ("Второму", "Второй") in [tuple(row) for row in told]


async def test_late_news_that_the_window_is_over_closes_the_composer(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        await shop.client_writes("Есть?")
        number = await shop.dialog()
        anna = await shop.desk.browser("Анна")
        await answer(anna, number, "Да")
        await shop.hand_over()
        await shop.status("wamid.1", "failed", errors=[{"code": 131047, "title": "Re-engagement message"}])
        assert await shop.states() == ["failed"]
        page = await anna.get(f"/conversations/{number}")
        assert page.one("#composer-state").attributes["data-writable"] == "no"
        assert "Прошло больше 24 часов" in page.text
        assert (await answer(anna, number, "Ещё раз")).status == 422
        await shop.client_writes("Я тут")
        world.clock.advance(hours=1)
        page = await anna.get(f"/conversations/{number}")
        assert page.one("#composer-state").attributes["data-writable"] == "yes"
        until = (await world.rows(select(Address.reply_until)))[0].reply_until
        assert until == world.clock.now() + timedelta(hours=23)


TEMPLATE: dict[str, Any] = {
    "name": "order_ready",
    "language": "ru",
    "status": "APPROVED",
    "category": "UTILITY",
    "components": [
        {"type": "BODY", "text": "{{first_name}}, ваш стол готов. Привезём {{2}}?"},
        {"type": "FOOTER", "text": "Дубрава"},
    ],
}
WORDS = "Марина, ваш стол готов. Привезём в пятницу?\n\nДубрава"


async def test_after_a_day_an_approved_template_goes_out(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        shop.api.templates = [TEMPLATE]
        vera, anna = await shop.desk.browser("Вера"), await shop.desk.browser("Анна")
        await vera.post(f"/settings/channels/{shop.channel_id}/check")
        await shop.client_writes("Готово?")
        number = await shop.dialog()
        page = await anna.get(f"/conversations/{number}")
        assert page.one(".window-over").attributes.get("hidden", "no") is None
        world.clock.advance(hours=25)
        shop.api.closed.add(PHONE)
        page = await anna.get(f"/conversations/{number}")
        path = page.one("#composer-state a").attributes["href"] or ""
        panel = await anna.get(path, **{"HX-Request": "true"})
        assert panel.words("summary") == ["order_readyru · о заказе"]
        assert panel.one("input[name='body.first_name']").attributes["value"] == "Марина"
        form = {
            control.attributes["name"]: control.attributes["value"] or "" for control in panel.tree.css("form input")
        }
        empty = await anna.post(path, form, **{"HX-Request": "true"})
        assert empty.status == 422
        assert empty.words(".error") == ["Напишите здесь что-нибудь."]
        assert empty.one("details[open] [data-gap='body.first_name']").text() == "Марина"
        filled = {**form, "body.2": "  в\nпятницу "}
        for _ in range(2):
            sent = await anna.post(path, filled, **{"HX-Request": "true"})
            assert (sent.status, sent.text) == (200, "")
        await shop.hand_over()
        assert len(shop.api.sent) == 1, "the same form twice is one message"
        assert shop.api.sent[0]["template"]["components"] == [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "parameter_name": "first_name", "text": "Марина"},
                    {"type": "text", "text": "в пятницу"},
                ],
            }
        ]
        rows = await world.rows(select(Message.text).where(Message.kind == "outgoing"))
        assert [row.text for row in rows] == [WORDS]
        assert (await anna.get(path)).status == 200, "without scripts it is a page"
        shop.api.templates.clear()
        await vera.post(f"/settings/channels/{shop.channel_id}/check")
        gone = await anna.post(path, {**form, "client_id": "new"}, **{"HX-Request": "true"})
        assert gone.status == 404
        assert "Платформа больше не показывает этот шаблон" in gone.text


async def test_a_template_does_not_pass_where_a_colleague_has_just_answered(world: World, tmp_path: Path) -> None:
    async with open_shop(world, tmp_path) as shop:
        await shop.connect()
        shop.api.templates = [TEMPLATE]
        vera, anna = await shop.desk.browser("Вера"), await shop.desk.browser("Анна")
        await vera.post(f"/settings/channels/{shop.channel_id}/check")
        await shop.client_writes("Готово?")
        number = await shop.dialog()
        panel = await anna.get(f"/conversations/{number}/approved", **{"HX-Request": "true"})
        form = {
            control.attributes["name"]: control.attributes["value"] or "" for control in panel.tree.css("form input")
        }
        gleb = await shop.desk.browser("Глеб")
        await answer(gleb, number, "Готово")
        late = await anna.post(
            f"/conversations/{number}/approved", {**form, "body.2": "завтра"}, **{"HX-Request": "true"}
        )
        assert late.status == 409
        assert late.words(".alert") == ["Этому клиенту только что ответили."]
