"""`inbox doctor`: looks at everything that can quietly go wrong, says what it found and what to do."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from sqlalchemy import func, select, text

from inbox.actions.rebuild_turns import rebuild_turns
from inbox.migrations.run import newest_revision
from inbox.models import Agent, Attachment, Channel, Delivery, Inbound
from inbox.queries.turn_recount import last_conversation, recount_turns
from inbox.rules.permissions import Actor
from inbox.runtime.connect import is_sqlite
from inbox.runtime.database import Database, Tx
from inbox.settings import Settings

LOW_DISK_BYTES = 1 << 30
# Conversations per write: a write holds the others up.
REBUILT_AT_ONCE = 100
STUCK_AFTER = timedelta(minutes=15)


class Verdict(Enum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "FAILURE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what was seen."""

    verdict: Verdict
    about: str
    words: str


Progress = Callable[[int, int], None]


async def examine(database: Database, settings: Settings) -> list[Finding]:
    """Everything but the turns: settings, disk, database, channels, deliveries, files, people."""
    findings = list(_settings(settings)) + list(_disk(settings))
    findings += await database.read(_schema, settings)
    findings += await database.read(_work)
    findings += await database.read(_files, settings)
    return findings


async def examine_turns(database: Database, progress: Progress) -> list[Finding]:
    """Recompute every stored turn from the timeline; each difference is a failure."""
    found = await database.read(recount_turns, progress)
    findings = [Finding(Verdict.FAILURE, "turns", words) for words in found.differences[:100]]
    if found.uncounted:
        words = f"{found.uncounted} waits that an older version closed have not all their lengths"
        findings.append(Finding(Verdict.WARNING, "turns", f"{words}: `inbox doctor --turns --repair` counts them"))
    return findings or [Finding(Verdict.OK, "turns", "every stored wait equals what the timeline says")]


async def repair_turns(database: Database, progress: Progress) -> Finding:
    """Build anew what differs, some conversations at a time, also while the product runs."""
    last = await database.read(last_conversation)
    rebuilt = 0
    for first in range(1, last + 1, REBUILT_AT_ONCE):
        ids = range(first, min(first + REBUILT_AT_ONCE, last + 1))
        rebuilt += await database.write(rebuild_turns, Actor.system(), ids)
        progress(ids.stop - 1, last)
    return Finding(Verdict.OK, "turns", f"the waits of {rebuilt} dialogs were built anew")


def _settings(settings: Settings) -> Iterator[Finding]:
    if settings.secure:
        yield Finding(Verdict.OK, "address", settings.base_url)
    elif settings.public_url:
        words = f"{settings.public_url} is not https: browsers hide notifications and platforms refuse webhooks"
        yield Finding(Verdict.WARNING, "address", words)
    else:
        yield Finding(
            Verdict.WARNING, "address", "INBOX_PUBLIC_URL is not set: links and webhooks use " + settings.base_url
        )
    key = settings.data_dir / "secret.key"
    if not settings.secret_key and key.exists() and key.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(Verdict.FAILURE, "secret key", f"others on this machine can read it: chmod 600 {key}")
    else:
        yield Finding(Verdict.OK, "secret key", "is kept to its owner")


def _disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.data_dir).free
    verdict = Verdict.OK if free > LOW_DISK_BYTES else Verdict.FAILURE
    yield Finding(verdict, "disk", f"{free / (1 << 30):.1f} GiB free for {settings.data_dir}")


def _schema(tx: Tx, settings: Settings) -> list[Finding]:
    found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found == newest_revision():
        findings = [Finding(Verdict.OK, "schema", f"revision {found}")]
    else:
        words = f"revision {found}, this version needs {newest_revision()}: run `inbox migrate`"
        findings = [Finding(Verdict.FAILURE, "schema", words)]
    if is_sqlite(settings.database):
        problems = [str(row[0]) for row in tx.execute(text("PRAGMA quick_check(20)")) if row[0] != "ok"]
        problems += [f"{row[0]} points to a missing {row[2]}" for row in tx.execute(text("PRAGMA foreign_key_check"))]
        verdict = Verdict.FAILURE if problems else Verdict.OK
        findings.append(Finding(verdict, "database", "; ".join(problems[:20]) or "is whole"))
    return findings


def _work(tx: Tx) -> list[Finding]:
    findings = []
    admins = select(func.count()).where(Agent.role == "admin", Agent.deactivated_at.is_(None))
    if not tx.execute(admins).scalar_one():
        findings.append(
            Finding(Verdict.WARNING, "people", "there is no administrator yet: open the address and set up")
        )
    for row in tx.execute(
        select(Channel.name, Channel.state, Channel.state_reason).where(Channel.removed_at.is_(None))
    ):
        verdict = Verdict.OK if row.state == "ok" else Verdict.FAILURE
        findings.append(Finding(verdict, f"channel {row.name}", row.state_reason or row.state))
    failed = tx.execute(select(func.count()).where(Inbound.state == "failed")).scalar_one()
    words = (
        f"{failed} bodies could not be read; after an update run `inbox replay`" if failed else "every body was read"
    )
    findings.append(Finding(Verdict.WARNING if failed else Verdict.OK, "journal", words))
    late = select(func.count()).where(
        Delivery.state.in_(("queued", "sending")), Delivery.created_at < tx.now - STUCK_AFTER
    )
    stuck = tx.execute(late).scalar_one()
    words = f"{stuck} messages wait longer than 15 minutes to go out" if stuck else "nothing waits to go out"
    findings.append(Finding(Verdict.WARNING if stuck else Verdict.OK, "deliveries", words))
    return findings


def _files(tx: Tx, settings: Settings) -> list[Finding]:
    keys = tx.execute(select(Attachment.blob_key).where(Attachment.blob_key.is_not(None)).distinct()).scalars()
    missing = [key for key in keys if not (settings.data_dir / "files" / key[:2] / key).exists()]
    if missing:
        words = f"{len(missing)} files are missing from {settings.data_dir / 'files'}: restore them from a backup"
        return [Finding(Verdict.FAILURE, "files", words)]
    return [Finding(Verdict.OK, "files", "every file is there")]
