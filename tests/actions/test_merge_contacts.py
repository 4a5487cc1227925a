"""Two clients become one and two again: nothing is lost, nothing moves to another channel, everything comes back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from connectors.contract import MessageReceived, Profile, Referral
from inbox.actions.contact_fields import add_field
from inbox.actions.contacts import edit_contact
from inbox.actions.deliver import claim_deliveries
from inbox.actions.merge_contacts import absorb, keep_apart, merge_contacts, undo_merge
from inbox.actions.receive import receive
from inbox.models import Address, Channel, Contact, ContactFieldValue, Conversation, Event, Touch
from inbox.queries.contact_card import contact_card
from inbox.queries.contacts import contact_list
from inbox.queries.search import search
from inbox.queries.turn_recount import turn_differences
from inbox.rules.errors import Conflict, Invalid, NotFound
from inbox.rules.permissions import Actor
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases

PHONE = "+79171234567"
_HOLDERS = select(Address.external_id, Address.contact_id).order_by(Address.external_id)


async def write(world: World, channel_id: int, address: str, text: str = "Вопрос", **event: Any) -> tuple[int, int]:
    """A client writes; returns their conversation and contact."""
    world.received += 1
    arrived = MessageReceived(address, f"in-{world.received}", text, **event)
    message_id = await world.write(receive, Actor.channel(channel_id), channel_id, arrived)
    assert message_id is not None
    conversation = await world.conversation_of(message_id)
    return conversation, (await world.conversation(conversation)).contact_id


async def two(world: World) -> tuple[int, int, int, int]:
    """Марина in a messenger and by mail: two dialogs, two clients with one phone."""
    values = {"kind": "email", "name": "Почта", "token": "mail", "config": {}, "created_at": world.clock.now()}
    mail = await world.write(lambda tx: int(tx.execute(insert(Channel), values).inserted_primary_key[0]))
    first, one = await write(
        world,
        world.channel_id,
        "tg-1",
        profile=Profile("Марина", phone=PHONE),
        referral=Referral(kind="utm", source="vk"),
    )
    world.clock.advance(minutes=5)
    second, other = await write(
        world,
        mail,
        "marina@x.ru",
        profile=Profile("Марина Ким", phone="8 917 123-45-67", email="marina@x.ru", username="marina@x.ru"),
    )
    return first, one, second, other


async def holders(world: World) -> dict[str, int]:
    return {row.external_id: row.contact_id for row in await world.rows(_HOLDERS)}


async def test_the_evidence_is_offered_with_where_and_when(world: World) -> None:
    first, one, second, other = await two(world)
    card = await world.read(contact_card, world.actor("Анна"), first)
    (offer,) = card.identity.offers
    assert (offer.contact_id, offer.name) == (other, "Марина Ким")
    assert [(proof.kind, proof.value) for proof in offer.evidence] == [("phone", PHONE)]
    assert [(place.channel_name, place.title) for place in offer.places] == [("Почта", "marina@x.ru")]
    assert offer.places[0].seen_at == world.clock.now()
    (back,) = (await world.read(contact_card, world.actor("Анна"), second)).identity.offers
    assert back.contact_id == one


async def test_a_merge_joins_and_its_undoing_parts_exactly(world: World) -> None:
    first, one, second, other = await two(world)
    city = await world.write(add_field, world.actor("Вера"), "city", "Город", "text")
    await world.write(
        edit_contact,
        world.actor("Анна"),
        other,
        {"name": "Марина Ким", "phone": PHONE, "email": "marina@x.ru"},
        {city: "Казань"},
    )
    cards = select(
        Contact.id, Contact.name, Contact.phone, Contact.email, Contact.merged_into_id, Contact.first_touch_id
    ).order_by(Contact.id)
    fields = select(ContactFieldValue.contact_id, ContactFieldValue.value)
    touches = select(Touch.id, Touch.contact_id).order_by(Touch.id)
    before = [await world.rows(query) for query in (cards, fields, touches)], await holders(world)
    merge = await world.write(merge_contacts, world.actor("Анна"), other, one)
    # The older client stays, whichever card was open; what was empty is filled, what both know stays.
    assert await holders(world) == {"tg-1": one, "marina@x.ru": one}
    kept = (await world.rows(select(Contact.name, Contact.email).where(Contact.id == one)))[0]
    assert tuple(kept) == ("Марина", "marina@x.ru")
    card = await world.read(contact_card, world.actor("Анна"), second)
    assert card.contact_id == one
    assert [field.value for field in card.fields] == ["Казань"]
    assert {dialog.id for dialog in card.earlier} == {first}
    assert card.identity.offers == ()
    (done,) = card.identity.merges
    assert (done.id, done.contact_id, done.name, done.agent_name) == (merge, other, "Марина Ким", "Анна")
    await world.write(undo_merge, world.actor("Анна"), merge)
    after = [await world.rows(query) for query in (cards, fields, touches)], await holders(world)
    assert after == before
    with pytest.raises(NotFound):
        await world.write(undo_merge, world.actor("Анна"), merge)


async def test_answers_go_where_the_client_wrote_and_both_waits_stand(world: World) -> None:
    first, one, second, other = await two(world)
    await world.write(merge_contacts, world.actor("Анна"), one, other)
    for conversation in (first, second):
        row = await world.conversation(conversation)
        assert (row.contact_id, row.status) == (one, "open")
        assert row.waiting_since is not None
        await world.agent_replies(conversation)
    owed = await world.write(claim_deliveries, Actor.system())
    assert {item.address for item in owed} == {"tg-1", "marina@x.ru"}
    assert await world.read(turn_differences, lambda done, total: None) == []


async def test_what_was_written_after_the_merge_parts_with_its_address(world: World) -> None:
    _, one, second, other = await two(world)
    merge = await world.write(merge_contacts, world.actor("Анна"), one, other)
    await world.write(lambda tx: tx.execute(update(Conversation).values(status="resolved", resolved_at=None)))
    mail = (await world.conversation(second)).channel_id
    newer, holder = await write(world, mail, "marina@x.ru", referral=Referral(kind="utm", source="yandex"))
    assert (newer != second, holder) == (True, one)
    await world.write(edit_contact, world.actor("Анна"), one, {"name": "Марина", "phone": "", "email": "new@x.ru"}, {})
    await world.write(undo_merge, world.actor("Анна"), merge)
    assert (await world.conversation(newer)).contact_id == other
    assert (await world.rows(select(Touch.contact_id).where(Touch.conversation_id == newer)))[0].contact_id == other
    # What somebody wrote into the card since is theirs.
    assert (await world.rows(select(Contact.email).where(Contact.id == one)))[0].email == "new@x.ru"


async def test_merges_upon_merges_come_apart_in_any_order(world: World) -> None:
    _, one, _, other = await two(world)
    _, third = await write(world, world.channel_id, "tg-3", profile=Profile("Третья", phone=PHONE))
    start = await holders(world)
    for order in ((0, 1), (1, 0)):
        merges = [await world.write(absorb, Actor.system(), other, third, reason="phone")]
        merges.append(await world.write(merge_contacts, world.actor("Анна"), one, other))
        assert set((await holders(world)).values()) == {one}
        anna = world.actor("Анна")
        dialog = (await world.rows(select(Conversation.id).where(Conversation.contact_id == one)))[0].id
        assert {done.id for done in (await world.read(contact_card, anna, dialog)).identity.merges} == set(merges)
        await world.write(undo_merge, anna, merges[order[0]])
        half = {"tg-1": one, "marina@x.ru": other, "tg-3": other} if order[0] else {**start, "marina@x.ru": one}
        assert await holders(world) == half
        await world.write(undo_merge, anna, merges[order[1]])
        assert await holders(world) == start


async def test_two_people_are_not_offered_again(world: World) -> None:
    first, one, second, other = await two(world)
    await world.write(keep_apart, world.actor("Анна"), one, other)
    await world.write(keep_apart, world.actor("Анна"), other, one)
    for conversation in (first, second):
        assert (await world.read(contact_card, world.actor("Анна"), conversation)).identity.offers == ()


async def test_what_nothing_connects_is_not_merged(world: World) -> None:
    _, one, _, other = await two(world)
    _, stranger = await write(world, world.channel_id, "tg-9", profile=Profile("Олег"))
    with pytest.raises(Conflict):
        await world.write(merge_contacts, world.actor("Анна"), one, stranger)
    with pytest.raises(Invalid):
        await world.write(merge_contacts, world.actor("Анна"), one, one)
    await world.write(merge_contacts, world.actor("Анна"), one, other)
    for gone in (other, 10**9):
        with pytest.raises(NotFound):
            await world.write(merge_contacts, world.actor("Анна"), one, gone)


async def test_a_part_of_somebody_is_no_line_of_its_own(world: World) -> None:
    _, one, _, other = await two(world)
    await world.write(merge_contacts, world.actor("Анна"), one, other)
    page = await world.read(contact_list, world.actor("Анна"))
    assert [line.id for line in page.lines] == [one]
    found = await world.read(search, world.actor("Анна"), PHONE)
    assert [client.contact_id for client in found.clients] == [one]


async def test_both_are_told_of_in_the_log(world: World) -> None:
    _, one, _, other = await two(world)
    merge = await world.write(merge_contacts, world.actor("Анна"), one, other)
    await world.write(undo_merge, world.actor("Борис"), merge)
    facts = await world.rows(
        select(Event.kind, Event.contact_id, Event.actor_id, Event.details).where(
            Event.kind.in_(("contact.merged", "contact.unmerged"))
        )
    )
    assert {(fact.kind, fact.contact_id) for fact in facts} >= {
        (kind, contact) for kind in ("contact.merged", "contact.unmerged") for contact in (one, other)
    }
    assert {fact.actor_id for fact in facts} == {world.agents["Анна"], world.agents["Борис"]}
    assert all(fact.details == {"merge_id": merge, "kept_id": one, "left_id": other} for fact in facts)
