"""What comes from Telegram through the whole product: polled once, stored once, in order, by one process at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from sqlalchemy import func, select

from inbox.fetch_media import MediaFetcher
from inbox.look_after_channels import ChannelCare
from inbox.models import Address, Attachment, Contact, Conversation, Inbound, Message, MessageCard, Touch, Turn
from inbox.queries.turn_recount import turn_differences
from tests.platforms.loopback import Answer, Fault
from tests.platforms.telegram import OTHER_POLLER, failure
from tests.work.bots import BotOffice, open_bot_office
from tests.world import World

CONNECTION = "AbCdEf_0123456789"


@pytest_asyncio.fixture
async def office(world: World, tmp_path: Path) -> AsyncIterator[BotOffice]:
    async with open_bot_office(world, tmp_path) as made:
        yield made


async def test_a_client_writes_and_is_known(office: BotOffice) -> None:
    marina = office.api.person(last_name="Ким", username="marina_kim")
    asked = marina.writes("Здравствуйте 👋")
    await office.take_in(1)
    (message,) = await office.incoming()
    assert (message.text, message.external_id) == ("Здравствуйте 👋", f"{marina.id}:{asked}")
    (contact,) = await office.world.rows(select(Contact.name, Contact.language))
    assert tuple(contact) == ("Марина Ким", "ru")
    (address,) = await office.world.rows(select(Address.external_id, Address.title))
    assert tuple(address) == (str(marina.id), "marina_kim")


async def test_an_album_is_one_message_with_its_pictures(office: BotOffice) -> None:
    marina = office.api.person()
    for number in range(3):
        photo = [{**office.api.store_file(b"\xff\xd8\xff" + bytes([number])), "width": 90, "height": 60}]
        caption = {"caption": "Три стола"} if number == 1 else {}
        marina.writes(photo=photo, media_group_id="77", **caption)
    marina.writes("Какой лучше?")
    await office.take_in(2)
    album, question = await office.incoming()
    assert (album.text, question.text) == ("Три стола", "Какой лучше?")
    await MediaFetcher(office.equipment).fetch_due()
    files = await office.world.rows(select(Attachment.message_id, Attachment.state))
    assert [tuple(row) for row in files] == [(album.id, "ready")] * 3


async def test_a_file_that_is_too_large_says_so_and_holds_up_nothing(office: BotOffice) -> None:
    marina = office.api.person()
    marina.writes(document={**office.api.store_file(b"", size=73 << 20), "file_name": "планировки.zip"})
    marina.writes(document={**office.api.store_file(b"%PDF-1.4"), "file_name": "смета.pdf"})
    await office.take_in(2)
    await MediaFetcher(office.equipment).fetch_due()
    files = await office.world.rows(select(Attachment.state, Attachment.error).order_by(Attachment.id))
    assert [row.state for row in files] == ["failed", "ready"]
    assert files[0].error.startswith("The file is too large to fetch")


async def test_a_slow_file_holds_up_no_other(office: BotOffice) -> None:
    marina = office.api.person()
    for number in range(6):
        marina.writes(document={**office.api.store_file(b"%PDF-1.4 " + bytes([number])), "file_name": f"{number}.pdf"})
    await office.take_in(6)
    office.api.fault("getFile", Answer(fault=Fault.SILENCE))
    fetching = asyncio.create_task(MediaFetcher(office.equipment).fetch_due())
    await office.until(lambda: _ready(office, 3))
    assert not fetching.done()
    fetching.cancel()


async def _ready(office: BotOffice, count: int) -> bool:
    return len(await office.world.rows(select(Attachment.id).where(Attachment.state == "ready"))) == count


async def test_a_repeated_and_shuffled_batch_is_stored_once(office: BotOffice) -> None:
    office.api.repeat = 3
    office.api.disorder = True
    people = [office.api.person(f"Клиент {number}") for number in range(20)]
    texts = {f"{person.id}: {turn}" for person in people for turn in range(10)}
    for turn in range(10):
        for person in people:
            person.writes(f"{person.id}: {turn}")
    await office.take_in(200)
    await office.until(lambda: _confirmed(office))
    stored = [message.text for message in await office.incoming()]
    assert len(stored) == 200
    assert set(stored) == texts
    assert (await office.world.rows(select(func.count(Conversation.id))))[0][0] == 20


async def _confirmed(office: BotOffice) -> bool:
    return not office.api.bot.pending


async def test_edits_reactions_presses_and_blocks_change_what_is_here(office: BotOffice) -> None:
    marina = office.api.person()
    asked = marina.writes("Стол 220?")
    marina.edits(asked, "Стол 240?")
    await office.take_in(1)
    (message,) = await office.incoming()
    conversation_id = message.conversation_id
    await office.world.agent_replies(conversation_id, "Есть")
    await office.hand_over()
    (answer,) = office.api.sent(marina.id)
    marina.reacts(answer["message_id"], "👍")
    keyboard = {"inline_keyboard": [[{"text": "Беру", "callback_data": "Беру"}]]}
    number = marina.presses({**answer, "reply_markup": keyboard}, "Беру")
    marina.stops()
    await office.take_in(2)
    await office.until(lambda: _stopped(office))
    rows = await office.world.rows(select(Message.text, Message.client_reaction).order_by(Message.id))
    assert [tuple(row) for row in rows if row.text] == [("Стол 240?", ""), ("Есть", "👍"), ("Беру", "")]
    await office.until(lambda: _answered(office, number))
    marina.returns()
    await office.until(lambda: _let_in(office))


async def _stopped(office: BotOffice) -> bool:
    return (await office.world.rows(select(Address.stopped_at)))[0].stopped_at is not None


async def _let_in(office: BotOffice) -> bool:
    return not await _stopped(office)


async def _answered(office: BotOffice, number: str) -> bool:
    return ("answerCallbackQuery", {"callback_query_id": number}) in office.api.bot.calls


async def test_who_only_starts_is_known_and_waits_for_nothing(office: BotOffice) -> None:
    office.api.person().starts()
    office.api.person("Олег").writes("Алло")
    await office.take_in(1)
    names = await office.world.rows(select(Contact.name).order_by(Contact.id))
    assert [row.name for row in names] == ["Марина", "Олег"]
    counts = [(await office.world.rows(select(func.count(table.id))))[0][0] for table in (Conversation, Turn, Touch)]
    assert counts == [1, 1, 0]


async def test_a_contact_becomes_a_card_and_not_the_clients_phone(office: BotOffice) -> None:
    marina = office.api.person()
    marina.writes(contact={"phone_number": "+79171234567", "first_name": "Олег", "user_id": marina.id})
    await office.take_in(1)
    (card,) = await office.world.rows(select(MessageCard.kind, MessageCard.phone, MessageCard.title))
    assert tuple(card) == ("person", "+79171234567", "Олег")
    assert (await office.world.rows(select(Contact.phone)))[0].phone in (None, "")


async def test_a_group_is_none_of_our_business(office: BotOffice) -> None:
    marina = office.api.person()
    marina.writes_in(office.api.group(), "Всем привет")
    marina.writes("Алло")
    await office.take_in(1)
    assert [message.text for message in await office.incoming()] == ["Алло"]
    assert (await office.world.rows(select(func.count(Inbound.id))))[0][0] == 1


async def test_two_processes_never_ask_for_one_bot(office: BotOffice) -> None:
    office.api.patience = 5
    other = office.another_process()
    await office.pollers.look()
    await other.look()
    for number in range(20):
        office.api.person().writes(str(number))
        await office.take_in(number + 1)
    assert office.api.bot.conflicts == 0
    asked = [params for method, params in office.api.bot.calls if method == "getUpdates"]
    assert len(asked) >= 20
    # The first one ends and gives its lease back: the other goes on at once.
    await office.pollers.stop()
    office.api.person().writes("дальше")
    await office.until(lambda: _has(office, 21))
    assert (await office.channel()).state == "ok"


async def _has(office: BotOffice, count: int) -> bool:
    return len(await office.incoming()) == count


async def test_another_program_that_takes_messages_is_told_of(office: BotOffice) -> None:
    office.api.fault("getUpdates", failure(409, OTHER_POLLER))
    await office.pollers.look()
    await office.until(lambda: _is(office, "degraded"))
    assert (await office.channel()).state_reason.startswith("Another program takes this bot's messages")
    # A check that finds the token to be right does not hide that.
    assert await ChannelCare(office.equipment).check_due() == 1
    assert (await office.channel()).state == "degraded"
    await office.until(lambda: _is(office, "ok"))


async def _is(office: BotOffice, state: str) -> bool:
    return (await office.channel()).state == state


async def test_a_token_that_is_not_accepted_any_more_needs_an_administrator(office: BotOffice) -> None:
    office.api.fault("getUpdates", failure(401, "Unauthorized"))
    await office.pollers.look()
    await office.until(lambda: _is(office, "reconnect"))
    assert await office.pollers.look() == 0
    # Telegram accepts it after all: the next check notices, and messages come again.
    await ChannelCare(office.equipment).check_due()
    office.api.person().writes("Алло")
    await office.take_in(1)


async def test_many_bots_are_asked_over_one_session_and_hold_nobody_up(office: BotOffice) -> None:
    office.api.patience = 30
    bots = [f"71000{number:02}:" + "B" * 35 for number in range(30)]
    channels = [await office.add_bot(token) for token in bots]
    assert await office.pollers.look() == 31
    await office.until(lambda: _all_ask(office))
    marina = office.api.person()
    marina.writes("Привет пятому", office.api.bots[bots[5]])
    await office.until(lambda: _has(office, 1))
    (message,) = await office.incoming()
    assert message.channel_id == channels[5]
    await office.world.agent_replies(message.conversation_id, "Привет")
    await office.hand_over()
    assert office.api.texts(marina.id, office.api.bots[bots[5]]) == ["Привет"]


async def _all_ask(office: BotOffice) -> bool:
    return all(bot.poller is not None and not bot.poller.done() for bot in office.api.bots.values())


async def test_the_owner_of_a_business_account_answers_on_the_phone(office: BotOffice) -> None:
    owner, marina = office.api.person("Вера", last_name="Дубова"), office.api.person()
    office.api.push("business_connection", office.api.connect_business(CONNECTION, owner))
    business = {"business_connection_id": CONNECTION}
    office.api.push("business_message", marina.message(marina.chat, "Вы работаете?", **business))
    await office.take_in(1)
    away = owner.message(marina.chat, "Ответим утром", is_from_offline=True, **business)
    office.api.push("business_message", away)
    await office.until(lambda: _wrote(office, "Ответим утром"))
    assert (await office.world.rows(select(Turn.closed_at)))[0].closed_at is None
    office.api.push("business_message", owner.message(marina.chat, "Да, до восьми", **business))
    await office.until(lambda: _wrote(office, "Да, до восьми"))
    assert (await office.world.rows(select(Turn.outcome)))[0].outcome == "answered"
    assert await office.world.read(turn_differences, lambda _done, _all: None) == []
    rows = await office.world.rows(select(Message.native, Message.native_author).where(Message.kind == "outgoing"))
    assert [tuple(row) for row in rows] == [(False, "Вера Дубова"), (True, "Вера Дубова")]


async def _wrote(office: BotOffice, text: str) -> bool:
    return bool(await office.world.rows(select(Message.id).where(Message.text == text)))


async def test_a_business_account_that_left_is_told_of_until_it_is_back(office: BotOffice) -> None:
    owner = office.api.person("Вера")
    connection = office.api.connect_business(CONNECTION, owner)
    office.api.push("business_connection", {**connection, "is_enabled": False})
    await office.pollers.look()
    await office.until(lambda: _is(office, "degraded"))
    care = ChannelCare(office.equipment)
    assert await care.check_due() == 1
    channel = await office.channel()
    assert (channel.state, channel.state_reason[:40]) == ("degraded", "A business account took the bot away. To")
    # Another account of the same bot is another matter.
    office.api.push("business_connection", {**office.api.connect_business("Other_0123456789", owner)})
    office.api.person().writes("Алло")
    await office.take_in(1)
    assert (await office.channel()).state == "degraded"
    office.api.push("business_connection", connection)
    await office.until(lambda: _is(office, "ok"))


async def test_a_healthy_check_keeps_the_facts(office: BotOffice) -> None:
    await ChannelCare(office.equipment).check_due()
    channel = await office.channel()
    assert channel.state == "ok"
    assert ["Bot", "@dubrava_bot"] in channel.facts
