"""The read budgets of the design, by whole requests against a running server over a filled file.

`measure` fills two files by `inbox demo`, one of them ten times smaller, and asks both in turn, so that what else the
machine does falls on both. `python -m tests.load.reads [CONVERSATIONS | FOLDER FOLDER]` prints the figures; with
folders it measures files that exist (the large one first).
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from inbox.actions.sessions import sign_in
from inbox.models import Agent, Conversation, Message
from inbox.rules.permissions import Actor
from inbox.runtime.bus import Bus
from inbox.runtime.clock import SystemClock
from inbox.runtime.connect import open_database
from inbox.web.guard import hash_token
from inbox.web.visit import SESSION_COOKIE
from tests.server import Server

ROUNDS = 40
WARM_UP = 5
# What people look for: a common word, a rare one, an unfinished one, two words, a name in the other layout.
SEARCHES = ("доставка", "счёт", "диван бер", "возврат деньги", "rhtckj")
QUEUE = ("/inbox/waiting", "/inbox/all?order=newest", "/inbox/unassigned", "/inbox/resolved")
# Whole pages, what they ask for when they are there, what filters and definitions leave of them, the lists behind.
REPORTS = (
    "/reports/response?period=90",
    "/reports/response?period=90&channel=1",
    "/reports/response?period=90&measure=next&hours=business",
    "/reports/response?period=90&whose=agent&since=last&hours=shift&ours=without",
    "/reports/response?period=90&tag=1&channel=1&agent=3",
    "/reports/response/hours?period=90",
    "/reports/crossed?period=90",
    "/reports/crossed?period=90&source=-",
    "/reports/crossed?period=90&down=tag&across=hour&channel=1&hours=business",
    "/reports/sales?period=90",
    "/reports/sales/outcomes?period=90",
    "/reports/sales/outcomes?period=90&channel=1",
    "/reports/workload?period=90",
    "/reports/workload?period=90&by=agent&channel=1",
    "/reports/workload?period=90&by=tag",
    "/reports/people?period=90",
    "/reports/response/turns?period=90&tag=1&outcome=late",
    "/reports/response/turns?period=90&whose=agent&order=length",
    "/reports/workload/dialogs?period=90&figure=reopened&agent=3",
)

QUEUE_MS, QUEUE_RATIO, REPORT_MS, SEARCH_MS = 20.0, 2.0, 150.0, 10.0

SEARCHED_MESSAGES = 600_000

Line = tuple[str, str, bool]


@dataclass
class Asked:
    """A server over one filled file, a signed-in browser, and how long each address took, in milliseconds."""

    server: Server
    browser: aiohttp.ClientSession
    conversations: int
    messages: int
    took: dict[str, list[float]] = field(default_factory=dict)

    async def ask(self, path: str, *, keep: bool = True, **headers: str) -> None:
        """One whole request: sent, drawn, read to the end."""
        started = time.perf_counter()
        async with self.browser.get(self.server.url + path, headers=headers, allow_redirects=False) as answer:
            body = await answer.read()
        elapsed = (time.perf_counter() - started) * 1000
        assert answer.status == 200, (path, answer.status)
        assert len(body) > 50, path
        if keep:
            self.took.setdefault(path, []).append(elapsed)

    def median(self, *paths: str) -> float:
        """The slowest median of these addresses."""
        return max(statistics.median(self.took[path]) for path in paths)


async def measure(conversations: int) -> list[Line]:
    """Fill, serve and ask; (what, figure, within its budget) per budget. Needs about 4 KB of disk per conversation."""
    with tempfile.TemporaryDirectory(prefix="inbox-reads-") as folder:
        folders = [Path(folder) / "large", Path(folder) / "small"]
        for place, number in zip(folders, (conversations, conversations // 10), strict=True):
            await _fill(place, number)
        return await measure_folders(folders)


async def measure_folders(folders: Sequence[Path]) -> list[Line]:
    """The same over data folders that are filled already: the large one, then the small one."""
    async with AsyncExitStack() as stack:
        large, small = [await _open(stack, folder) for folder in folders]
        for number in range(ROUNDS + WARM_UP):
            for asked in (large, small):
                for path in (*QUEUE, *REPORTS, *_searches()):
                    headers = {"HX-Request": "true"} if path.startswith("/search") else {}
                    await asked.ask(path, keep=number >= WARM_UP, **headers)
        return _told(large, small)


def _searches() -> list[str]:
    return [f"/search?q={word}" for word in SEARCHES]


def _told(large: Asked, small: Asked) -> list[Line]:
    queue, before = large.median(*QUEUE), small.median(*QUEUE)
    ratio = max(large.median(path) / small.median(path) for path in QUEUE)
    # The budget of the search speaks of 600,000 messages: the smaller file is the one to ask when it holds as many.
    searched = small if small.messages >= SEARCHED_MESSAGES else large
    report, found = large.median(*REPORTS), searched.median(*_searches())
    size, less = f"{large.conversations:,} conversations", f"{small.conversations:,}"
    return [
        (f"queue page of 50, whole request, p50 at {size}", f"{queue:.1f} ms", queue <= QUEUE_MS),
        (f"the same / at {less} ({before:.1f} ms)", f"{ratio:.2f}", ratio <= QUEUE_RATIO),
        (f"90-day reports at {size}, the slowest", f"{report:.0f} ms", report <= REPORT_MS),
        (f"search, newest 20 of {searched.messages:,} messages", f"{found:.1f} ms", found <= SEARCH_MS),
    ]


async def _fill(folder: Path, conversations: int) -> None:
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "inbox", "demo", "--conversations", str(conversations)]
    environment = Server(folder).settings()
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    assert await process.wait() == 0


async def _open(stack: AsyncExitStack, folder: Path) -> Asked:
    server, token = Server(folder), secrets.token_urlsafe(24)
    database = open_database(f"sqlite:///{folder / 'inbox.db'}", SystemClock(), Bus())
    try:
        admin = await database.read(
            lambda tx: tx.execute(select(Agent.id).where(Agent.role == "admin").limit(1)).scalar_one()
        )
        await database.write(sign_in, Actor.system(), admin, hash_token(token), remote="127.0.0.1", user_agent="bench")
        conversations, messages = [
            await database.read(lambda tx, model=model: tx.execute(select(func.max(model.id))).scalar_one())  # type: ignore[misc]
            for model in (Conversation, Message)
        ]
    finally:
        await database.close()
    await server.start()
    stack.callback(server.stop)
    browser = aiohttp.ClientSession(cookies={SESSION_COOKIE: token}, headers={"Accept": "text/html"})
    await stack.enter_async_context(browser)
    return Asked(server, browser, conversations, messages)


def main(arguments: Sequence[str]) -> int:
    """Print the lines; 1 when a budget is missed."""
    if len(arguments) == 2:
        lines = asyncio.run(measure_folders([Path(argument) for argument in arguments]))
    else:
        lines = asyncio.run(measure(int(arguments[0]) if arguments else 1_000_000))
    for what, figure, within in lines:
        print(f"{'within' if within else 'MISSED':7} {what}: {figure}")
    return int(not all(within for _, _, within in lines))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
