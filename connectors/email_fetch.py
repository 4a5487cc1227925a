"""New letters of a mailbox: each folder from where the last look ended, then a wait for news in the first one.

The cursor is JSON: per folder the UIDVALIDITY, the last UID and the day of the last letter. When UIDVALIDITY changes,
numbers mean nothing any more: everything since that day is read again, and the journal knows what it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.contract import ChannelMisconfigured, Polled
from connectors.email_imap import Folder, Imap, Opened, Refused
from connectors.email_letter import wrap_letter

# Letters and bytes of one look: the rest comes with the next one, which follows at once.
MAX_LETTERS = 20
MAX_BYTES = 32 << 20
WAIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a folder was left; `day` is "" before any letter was seen."""

    validity: int
    uid: int
    day: str = ""


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder to read, by its name on the wire, and what its letters are: in or sent."""

    name: str
    role: str


async def look(session: Imap, watched: list[Watched], cursor: str | None) -> Polled:
    """Read what is new; when nothing is, wait for news in the first folder and read those."""
    marks = read_marks(cursor)
    bodies: list[bytes] = []
    for again in (False, True):
        for folder in watched:
            await _read_folder(session, folder, marks, bodies)
        if bodies or again or cursor is None:
            break
        opened = await session.examine(watched[0].name)
        # What came while the other folders were read is no news to IDLE any more.
        if opened.next_uid <= marks[watched[0].name].uid + 1 and not await session.wait_for_news(WAIT_SECONDS):
            break
    kept = {name: [mark.validity, mark.uid, mark.day] for name, mark in marks.items()}
    return Polled(tuple(bodies), orjson.dumps(kept).decode())


async def _read_folder(session: Imap, folder: Watched, marks: dict[str, Mark], bodies: list[bytes]) -> None:
    try:
        opened = await session.examine(folder.name)
    except Refused as refusal:
        if folder.role == "sent":
            return
        raise ChannelMisconfigured("A folder of this channel is not in the mailbox any more.") from refusal
    mark = marks.get(folder.name)
    if mark is None:
        # Letters from before the mailbox was connected stay where they are.
        marks[folder.name] = Mark(opened.validity, await _newest(session, opened), await _newest_day(session, opened))
        return
    for uid in await _news(session, opened, mark):
        if len(bodies) >= MAX_LETTERS or sum(map(len, bodies)) > MAX_BYTES:
            return
        found = await session.fetch(uid)
        day = mark.day
        if found is not None:
            content, arrived, whole = found
            day = arrived.decode("ascii", "replace") or day
            bodies.append(wrap_letter(folder.role, opened.validity, uid, folder.name, content, whole=whole))
        mark = Mark(opened.validity, uid, day)
        marks[folder.name] = mark
    last = mark.uid if mark.validity == opened.validity else await _newest(session, opened)
    marks[folder.name] = Mark(opened.validity, last, mark.day)


async def _news(session: Imap, opened: Opened, mark: Mark) -> list[int]:
    if opened.count == 0:
        return []
    if opened.validity != mark.validity:
        return await session.search(f"SINCE {mark.day}" if mark.day else "ALL")
    if opened.next_uid and opened.next_uid <= mark.uid + 1:
        return []
    return [uid for uid in await session.search(f"UID {mark.uid + 1}:*") if uid > mark.uid]


async def _newest(session: Imap, opened: Opened) -> int:
    if opened.next_uid:
        return opened.next_uid - 1
    return max(await session.search("ALL"), default=0) if opened.count else 0


async def _newest_day(session: Imap, opened: Opened) -> str:
    return await session.day_of(opened.count) if opened.count else ""


def read_marks(cursor: str | None) -> dict[str, Mark]:
    """The marks of a cursor; what cannot be read is as if it were not there."""
    try:
        kept: Any = orjson.loads(cursor or "{}")
    except orjson.JSONDecodeError:
        return {}
    found = {}
    for name, values in kept.items() if isinstance(kept, Mapping) else ():
        match values:
            case [int() as validity, int() as uid, str() as day]:
                found[str(name)] = Mark(validity, uid, day)
    return found


def sent_folder(folders: list[Folder]) -> str:
    """The wire name of the folder that keeps what was sent (RFC 6154); "" when no folder is marked so."""
    return next((folder.wire_name for folder in folders if "\\sent" in folder.marks), "")
