"""Keeps one console in line with the dialogs: follows the log, posts what is owed, one request at a time.

Everything goes through this one queue, so the limit that all threads of a group share is kept by waiting, and what
gathers meanwhile in a thread goes out as one post. A request whose answer was lost is looked for before it is made
again: nothing is missed and nothing stands there twice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import connectors
from connectors.console import SpaceMoved, ThreadGone
from connectors.contract import Rejected, SendError
from inbox.actions.console_follow import FACTS, follow_console
from inbox.actions.console_posts import begin_posts, keep_posted, lose_thread, put_back, skip_posts
from inbox.actions.console_threads import (
    begin_thread,
    keep_look,
    keep_redrawn,
    keep_thread,
    settle_thread,
)
from inbox.actions.consoles import keep_steps
from inbox.console.line import ConsoleLine, may_have_arrived
from inbox.console.requests import Burst, Composer
from inbox.console.words import ConsoleWords, Drawn
from inbox.equipment import Equipment
from inbox.queries.console_posts import PostView, card_post, changed_posts, owed_posts
from inbox.queries.console_work import (
    ThreadView,
    company_voice,
    due_threads,
    is_behind,
    known_ids,
    owed_count,
    owed_threads,
    thread_view,
)
from inbox.queries.consoles import WorkingConsole
from inbox.queries.contact_card import contact_card
from inbox.rules.permissions import Actor
from inbox.runtime.languages import language

log = logging.getLogger(__name__)

IDLE_SECONDS = 2.0

_SYSTEM = Actor.system()


class ConsoleRelay:
    """One console. `step` does the next thing; the caller holds the lease and waits between the steps."""

    def __init__(self, equipment: Equipment, row: WorkingConsole, steady: Callable[[], float]) -> None:
        """`steady` is a clock of seconds that never goes back."""
        declared = connectors.find(row.channel_kind)
        if declared.agent_console is None:
            raise ValueError(f"{row.channel_kind} keeps no console")
        self._with = equipment
        self._database = equipment.database
        self._row = row
        self._capabilities = declared.capabilities
        self._line = ConsoleLine(equipment, row, declared.agent_console, steady)

    async def step(self) -> float:
        """Do the next thing; returns after how many seconds there may be more (0: at once)."""
        if await self._database.read(is_behind, self._row.id):
            while await self._database.write(follow_console, _SYSTEM, self._row.id) == FACTS:
                pass
        wait = self._line.wait()
        if wait > 0:
            return wait
        for thread_id in await self._database.read(owed_threads, self._row.id):
            if await self._serve(thread_id):
                return 0.0
        for thread_id in await self._database.read(due_threads, self._row.id):
            if await self._align(thread_id):
                return 0.0
        return IDLE_SECONDS

    async def check(self) -> None:
        """Ask the platform whether the group has what a console needs."""
        try:
            steps = await self._line.check()
        except SendError as error:
            await self._line.trouble(error)
        else:
            await self._database.write(keep_steps, _SYSTEM, self._row.id, steps)

    async def _serve(self, thread_id: int) -> bool:
        """Post what is owed to a thread; False when that still waits for files."""
        view = await self._database.read(thread_view, thread_id)
        posts = await self._database.read(owed_posts, thread_id)
        if view is None or not posts:
            return False
        if view.thread is None:
            await self._open(view)
        elif view.closed and view.status != "resolved":
            await self._look(view, self._line.close_thread(view.thread, closed=False), closed=False)
        else:
            await self._post(view, view.thread, posts)
        return True

    async def _open(self, view: ThreadView) -> None:
        try:
            if view.opening:
                known = await self._database.read(known_ids, self._row.id)
                made = await self._line.find_thread(view.wanted_title, known)
            else:
                await self._database.write(begin_thread, _SYSTEM, view.id)
                made = await self._line.open_thread(view.wanted_title)
        except SendError as error:
            if not view.opening and not may_have_arrived(error):
                await self._database.write(keep_thread, _SYSTEM, view.id, None, "")
            await self._line.trouble(error)
            return
        await self._database.write(keep_thread, _SYSTEM, view.id, made, view.wanted_title)

    async def _post(self, view: ThreadView, thread: str, posts: list[PostView]) -> None:
        words, composer = await self._voice()
        drawn = [await self._draw(words, post, view) for post in posts]
        lost = posts[0].state == "sending"
        # While the group takes more, every message has a post of its own; else what has gathered goes together.
        crowded = await self._database.read(owed_count, self._row.id) > self._line.room
        burst = composer.burst(self._line.space, thread, posts, drawn, join=crowded, lost=lost)
        ids = [post.id for post in burst.posts]
        try:
            if lost:
                known = await self._database.read(known_ids, self._row.id)
                made = await self._line.find_post(burst.post, known)
            else:
                await self._database.write(begin_posts, _SYSTEM, ids)
                made = await self._line.post(burst.post)
        except SendError as error:
            await self._not_posted(view, burst, ids, error, lost=lost)
            return
        if made is None:
            await self._database.write(put_back, _SYSTEM, ids)
            return
        await self._database.write(keep_posted, _SYSTEM, view.id, ids, made, burst.files, burst.post.text)

    async def _not_posted(
        self, view: ThreadView, burst: Burst, ids: list[int], error: SendError, *, lost: bool
    ) -> None:
        if isinstance(error, ThreadGone):
            await self._database.write(lose_thread, _SYSTEM, view.id)
        elif isinstance(error, Rejected) and not isinstance(error, SpaceMoved):
            # The group itself works: it is this post that is refused. With files it may be one of them.
            log.warning("a console refused a post: %s", error.reason, extra={"channel": self._row.channel_id})
            await self._database.write(skip_posts, _SYSTEM, ids, burst.files)
        else:
            if not lost and not may_have_arrived(error):
                await self._database.write(put_back, _SYSTEM, ids)
            await self._line.trouble(error)

    async def _align(self, thread_id: int) -> bool:
        """Bring one thing of a thread in line; False when all is."""
        view = await self._database.read(thread_view, thread_id)
        if view is None or view.thread is None:
            return False
        words, composer = await self._voice()
        changed = await self._database.read(changed_posts, thread_id)
        card = await self._database.read(card_post, thread_id)
        resolved = view.status == "resolved"
        if changed:
            await self._redraw(view, changed[0], words, composer)
        elif card is not None and card.shown_text != words.card(view).text:
            await self._redraw(view, [card], words, composer)
        elif card is not None and card.external_id is not None and not view.pinned:
            await self._look(view, self._line.pin(card.external_id), pinned=True)
        elif view.title != view.wanted_title:
            title = view.wanted_title
            await self._look(view, self._line.rename_thread(view.thread, title), title=title)
        elif view.closed != resolved:
            await self._look(view, self._line.close_thread(view.thread, closed=resolved), closed=resolved)
        else:
            await self._database.write(settle_thread, _SYSTEM, view.id, closed=view.closed)
            return False
        return True

    async def _redraw(self, view: ThreadView, posts: list[PostView], words: ConsoleWords, composer: Composer) -> None:
        drawn = [await self._draw(words, post, view) for post in posts]
        wanted = composer.redrawn(self._line.space, view.thread or "", posts, drawn)
        name = posts[0].external_id or ""
        if await self._done(view, self._line.edit(name, wanted)):
            await self._database.write(keep_redrawn, _SYSTEM, view.id, name, wanted.text)

    async def _look(self, view: ThreadView, request: Awaitable[None], **shown: Any) -> None:
        """One change of a thread's look."""
        if await self._done(view, request):
            await self._database.write(keep_look, _SYSTEM, view.id, shown)

    async def _done(self, view: ThreadView, request: Awaitable[None]) -> bool:
        """Make a request; what the platform refuses for good counts as done, so that it is not asked for ever."""
        try:
            await request
        except ThreadGone:
            await self._database.write(lose_thread, _SYSTEM, view.id)
            return False
        except Rejected as error:
            if isinstance(error, SpaceMoved):
                await self._line.trouble(error)
                return False
            log.info("a console refused a change: %s", error.reason, extra={"channel": self._row.channel_id})
        except SendError as error:
            await self._line.trouble(error)
            return False
        return True

    async def _draw(self, words: ConsoleWords, post: PostView, view: ThreadView) -> Drawn:
        if post.kind == "card":
            return words.card(view)
        sheet = None if post.words is None else post.words.get("sheet")
        if sheet is None:
            return words.post(post, view)
        card = await self._database.read(contact_card, _SYSTEM, view.conversation_id)
        return Drawn(words.source_sheet(card) if sheet == "source" else words.card_sheet(card))

    async def _voice(self) -> tuple[ConsoleWords, Composer]:
        voice = await self._database.read(company_voice)
        settings = self._with.settings
        spoken = language(voice.language)
        words = ConsoleWords(spoken, voice.time_zone, settings.base_url, public=settings.secure)
        return words, Composer(self._line.console, self._capabilities, self._with.blobs, spoken, settings.base_url)
