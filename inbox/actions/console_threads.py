"""What became of a console's threads at the platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from inbox.models import ConsolePost, ConsoleThread
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


def begin_thread(tx: Tx, actor: Actor, thread_id: int) -> None:
    """A request to open the thread is about to be made; until its answer is here its outcome is unknown."""
    _change(tx, thread_id, opening=True)


def keep_thread(tx: Tx, actor: Actor, thread_id: int, thread: str | None, title: str) -> None:
    """The platform has opened the thread under this name and title; None: it has not, and may be asked again."""
    _change(tx, thread_id, opening=False, **({} if thread is None else {"thread": thread, "title": title}))


def keep_look(tx: Tx, actor: Actor, thread_id: int, shown: Mapping[str, Any]) -> None:
    """What the platform shows of the thread now: `title`, `closed`, `pinned`."""
    _change(tx, thread_id, **shown)


def keep_redrawn(tx: Tx, actor: Actor, thread_id: int, external_id: str, text: str) -> None:
    """A changed post says what its messages, or the dialog of its card, say."""
    here = (ConsolePost.console_thread_id == thread_id, ConsolePost.external_id == external_id)
    tx.execute(update(ConsolePost).where(*here).values(changed=False, text=text))


def settle_thread(tx: Tx, actor: Actor, thread_id: int, *, closed: bool) -> None:
    """Nothing is left to bring in line, unless somebody has opened or closed the thread meanwhile."""
    same = (ConsoleThread.id == thread_id, ConsoleThread.closed.is_(closed))
    tx.execute(update(ConsoleThread).where(*same).values(due=False))


def _change(tx: Tx, thread_id: int, **values: Any) -> None:
    tx.execute(update(ConsoleThread).where(ConsoleThread.id == thread_id).values(**values))
