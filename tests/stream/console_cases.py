"""What agents do in a messenger's group, as it shows on the screens of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select, update

from connectors.console_events import ConsoleClaimed, ConsoleEvent, ConsoleLinked, ConsoleMessage, ConsolePerson
from connectors.contract import Media, MediaKind
from inbox.actions.agent_accounts import begin_link
from inbox.actions.amend import edit_note
from inbox.actions.console_posts import thread_for
from inbox.actions.console_receive import receive_console_event
from inbox.actions.consoles import begin_console
from inbox.actions.parts import join_own_album
from inbox.actions.presence import be_present_in_console
from inbox.actions.reply import Draft, note
from inbox.actions.see_mentions import see_mentions
from inbox.models import Agent, ConsoleThread
from inbox.rules.permissions import Actor
from inbox.runtime.secrets import hash_token
from tests.stream.cases import shows
from tests.stream.stage import Stage

SYSTEM = Actor.system()
GLEB = ConsolePerson("102", "Глеб")
PICTURE = (Media(MediaKind.IMAGE, "cat.png", "image/png", 1234, ref="cat"),)


async def tell(stage: Stage, event: ConsoleEvent) -> None:
    await stage.world.write(receive_console_event, stage.world_channel, stage.world.channel_id, event)


async def thread_of_the_case(stage: Stage) -> tuple[str, str]:
    """A group and the thread of the case's dialog in it; Глеб has linked his account."""
    space, channel = f"group-{stage.number}", stage.world.channel_id
    console_id = await stage.do(begin_console, channel, hash_token(space), by="Вера")
    await tell(stage, ConsoleClaimed(space, "Поддержка", GLEB, space))
    await stage.do(begin_link, channel, hash_token(f"login-{space}"), by="Глеб")
    await tell(stage, ConsoleLinked(GLEB, f"login-{space}"))

    def name(tx: Any) -> str:
        thread_id = thread_for(tx, console_id, stage.dialog)
        tx.execute(update(ConsoleThread).where(ConsoleThread.id == thread_id).values(thread=str(thread_id)))
        return str(tx.execute(select(ConsoleThread.thread).where(ConsoleThread.id == thread_id)).scalar_one())

    return space, await stage.world.write(name)


@shows(receive_console_event, thread_for)
async def a_colleague_answers_from_the_group(stage: Stage) -> AsyncIterator[None]:
    space, thread = await thread_of_the_case(stage)
    yield
    await tell(stage, ConsoleMessage(space, thread, f"m-{stage.number}", GLEB, "Тысяча рублей"))


@shows(edit_note)
async def a_note_is_corrected(stage: Stage) -> AsyncIterator[None]:
    message_id = await stage.do(note, stage.dialog, Draft(f"n-{stage.number}", "цена 100"), by="Глеб")
    yield
    await stage.do(edit_note, message_id, "цена 200", by="Глеб")


@shows(see_mentions)
async def a_mention_is_seen(stage: Stage) -> AsyncIterator[None]:
    await stage.do(note, stage.dialog, Draft(f"n-{stage.number}", "@Вера"), [stage.world.agents["Вера"]], by="Глеб")
    yield
    await stage.do(see_mentions, stage.dialog, by="Вера")


@shows(join_own_album)
async def an_agents_album_grows(stage: Stage) -> AsyncIterator[None]:
    channel, group = stage.world.channel_id, f"own-{stage.number}"
    draft = Draft(f"a-{stage.number}", "Вот", media=PICTURE, media_channel_id=channel, group=group)
    await stage.do(note, stage.dialog, draft, by="Глеб")
    yield
    await stage.do(join_own_album, stage.dialog, group, PICTURE, channel, by="Глеб")


@shows(be_present_in_console)
async def a_colleague_comes_to_work_in_the_group(stage: Stage) -> AsyncIterator[None]:
    gone = update(Agent).where(Agent.id == stage.gleb).values(last_seen_at=None, console_until=None)
    await stage.world.write(lambda tx: tx.execute(gone))
    yield
    await stage.do(be_present_in_console, by="Глеб")
