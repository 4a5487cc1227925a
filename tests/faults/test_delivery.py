"""Answers under faults: each reaches an idempotent channel exactly once and in order; for the rest an agent decides."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select, update

import connectors
from inbox.models import ChannelLog, Delivery, Message
from inbox.runtime.secrets import Vault
from tests.faults.office import Office, make_worker, open_office, owe, point, vanish_after_sending
from tests.platforms.customer import Customer
from tests.platforms.loopback import Answer, Fault, running
from tests.server import Server, new_secret
from tests.world import World, open_world, sqlite_url


@pytest_asyncio.fixture
async def office(world: World, tmp_path: Path) -> AsyncIterator[Office]:
    async with running(Customer(new_secret())) as customer, open_office(world, tmp_path, customer) as made:
        yield made


@pytest_asyncio.fixture
async def fragile(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """The same over a channel that cannot tell a repetition."""
    monkeypatch.setattr(connectors, "CONNECTORS", (*connectors.CONNECTORS, ("fragile", "tests.faults.office")))
    async with running(Customer(new_secret())) as customer, open_office(world, tmp_path, customer, "fragile") as made:
        yield made


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_random_faults_lose_nothing_repeat_nothing_and_keep_the_order(
    world: World, tmp_path: Path, seed: int
) -> None:
    async with (
        running(Customer(new_secret(), trouble=0.25, seed=seed)) as customer,
        open_office(world, tmp_path, customer) as office,
    ):
        owed = await owe(world, 12, 5)
        await office.hand_everything_over()
        assert set(await office.states()) == {"sent"}
        assert {address: customer.texts(address) for address in owed} == owed
        assert len(customer.kept) == 60
        assert customer.repeated > 0, "some answers must have been lost on the way back"
        attempts = await world.rows(select(ChannelLog.id))
        assert len(attempts) > 60


async def test_a_channel_that_drops_repetitions_gets_the_message_again_under_the_same_key(office: Office) -> None:
    owed = await owe(office.world, 3, 2)
    await vanish_after_sending(office)
    assert await office.states() == ["sending", "queued"] * 3
    assert await office.hand_over() == 0, "nobody may touch a message while its lease lasts"
    office.world.clock.advance(seconds=61)
    await office.hand_everything_over()
    assert await office.states() == ["sent"] * 6
    assert {address: office.customer.texts(address) for address in owed} == owed
    assert office.customer.repeated == 3


async def test_for_any_other_channel_nobody_knows_and_nothing_is_sent_twice(fragile: Office) -> None:
    await owe(fragile.world, 1, 2)
    await vanish_after_sending(fragile)
    fragile.world.clock.advance(seconds=61)
    await fragile.hand_everything_over()
    assert await fragile.states() == ["unknown", "sent"]
    assert fragile.customer.repeated == 0
    assert len(fragile.customer.kept) == 2
    told = await fragile.world.rows(select(Delivery.error, Delivery.error_code).order_by(Delivery.id))
    assert (told[0].error_code, bool(told[0].error)) == ("unreachable", True)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.HALF_BODY])
async def test_a_lost_answer_is_unknown_where_a_repetition_would_be_seen(fragile: Office, fault: Fault) -> None:
    await owe(fragile.world, 1, 1)
    fragile.customer.answers(Answer(body=b"{", fault=fault))
    await fragile.hand_over()
    fragile.world.clock.advance(hours=2)
    assert await fragile.hand_over() == 0
    assert await fragile.states() == ["unknown"]


async def test_a_refusal_before_anything_was_taken_is_tried_again_everywhere(fragile: Office) -> None:
    await owe(fragile.world, 1, 1)
    fragile.customer.answers(Answer(429, headers={"Retry-After": "120"}))
    await fragile.hand_over()
    fragile.world.clock.advance(seconds=119)
    assert await fragile.hand_over() == 0, "the platform's own time is never undercut"
    fragile.world.clock.advance(seconds=2)
    assert await fragile.hand_over() == 1
    assert await fragile.states() == ["sent"]


async def test_a_clock_that_jumps_ahead_during_a_send_does_not_make_it_unknown(fragile: Office) -> None:
    await owe(fragile.world, 1, 1)
    first = make_worker(fragile.equipment)
    assert await first.deliver_due() == 1
    fragile.world.clock.advance(days=1)
    await fragile.hand_over()
    await first.stop()
    assert await fragile.states() == ["sent"]
    assert (len(fragile.customer.kept), fragile.customer.repeated) == (1, 0)


async def test_a_clock_that_is_put_back_keeps_no_message_waiting(office: Office) -> None:
    owed = await owe(office.world, 2, 2)
    await vanish_after_sending(office)
    office.world.clock.advance(days=-30)
    await office.hand_everything_over()
    assert await office.states() == ["sent"] * 4
    assert {address: office.customer.texts(address) for address in owed} == owed


async def test_two_messages_that_the_platform_names_alike_both_go_out(office: Office) -> None:
    await owe(office.world, 1, 2)
    office.customer.answers(*[Answer(body=b'{"external_id": "ok"}')] * 2)
    await office.hand_everything_over()
    assert await office.states() == ["sent", "sent"]
    names = await office.world.rows(select(Message.external_id).where(Message.kind == "outgoing").order_by(Message.id))
    assert [row.external_id for row in names] == ["ok", None]


async def test_what_cannot_be_noted_is_counted_and_sent_again_under_its_key(office: Office) -> None:
    await owe(office.world, 1, 1)
    worker = await vanish_after_sending(office)
    assert worker.failures == 1
    office.world.clock.advance(seconds=61)
    await office.hand_everything_over()
    assert len(office.customer.kept) == 1


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_kill_9_between_sending_and_noting_loses_and_repeats_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", environment={"INBOX_SECRET_KEY": "test"})
    server.data_dir.mkdir()
    async with running(Customer(new_secret())) as customer:
        world = await open_world(sqlite_url(server.data_dir))
        await point(world, Vault("test"), customer)
        owed = await owe(world, 20, 3)
        # Due now, whatever the clock of the world says.
        await world.write(lambda tx: tx.execute(update(Delivery).values(next_attempt_at=None)))
        await world.database.close()
        for kept in (5, 25):
            await server.start()
            # Taken, and never answered: the server waits for the answer when it is killed.
            customer.silent_after = kept
            await until(lambda limit=kept: len(customer.kept) >= limit)
            server.kill()
            customer.let_go()
            end_leases(server.data_dir / "inbox.db")
        customer.silent_after = None
        await server.start()
        await until(lambda: len(customer.kept) == 60 and unsent(server.data_dir / "inbox.db") == 0)
        assert server.stop() == 0
    assert {address: customer.texts(address) for address in owed} == owed
    assert customer.repeated > 0


async def until(happened: object) -> None:
    """Wait for something that another process does."""
    assert callable(happened)
    async with asyncio.timeout(100):
        while not happened():
            await asyncio.sleep(0.02)


def end_leases(file: Path) -> None:
    """Let the minute pass that a killed worker's messages stay reserved."""
    with sqlite3.connect(file) as database:
        database.execute("UPDATE delivery SET leased_until = 0 WHERE state = 'sending'")
        database.execute("UPDATE delivery SET next_attempt_at = NULL WHERE state = 'queued'")
    database.close()


def unsent(file: Path) -> int:
    """How many deliveries are not sent yet."""
    database = sqlite3.connect(file)
    try:
        return int(database.execute("SELECT count(*) FROM delivery WHERE state != 'sent'").fetchone()[0])
    finally:
        database.close()
