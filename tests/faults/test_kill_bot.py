"""`kill -9` of a product with a bot: while it asks for news, and between an answer that Telegram took and our mark of it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import defaultdict
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select, update

from inbox.channel_work import locked_config
from inbox.models import AgentSession, Channel
from inbox.runtime.clock import SystemClock
from inbox.runtime.secrets import Vault
from inbox.web.visit import SESSION_COOKIE
from tests.desk import Browser
from tests.faults.test_delivery import until
from tests.faults.test_stop import session_of
from tests.platforms.loopback import Fault
from tests.platforms.telegram import TOKEN, BotApi
from tests.server import Server
from tests.world import open_world, sqlite_url

CHATS = 30
MESSAGES_EACH = 40
KILLS = 2


def stored(server: Server) -> list[tuple[str, str]]:
    """Address and text of every message of a client, as they came in."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "inbox.db", timeout=10)) as database:
        return database.execute(
            "SELECT address.external_id, message.text FROM message"
            " JOIN conversation ON conversation.id = message.conversation_id"
            " JOIN address ON address.id = conversation.address_id"
            " WHERE message.kind = 'incoming' ORDER BY message.id"
        ).fetchall()


def end_leases(server: Server) -> None:
    """A dead process holds its bot for a minute more; nobody waits for that here."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "inbox.db", timeout=10)) as database:
        database.execute("DELETE FROM lease")
        database.commit()


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_kill_9_while_asking_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    api = BotApi(checked=False)
    server = Server(tmp_path / "data")
    try:
        async with api.run():
            await asyncio.to_thread(server.run, "migrate")
            options = ("--set", f"token={TOKEN}", "--set", f"base_url={api.url}")
            await asyncio.to_thread(server.run, "channel", "add", "telegram", "--name", "Бот", *options)
            people = [api.person(f"Клиент {number}") for number in range(CHATS)]
            sent = defaultdict(list)
            for number in range(MESSAGES_EACH):
                for person in people:
                    person.writes(f"сообщение {number}")
                    sent[str(person.id)].append(f"сообщение {number}")
            whole = CHATS * MESSAGES_EACH
            for number in range(KILLS + 1):
                await server.start()
                before, wanted = len(stored(server)), whole * (number + 1) // (KILLS + 1)
                while len(stored(server)) < wanted:
                    await asyncio.sleep(0.01)
                if number < KILLS:
                    server.kill()
                    assert before < len(stored(server)) < whole, "the kill must come in the middle"
                    end_leases(server)
            got = defaultdict(list)
            for address, text in stored(server):
                got[address].append(text)
            assert got == sent
            assert server.stop() == 0
    finally:
        server.kill()


async def annas_screen(server: Server, api: BotApi, http: aiohttp.ClientSession) -> Browser:
    """Anna at her screen in a company with a bot. On the machine's clock, or her session would be over already."""
    world = await open_world(sqlite_url(server.data_dir), clock=SystemClock())  # type: ignore[arg-type]
    locked = locked_config(Vault("test"), "telegram", {"token": TOKEN, "base_url": api.url})
    await world.write(lambda tx: tx.execute(update(Channel).values(kind="telegram", config=locked)))
    token = await session_of(world, "Анна")
    csrf = (await world.rows(select(AgentSession.csrf_token)))[0][0]
    await world.database.close()
    return Browser(http, server.url, csrf, {"Accept": "text/html", "Cookie": f"{SESSION_COOKIE}={token}"})


def deliveries(server: Server) -> list[str]:
    """The states of what was to be sent, oldest first."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "inbox.db", timeout=10)) as database:
        return [row[0] for row in database.execute("SELECT state FROM delivery ORDER BY id")]


def end_reservation(server: Server) -> None:
    """Let the minute pass that a killed worker's message stays reserved."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "inbox.db", timeout=10)) as database:
        database.execute("UPDATE delivery SET leased_until = 0 WHERE state = 'sending'")
        database.commit()


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_kill_9_between_sending_and_marking_tells_the_agent_the_truth(tmp_path: Path) -> None:
    """Telegram knows no key of ours: nobody can tell whether it has the answer, so a person decides."""
    api = BotApi()
    server = Server(tmp_path / "data", environment={"INBOX_SECRET_KEY": "test"})
    server.data_dir.mkdir()
    texts = ["Да, есть", "Привезём завтра", "Ждём вас"]
    try:
        async with api.run(), aiohttp.ClientSession() as http:
            anna = await annas_screen(server, api, http)
            await server.start()
            marina = api.person()
            marina.writes("Дуб есть?")
            await until(lambda: len(stored(server)) == 1)
            api.lose("sendMessage", fault=Fault.SILENCE)
            for number, text in enumerate(texts):
                form = {"kind": "outgoing", "text": text, "client_id": f"c-{number}", "seen_message_id": "999999"}
                assert (await anna.post("/conversations/1/messages", form)).status == 303
            # Telegram has the first one, and we wait for its answer.
            await until(lambda: api.texts(marina.id) == texts[:1])
            assert deliveries(server) == ["sending", "queued", "queued"]
            server.kill()
            api.let_go()
            end_leases(server)
            end_reservation(server)
            await server.start()
            await until(lambda: deliveries(server) == ["unknown", "sent", "sent"])
            assert api.texts(marina.id) == texts, "neither lost nor sent again, and in order"
            page = await anna.get("/conversations/1?view=all")
            assert page.words("#timeline .msg.failed .text") == texts[:1]
            (retry,) = page.tree.css("#timeline [data-retry]")
            assert len(page.tree.css("#timeline [data-arrived]")) == 1
            assert retry.attributes["data-retry"] == "1"
            assert server.stop() == 0
    finally:
        server.kill()
