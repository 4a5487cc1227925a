"""A client writes to a number of Twilio, an agent answers, and everything arrives once, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path

from inbox.web.visit import RESOURCES
from tests.connectors.company import PUBLIC, open_company
from tests.connectors.test_twilio_templates import LISTED
from tests.platforms.loopback import running
from tests.platforms.twilio import ACCOUNT, CLIENT, NUMBER, TOKEN, Twilio, refusal
from tests.world import World

KEYS = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": "+1 (202) 555-0100"}


def servers(platform: Twilio) -> dict[str, str]:
    """One fake stands for every server of Twilio's."""
    return dict.fromkeys(("base_url", "content_url", "messaging_url"), platform.url)


async def test_twilio_calls_us_and_everything_arrives_once(world: World, tmp_path: Path) -> None:
    async with running(Twilio()) as platform, open_company(world, tmp_path) as company:
        platform.reach, platform.repeat = company.reach, 2
        page = await company.connect("twilio", **KEYS, **servers(platform))
        assert platform.webhook.startswith(f"{PUBLIC}/hooks/twilio/"), "set while the channel was saved"
        assert "Дубрава" in (await company.vera.get(page)).words(".facts-list dd")

        platform.files["photo"] = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
        photo = f"{platform.url}/2010-04-01/Accounts/{ACCOUNT}/Media/photo"
        await platform.writes("Стол 220 есть в дубе? + & =")
        await platform.writes("Вот такой", NumMedia="1", MediaUrl0=photo, MediaContentType0="image/png")
        await company.care()
        assert await company.messages() == [
            ("incoming", "Стол 220 есть в дубе? + & =", False),
            ("incoming", "Вот такой", False),
        ]
        assert await company.files() == [("image", "ready")]
        assert platform.replies == {("text/xml", b"<Response/>")}
        client = await company.contact()
        assert (client.external_id, client.phone) == (CLIENT, CLIENT)
        assert all(TOKEN not in f"{row.body!r} {row.headers}" for row in await company.journal())

        conversation = await company.conversation_id()
        for number in range(4):
            await world.agent_replies(conversation, f"Ответ {number}")
        platform.refuse(refusal(20429, 429))
        assert await company.hand_over() == ["sent"] * 4
        assert [(one["Body"], one["From"]) for one in platform.sent.values()] == [
            (f"Ответ {number}", NUMBER) for number in range(4)
        ]
        first, second, third, fourth = platform.sent
        await platform.reached(first, "delivered")
        await platform.reached(first, "sent")
        await platform.reached(second, "undelivered", ErrorCode="30003")
        await platform.reached(third, "queued")
        await platform.reached(fourth, "read")
        assert await company.states() == ["delivered", "failed", "sent", "read"]

        assert (await company.vera.post(f"{page}/removal")).status == 303
        assert platform.webhook == ""


async def test_a_client_who_opts_out_is_not_written_to(world: World, tmp_path: Path) -> None:
    async with running(Twilio()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("twilio", **KEYS, **servers(platform))
        await platform.writes("Здравствуйте")
        conversation = await company.conversation_id()
        await platform.writes("Stop")
        assert (await company.contact()).stopped_at is not None
        await platform.writes("Start")
        assert (await company.contact()).stopped_at is None
        platform.stopped.add(CLIENT)
        await world.agent_replies(conversation, "Добрый день")
        assert await company.hand_over() == ["failed"]
        assert (await company.contact()).stopped_at is not None


async def test_a_late_refusal_stops_us_too(world: World, tmp_path: Path) -> None:
    async with running(Twilio()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("twilio", **KEYS, **servers(platform))
        await platform.writes("Здравствуйте")
        await world.agent_replies(await company.conversation_id(), "Добрый день")
        assert await company.hand_over() == ["sent"]
        await platform.reached(next(iter(platform.sent)), "failed", ErrorCode="21610")
        assert await company.states() == ["failed"]
        assert (await company.contact()).stopped_at is not None


async def test_what_cannot_be_read_is_kept_and_answered_with_nothing_to_say(world: World, tmp_path: Path) -> None:
    async with running(Twilio()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("twilio", **KEYS, **servers(platform))
        assert company.desk.app[RESOURCES].settings.base_url == PUBLIC
        await platform.tell(platform.webhook, {"CallSid": "CA1", "CallStatus": "ringing"})
        assert [bool(row.error) for row in await company.journal()] == [True]
        assert platform.replies == {("text/xml", b"<Response/>")}


async def test_after_a_day_an_approved_template_goes_out(world: World, tmp_path: Path) -> None:
    async with running(Twilio()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        platform.contents = [LISTED, LISTED]
        await company.connect("twilio", **{**KEYS, "sender": f"whatsapp:{NUMBER}"}, **servers(platform))
        hook = platform.senders[1]["webhook"]["callback_url"]
        chat = {"MessageSid": "SM1", "From": f"whatsapp:{CLIENT}", "To": f"whatsapp:{NUMBER}", "ProfileName": "Марина"}
        await platform.tell(hook, {**chat, "Body": "Готово?", "SmsStatus": "received"})
        world.clock.advance(hours=25)
        platform.closed.add(f"whatsapp:{CLIENT}")
        anna = await company.desk.browser("Анна")
        page = await anna.get(f"/conversations/{await company.conversation_id()}")
        path = page.one("#composer-state .window-over a").attributes["href"] or ""
        panel = await anna.get(path)
        assert panel.words("summary") == ["order_readyru · о заказе"]
        form = {
            node.attributes["name"]: node.attributes["value"] or ""
            for node in panel.tree.css("#approved-panel form input")
        }
        sent = await anna.post(path, {**form, "body.1": "Марина", "body.2": "в пятницу"})
        assert sent.status == 303
        assert await company.hand_over() == ["sent"]
        (message,) = platform.sent.values()
        assert message["ContentSid"] == "HX7"
        assert (await company.messages())[-1] == ("outgoing", "Марина, ваш стол готов. Привезём в пятницу?", False)
