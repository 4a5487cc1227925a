"""Filling a database with the demo: migrate, prepare the cast, tell dialogs in chunks, roll the days up."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sqlalchemy import delete, update

from inbox.actions.index_search import add_words, index_search, skip_to_newest
from inbox.demo.calendar import HOUR, Season, WorkingTime
from inbox.demo.cast import LOGIN, Prepared, channel_configs, prepare
from inbox.demo.rows import Rows
from inbox.demo.story import Story
from inbox.migrations.run import migrate_database
from inbox.models import Channel, Contact, ConversationMoment, ReportColumn, Turn
from inbox.models.base import from_milliseconds, to_milliseconds
from inbox.queries.hours import applying_hours
from inbox.roll_up_facts import roll_up_facts
from inbox.rules.permissions import Actor
from inbox.runtime.bus import Bus
from inbox.runtime.clock import Clock, SystemClock
from inbox.runtime.connect import open_database
from inbox.runtime.database import Database, Tx
from inbox.runtime.languages import zone
from inbox.runtime.passwords import hash_password
from inbox.runtime.secrets import Vault

# Dialogs per transaction: a running server waits for one of these at most.
CHUNK = 1000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Filled:
    """What was done. `login` and `password` open the demo when it made the company; else nobody new can sign in."""

    conversations: int
    login: str | None
    password: str | None

    @property
    def words(self) -> str:
        """The result in a sentence for the terminal."""
        if self.login is None:
            return (
                "A company exists: its settings, people and dialogs stay as they are, the demo's dialogs were added"
                " beside them. The demo's agents cannot sign in."
            )
        return f"Sign in as {self.login} with the password {self.password}"


def fill(
    url: str, conversations: int, seed: int, progress: Progress, vault: Vault | None = None, clock: Clock | None = None
) -> Filled:
    """Add dialogs to the database of a URL, which is migrated first; the same seed and moment give the same ones.

    `vault` locks the secrets of the channels that are made; without one only channels without secrets are.
    """
    return asyncio.run(fill_database(url, conversations, seed, progress, vault, clock))


async def fill_database(
    url: str, conversations: int, seed: int, progress: Progress, vault: Vault | None = None, clock: Clock | None = None
) -> Filled:
    """The same inside a running loop."""
    await migrate_database(url)
    password = secrets.token_urlsafe(9)
    clock = clock or SystemClock()
    database = open_database(url, clock, Bus())
    try:
        prepared = await database.write(prepare, await hash_password(password), channel_configs(vault))
        rng = Random(seed)  # noqa: S311 - what people say in a demo is no secret.
        await _tell(database, prepared, conversations, rng, clock, progress)
        await roll_up_facts(database)
    finally:
        await database.close()
    if prepared.made_company:
        return Filled(conversations, LOGIN, password)
    return Filled(conversations, None, None)


async def _tell(
    database: Database, prepared: Prepared, total: int, rng: Random, clock: Clock, progress: Progress
) -> None:
    cast = prepared.cast
    now = to_milliseconds(clock.now())
    found = {stage.id: await database.read(applying_hours, stage.id) for stage in cast.stages}
    hours = {key: WorkingTime(applying.hours, now, applying.hours_id) for key, applying in found.items()}
    story = Story(cast, hours, now, rng)
    season = Season(now, cast.time_zone, rng)
    # Some dialogs are not over yet, however few there are in all.
    lingering = min(total // 4, 40 + total // 500)
    for done in range(0, total, CHUNK):
        count = min(CHUNK, total - done)

        def write(tx: Tx, first: int = done, count: int = count) -> None:
            rows = _caught_up(tx)
            for index in range(first, first + count):
                late = index - (total - lingering)
                if late < 0:
                    story.tell(rows, season.moment(index, total - lingering), lingers=False)
                else:
                    story.tell(rows, _recent(rng, now, late / lingering), lingers=True)
            _store(tx, rows, cast.time_zone)

        await database.write(write)
        progress(done + count, total)
    await database.write(_finish, [stage.id for stage in cast.stages])


def _recent(rng: Random, now: int, part: float) -> int:
    """The beginning of a dialog that is not over: hours ago the first ones, just now the last ones."""
    return now - int((1 - part) ** 2 * 26 * HOUR) - rng.randrange(30_000, 900_000)


def _caught_up(tx: Tx) -> Rows:
    """Index what happened before us, so that the index may stand behind what is written now."""
    while index_search(tx, Actor.system()):
        pass
    return Rows(tx)


def _store(tx: Tx, rows: Rows, time_zone: str) -> None:
    local = zone(time_zone)
    began = {row[8] for row in rows.of[Turn]} | {row[3] for row in rows.of[ConversationMoment]}
    days = {from_milliseconds(moment).astimezone(local).date() for moment in began}
    # A day that was rolled up gets more facts: it is counted anew.
    tx.execute(delete(ReportColumn).where(ReportColumn.day.in_(days)))
    newest = rows.write(tx)
    add_words(tx, rows.texts, [(row[0], row[1], row[3]) for row in rows.of[Contact]])
    skip_to_newest(tx, newest)
    tx.last_event_id = newest


def _finish(tx: Tx, channel_ids: list[int]) -> None:
    """What lists show about channels and agents: when they were last active."""
    moment = tx.now - timedelta(minutes=1)
    silent = update(Channel).where(Channel.id.in_(channel_ids))
    tx.execute(silent.where(Channel.last_in_at.is_(None)).values(last_in_at=moment))
    tx.execute(silent.where(Channel.last_out_at.is_(None)).values(last_out_at=moment))
