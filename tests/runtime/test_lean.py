"""A lean statement means the same as the statement it was made of, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import sqlite

from inbox.models import Agent, Conversation, Delivery, Event
from inbox.runtime.bus import Bus
from inbox.runtime.connect import open_database
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean
from tests.servers_fixtures import both_databases
from tests.world import HandClock, World, lay_schema

MOMENT = datetime(2026, 11, 24, 9, 30, 15, 250_000, tzinfo=UTC)
EVENT = {"at": MOMENT, "kind": "test", "actor_kind": "system", "details": {"имя": "Анна"}}


def run_everything(tx: Tx) -> list[object]:
    add, found = (
        Lean(insert(Event)),
        Lean(select(Event.at, Event.details, Event.agent_id).where(Event.id == bindparam("id"))),
    )
    change = Lean(
        update(Event).where(Event.id == bindparam("which")).values(agent_id=bindparam("agent"), kind="changed")
    )
    first, second = add.insert(tx, EVENT), add.insert(tx, {**EVENT, "details": None})
    seen: list[object] = [
        second - first,
        change.change(tx, {"which": second, "agent": 7}),
        change.change(tx, {"which": -1, "agent": 7}),
    ]
    row = found.first(tx, {"id": first})
    seen += [
        row.at,
        row.details,
        row[2],
        found.scalar(tx, {"id": second}),
        found.first(tx, {"id": -1}),
        found.rows(tx, {"id": -1}),
    ]
    kinds = Lean(select(Event.kind, Event.agent_id).where(Event.kind == "changed"))
    return [*seen, [tuple(row) for row in kinds.rows(tx, {})]]


@both_databases
async def test_lean_statements_run_as_core_does(database_url: str) -> None:
    await lay_schema(database_url)
    database = open_database(database_url, HandClock(), Bus())
    try:
        seen = await database.write(run_everything)
    finally:
        await database.close()
    assert seen == [1, 1, 0, MOMENT, {"имя": "Анна"}, None, MOMENT, None, [], [("changed", 7)]]


async def test_defaults_of_columns_are_filled_in(world: World) -> None:
    values = {
        "email": "new@shop.example",
        "name": "Новый",
        "role": "agent",
        "language": "ru",
        "time_zone": "UTC",
        "created_at": MOMENT,
    }
    key = await world.write(lambda tx: Lean(insert(Agent)).insert(tx, values))
    assert await world.rows(select(Agent.status, Agent.sound, Agent.theme).where(Agent.id == key)) == [
        ("available", True, "auto")
    ]


async def test_other_parameters_than_before_are_refused(world: World) -> None:
    lean = Lean(insert(Event))
    await world.write(lambda tx: lean.insert(tx, EVENT))
    for wrong in ({**EVENT, "agent_id": 1}, {name: value for name, value in EVENT.items() if name != "kind"}):
        with pytest.raises(KeyError):
            await world.write(lambda tx, wrong=wrong: lean.insert(tx, wrong))


async def test_a_failed_call_is_undone_with_its_transaction(world: World, tmp_path: Path) -> None:
    def fail(tx: Tx) -> None:
        Lean(insert(Event)).insert(tx, EVENT)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await world.write(fail)
    assert await world.rows(select(Event.id).where(Event.kind == "test")) == []


def test_codes_are_written_out_in_comparisons_and_bound_in_values() -> None:
    def sql(statement: object) -> str:
        return " ".join(str(statement.compile(dialect=sqlite.dialect())).split())  # type: ignore[attr-defined]

    assert sql(select(Conversation.id).where(Conversation.status == "open")).endswith(
        "WHERE conversation.status = 'open'"
    )
    assert sql(select(Delivery.id).where(Delivery.state.in_(("queued", "sending")))).endswith(
        "state IN ('queued', 'sending')"
    )
    assert "o'" not in sql(select(Conversation.id).where(Conversation.status == "o'pen"))
    assert "SET status=?" in sql(update(Conversation).values(status="open"))


async def test_the_queue_of_a_rule_is_counted_through_the_partial_index(world: World) -> None:
    statement = select(Conversation.id).where(Conversation.assignee_id == 1, Conversation.status == "open")
    text = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    plan = await world.read(lambda tx: tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all())
    assert "ix_conversation_open" in str(plan)
