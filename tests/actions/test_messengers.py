"""What messengers bring beside plain messages: albums, cards, echoes, reactions, statuses, starts, reply windows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from connectors.contract import (
    Card,
    CardKind,
    ContactStoppedUs,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageReceived,
    Profile,
    Reacted,
    Referral,
    Started,
    StatusChanged,
    Unreachable,
)
from inbox.actions.deliver import claim_deliveries, mark_failed, mark_sent
from inbox.actions.profiles import claim_strangers, keep_profile
from inbox.actions.receive_changes import receive_event
from inbox.models import (
    Address,
    Attachment,
    Contact,
    Conversation,
    Delivery,
    Event,
    LeadSource,
    Message,
    MessageCard,
    MessagePart,
    Touch,
    Turn,
)
from inbox.queries.known_message import known_message
from inbox.rules.errors import Invalid
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases

_SYSTEM = Actor.system()


async def tell(world: World, *events: InboundEvent) -> None:
    for event in events:
        await world.write(receive_event, Actor.channel(world.channel_id), world.channel_id, event)


async def one(world: World, *columns: Any) -> Any:
    rows = await world.rows(select(*columns))
    assert len(rows) == 1, rows
    return rows[0]


def picture(number: int, text: str = "") -> MessageReceived:
    media = (Media(MediaKind.IMAGE, f"{number}.jpg", "image/jpeg", 1000, ref=f"file-{number}"),)
    return MessageReceived("marina", f"album-{number}", text, media=media, group="album")


async def test_an_album_is_one_message_whatever_comes_first_and_twice(world: World) -> None:
    await tell(world, picture(2), picture(1, "Вот мои обои"), picture(3), picture(1), picture(2))
    (message,) = await world.rows(select(Message.id, Message.text).where(Message.kind == "incoming"))
    assert message.text == "Вот мои обои"
    files = await world.rows(select(Attachment.name).where(Attachment.message_id == message.id).order_by(Attachment.id))
    assert [row.name for row in files] == ["2.jpg", "1.jpg", "3.jpg"]
    for external_id in ("album-1", "album-2", "album-3"):
        found = await world.read(known_message, world.channel_id, external_id)
        assert found is not None
        assert found.id == message.id


async def test_the_same_group_of_another_client_is_another_album(world: World) -> None:
    await tell(world, picture(1))
    await tell(world, MessageReceived("oleg", "other-1", "", group="album", media=picture(1).media))
    assert (await one(world, func.count(Message.id).filter(Message.kind == "incoming")))[0] == 2


async def test_cards_are_kept_and_bounded(world: World) -> None:
    place = Card(CardKind.PLACE, "Кафе", "Невский, 1", latitude=59.93, longitude=30.31)
    bad = Card(CardKind.LINK, "Ссылка", url="javascript:alert(1)")
    await tell(world, MessageReceived("marina", "1", "", cards=(place, bad)))
    rows = await world.rows(select(MessageCard.kind, MessageCard.title, MessageCard.url, MessageCard.latitude))
    assert [tuple(row) for row in rows] == [("place", "Кафе", "", 59.93), ("link", "Ссылка", "", None)]


async def test_a_long_answer_keeps_every_id_and_goes_on_after_a_break(world: World) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    message_id = await world.agent_replies(conversation)
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    broken = Unreachable("нет связи")
    broken.sent = ("out-a",)
    await world.write(mark_failed, _SYSTEM, owed, broken, idempotent=False)
    world.clock.advance(minutes=1)
    (again,) = await world.write(claim_deliveries, _SYSTEM)
    assert again.done == ("out-a",)
    await world.write(mark_sent, _SYSTEM, again, ("out-a", "out-b"))
    assert (await one(world, MessagePart.external_id)).external_id == "out-b"
    # A status of the second piece moves the message on.
    await tell(world, StatusChanged("out-b", "read"))
    assert (await one(world, Delivery.state)).state == "read"
    found = await world.read(known_message, world.channel_id, "out-b")
    assert found is not None
    assert found.id == message_id


async def test_a_reading_mark_speaks_of_everything_before_it(world: World) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    for number in range(3):
        await world.agent_replies(conversation, f"ответ {number}")
        (owed,) = await world.write(claim_deliveries, _SYSTEM)
        await world.write(mark_sent, _SYSTEM, owed, (f"out-{number}",))
        world.clock.advance(minutes=1)
    read_at = world.clock.now() - timedelta(minutes=1, seconds=30)
    await tell(world, StatusChanged("", "read", at=read_at, address="marina", watermark=True))
    states = await world.rows(select(Delivery.state).order_by(Delivery.id))
    assert [row.state for row in states] == ["read", "read", "sent"]


async def test_our_own_echo_makes_no_second_bubble(world: World) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    message_id = await world.agent_replies(conversation)
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    # It overtakes the answer to our request, then comes once more after it.
    await tell(world, Echo("marina", "ext-1", "Добрый день!", dedup_key=f"m{message_id}"))
    await world.write(mark_sent, _SYSTEM, owed, ("ext-1",))
    await tell(world, Echo("marina", "ext-1", "Добрый день!"))
    outgoing = await world.rows(select(Message.id, Message.external_id).where(Message.kind == "outgoing"))
    assert [tuple(row) for row in outgoing] == [(message_id, "ext-1")]


async def test_another_programs_number_in_another_dialog_is_not_ours(world: World) -> None:
    ours = await world.agent_replies(await world.conversation_of(await world.client_writes()))
    await world.client_writes(address="oleg")
    await tell(world, Echo("oleg", "ext-9", "Здравствуйте, Олег", dedup_key=f"m{ours}", automatic=True))
    outgoing = await world.rows(select(Message.text, Message.external_id).where(Message.kind == "outgoing"))
    assert [tuple(row) for row in outgoing] == [("Добрый день!", None), ("Здравствуйте, Олег", "ext-9")]


async def test_an_echo_of_a_person_closes_the_wait_and_names_them(world: World) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=3)
    await tell(world, Echo("marina", "ext-1", "Уже едем", author="Хозяин", at=world.clock.now()))
    turn = await one(world, Turn.outcome, Turn.clock_seconds, Turn.conversation_id)
    assert tuple(turn) == ("answered", 180, conversation)
    author = await world.rows(select(Message.native_author).where(Message.native))
    assert author[0].native_author == "Хозяин"
    await tell(world, Echo("marina", "ext-2", unsupported="podcast"))
    assert [row.unsupported for row in await world.rows(select(Message.unsupported).where(Message.native))] == [
        None,
        "podcast",
    ]


async def test_an_echo_proves_that_an_uncertain_message_arrived(world: World) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    await world.agent_replies(conversation)
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    await world.write(mark_failed, _SYSTEM, owed, Unreachable("", maybe_sent=True), idempotent=False)
    assert (await one(world, Delivery.state)).state == "unknown"
    await tell(world, Echo("marina", "ext-1", "Добрый день!", dedup_key=owed.dedup_key))
    assert (await one(world, Delivery.state)).state == "sent"


async def test_where_no_keys_come_back_our_echo_is_known_by_its_words(world: World) -> None:
    await world.agent_replies(await world.conversation_of(await world.client_writes()))
    await tell(world, Echo("marina", "ext-0", "Добрый день!", unkeyed=True))
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    await tell(world, Echo("marina", "ext-1", "Добрый день! ", unkeyed=True), Echo("marina", "ext-2", unkeyed=True))
    await tell(world, Echo("marina", "ext-3", "%", unkeyed=True), Echo("oleg", "ext-4", "Добрый день!", unkeyed=True))
    await world.write(mark_failed, _SYSTEM, owed, Unreachable("", maybe_sent=True), idempotent=False)
    await tell(world, Echo("marina", "ext-5", "день!", unkeyed=True))
    assert (await one(world, Delivery.state)).state == "sent"
    outgoing = await world.rows(select(Message.external_id, Message.native).where(Message.kind == "outgoing"))
    assert dict(tuple(row) for row in outgoing) == {"ext-0": True, "ext-1": False, "ext-2": True, "ext-3": True}


async def test_what_a_dialog_is_about_stands_at_its_first_message(world: World) -> None:
    place = Card(CardKind.PLACE, "Склад")
    await tell(world, MessageReceived("marina", "q1", profile=Profile(wanted=True), cards=(place,)))
    await tell(world, MessageReceived("marina", "q2", "Ещё продаёте?"), MessageReceived("marina", "q3", "Ау"))
    (stranger,) = await world.write(claim_strangers, _SYSTEM)
    listing = Card(CardKind.LISTING, "Стол 220", "45 000 ₽", "https://avito.ru/stol_1")
    await world.write(keep_profile, _SYSTEM, stranger, Profile("Марина", about=(listing,)))
    cards = select(Message.external_id, MessageCard.title, MessageCard.text).join(Message).order_by(MessageCard.id)
    shown = [tuple(row) for row in await world.rows(cards)]
    assert shown == [("q1", "Склад", ""), ("q2", "Стол 220", "45 000 ₽")]
    joined = select(func.count()).where(Event.kind == EventKind.MESSAGE_JOINED.value)
    assert (await world.rows(joined))[0][0] == 1


async def test_a_reaction_stands_on_its_message_and_can_be_taken_back(world: World) -> None:
    message_id = await world.client_writes(external_id="q")
    reaction = select(Message.client_reaction).where(Message.id == message_id)
    await tell(world, Reacted("q", "👍"))
    assert (await world.rows(reaction))[0].client_reaction == "👍"
    await tell(world, Reacted("q", ""), Reacted("unknown", "👍"))
    assert (await world.rows(reaction))[0].client_reaction == ""


async def test_a_start_before_the_first_word_attributes_the_dialog(world: World) -> None:
    advert = Referral(kind="utm", source="yandex", medium="cpc", campaign="осень")
    await tell(world, Started("marina", Profile("Марина"), advert))
    assert await world.rows(select(Conversation.id)) == []
    await world.client_writes("Здравствуйте")
    row = (
        await world.rows(
            select(LeadSource.source, Touch.conversation_id, Conversation.id)
            .join(Conversation, Conversation.lead_source_id == LeadSource.id)
            .join(Touch, Touch.id == Conversation.touch_id)
        )
    )[0]
    assert row.source == "yandex"
    assert row.conversation_id == row.id
    turn = await one(world, Turn.lead_source_id)
    assert turn.lead_source_id is not None
    # A second start is one more touch of the same contact and leaves the dialog's first one.
    await tell(world, Started("marina", None, Referral(kind="utm", source="vk")))
    assert (await one(world, func.count(Touch.id)))[0] == 2
    assert (await one(world, func.count(Contact.id)))[0] == 1


async def test_an_old_arrival_is_not_the_reason_of_a_new_dialog(world: World) -> None:
    await tell(world, Started("marina", None, Referral(kind="utm", source="yandex")))
    world.clock.advance(days=8)
    await world.client_writes()
    assert (await one(world, Conversation.lead_source_id)).lead_source_id is None


async def test_an_answer_after_the_window_is_refused_in_words(world: World) -> None:
    day = 24 * 3600
    conversation = await world.conversation_of(await world.client_writes(window_seconds=day))
    world.clock.advance(hours=23)
    await world.agent_replies(conversation)
    world.clock.advance(hours=1)
    with pytest.raises(Invalid, match="has to write first"):
        await world.agent_replies(conversation)
    await world.client_writes(window_seconds=day)
    await world.agent_replies(conversation)


async def test_a_late_refusal_closes_the_address(world: World) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    await world.agent_replies(conversation)
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    await world.write(mark_sent, _SYSTEM, owed, ("out",))
    await tell(world, StatusChanged("out", "failed", error="blocked", error_code="contact_stopped"))
    assert (await one(world, Address.stopped_at)).stopped_at == world.clock.now()


async def test_whoever_writes_to_us_can_be_answered(world: World) -> None:
    await world.client_writes()
    await tell(world, *[ContactStoppedUs("marina", stopped=True)] * 2)
    assert (await one(world, Address.stopped_at)).stopped_at is not None
    await world.client_writes("Передумала")
    assert (await one(world, Address.stopped_at)).stopped_at is None
    await tell(world, ContactStoppedUs("marina", stopped=False))
    told = (
        select(Event.kind)
        .where(Event.kind.in_((EventKind.CONTACT_STOPPED, EventKind.CONTACT_RETURNED)))
        .order_by(Event.id)
    )
    assert [row.kind for row in await world.rows(told)] == [EventKind.CONTACT_STOPPED, EventKind.CONTACT_RETURNED]


async def test_a_platform_is_asked_once_who_a_client_is(world: World) -> None:
    await world.client_writes(profile=Profile(wanted=True))
    (stranger,) = await world.write(claim_strangers, _SYSTEM)
    assert await world.write(claim_strangers, _SYSTEM) == []
    await world.write(keep_profile, _SYSTEM, stranger, Profile("Марина Ким", username="kim"))
    assert (await one(world, Contact.name)).name == "Марина Ким"
    assert (await one(world, Address.title)).title == "kim"
    world.clock.advance(hours=1)
    assert await world.write(claim_strangers, _SYSTEM) == []


async def test_a_name_that_an_agent_gave_stays(world: World) -> None:
    await world.client_writes(profile=Profile(wanted=True))
    await world.write(lambda tx: tx.execute(update(Contact).values(name="Наша Марина")))
    (stranger,) = await world.write(claim_strangers, _SYSTEM)
    await world.write(keep_profile, _SYSTEM, stranger, Profile("m4rina"))
    assert (await one(world, Contact.name)).name == "Наша Марина"
