"""The ledger of clicks: what a start parameter stands for when the person writes."""

from __future__ import annotations

from sqlalchemy import insert, select

from connectors.contract import Referral, Started
from inbox.actions.entry_links import note_click, remove_link
from inbox.actions.receive_changes import receive_event
from inbox.models import Click, Contact, Conversation, EntryLink, LeadSource, Touch
from inbox.rules.attribution import touch_from_visit
from inbox.rules.permissions import Actor
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases

_SYSTEM = Actor.system()
AD = "https://chat.example.com/l/autumn?utm_source=yandex&utm_campaign=столы&yclid=777&_ym_uid=169"


async def a_link(world: World, **marks: str) -> int:
    values = {
        "slug": "autumn", "name": "Листовка", "channel_id": world.channel_id, "source": "", "medium": "",
        "campaign": "Листовка", "content": "", "term": "", "created_at": world.clock.now(), **marks,
    }  # fmt: skip
    return await world.write(lambda tx: int(tx.execute(insert(EntryLink), values).inserted_primary_key[0]))


async def starts(world: World, token: str, address: str = "marina", source: str = "") -> None:
    event = Started(address, None, Referral(token=token, source=source))
    await world.write(receive_event, Actor.channel(world.channel_id), world.channel_id, event)


async def sources(world: World) -> list[tuple[str, ...]]:
    statement = select(LeadSource.kind, LeadSource.source, LeadSource.campaign, Touch.confidence)
    rows = await world.rows(statement.join(Touch, Touch.lead_source_id == LeadSource.id).order_by(Touch.id))
    return [tuple(row) for row in rows]


async def test_a_click_names_the_campaign_exactly(world: World) -> None:
    link_id = await a_link(world)
    arrival = touch_from_visit(AD, "https://ya.ru/")
    token = await world.write(note_click, _SYSTEM, world.channel_id, arrival, link_id=link_id)
    assert len(token) <= 64
    await starts(world, token)
    await world.client_writes("Здравствуйте")
    # The link's own campaign stands, and the browser's marks fill what it left open.
    assert await sources(world) == [("ad", "yandex", "Листовка", "exact")]
    touch = (await world.rows(select(Touch.click_id_kind, Touch.click_id, Touch.metrica_client_id)))[0]
    assert tuple(touch) == ("yclid", "777", "169")
    click = (await world.rows(select(Click.used_at, Click.contact_id)))[0]
    assert click.used_at == world.clock.now()
    assert click.contact_id == (await world.rows(select(Contact.id)))[0].id
    assert (await world.rows(select(Conversation.lead_source_id)))[0].lead_source_id is not None


async def test_a_slug_in_a_printed_link_is_enough(world: World) -> None:
    await a_link(world, source="leaflet")
    await starts(world, "Autumn")
    assert await sources(world) == [("utm", "leaflet", "Листовка", "exact")]


async def test_a_parameter_that_nobody_knows_is_kept_as_a_guess(world: World) -> None:
    await starts(world, "promo_42")
    assert await sources(world) == [("deep_link", "", "", "guessed")]


async def test_the_platforms_own_word_on_the_source_completes_what_the_token_says(world: World) -> None:
    await starts(world, "promo_42", source="vk_ads")
    await a_link(world, source="leaflet")
    await starts(world, "Autumn", "oleg", source="vk_ads")
    assert [row[1] for row in await sources(world)] == ["vk_ads", "leaflet"]


async def test_a_start_without_a_parameter_says_nothing(world: World) -> None:
    event = Started("marina", None, Referral(kind="unknown"))
    await world.write(receive_event, Actor.channel(world.channel_id), world.channel_id, event)
    await world.client_writes()
    assert await sources(world) == []
    assert (await world.rows(select(Conversation.lead_source_id)))[0].lead_source_id is None


async def test_a_removed_link_still_explains_its_clicks(world: World) -> None:
    link_id = await a_link(world)
    token = await world.write(note_click, _SYSTEM, world.channel_id, touch_from_visit("", ""), link_id=link_id)
    await world.write(remove_link, _SYSTEM, link_id)
    await starts(world, token)
    assert await sources(world) == [("utm", "", "Листовка", "exact")]
