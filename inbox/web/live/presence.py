"""Who else looks at a dialog and who is typing in it: seconds old, kept in memory, never stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from inbox.web.live.subscriber import Subscriber
from inbox.web.render import View

# A typing mark that is not renewed goes out by itself. Browsers send one at most every three seconds.
TYPING_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Company:
    """The others at one dialog, as one tab sees them: names of agents who look, of those who type, and the client."""

    conversation_id: int
    looking: tuple[str, ...] = ()
    typing: tuple[str, ...] = ()
    client_typing: bool = False


DrawCompany = Callable[[View, Company], str]


@dataclass(slots=True)
class _Typist:
    name: str
    timer: asyncio.TimerHandle = field(repr=False)


class Presence:
    """Tells the tabs at one dialog about each other."""

    def __init__(
        self,
        subscribers: Callable[[], Iterable[Subscriber]],
        draw: DrawCompany,
        typing_seconds: float = TYPING_SECONDS,
    ) -> None:
        """`draw` gives the <hx-partial> markup of a company for a viewer."""
        self._typing_seconds = typing_seconds
        self._subscribers = subscribers
        self._draw = draw
        # Key: conversation and agent; agent 0 is the client.
        self._typing: dict[tuple[int, int], _Typist] = {}
        self.on_agent_typing: list[Callable[[int, str | None], None]] = []

    def looked(self, subscriber: Subscriber) -> None:
        """A tab opened a dialog, or came to the front or went behind another."""
        self._tell(_dialog(subscriber))

    def left(self, subscriber: Subscriber) -> None:
        """A tab is gone or goes elsewhere: it shows no dialog any more, and its typing ends."""
        conversation_id = _dialog(subscriber)
        subscriber.dialog = None
        if conversation_id is not None:
            self.stopped_typing(conversation_id, subscriber.signed_in.agent_id)
        self._tell(conversation_id)

    def agent_typing(self, conversation_id: int, agent_id: int, name: str) -> None:
        """An agent types an answer: the other agents and the client's chat are told."""
        new = (conversation_id, agent_id) not in self._typing
        self._keep(conversation_id, agent_id, name)
        if new:
            self._tell(conversation_id)
        for listener in self.on_agent_typing:
            listener(conversation_id, name)

    def client_typing(self, conversation_id: int) -> None:
        """The client types."""
        if self._keep(conversation_id, 0, ""):
            self._tell(conversation_id)

    def stopped_typing(self, conversation_id: int, agent_id: int) -> None:
        """They sent it, gave up or fell silent (agent 0 is the client)."""
        typist = self._typing.pop((conversation_id, agent_id), None)
        if typist is None:
            return
        typist.timer.cancel()
        self._tell(conversation_id)
        if agent_id:
            for listener in self.on_agent_typing:
                listener(conversation_id, None)

    def company(self, conversation_id: int, agent_id: int) -> Company:
        """Who else is at this dialog, as this agent should see it."""
        looking = {
            other.signed_in.agent_id: other.signed_in.name
            for other in self._subscribers()
            if other.active and _dialog(other) == conversation_id and other.signed_in.agent_id != agent_id
        }
        typing = {
            typist_id: typist.name
            for (conversation, typist_id), typist in self._typing.items()
            if conversation == conversation_id and typist_id not in (0, agent_id)
        }
        return Company(
            conversation_id,
            tuple(sorted(name for key, name in looking.items() if key not in typing)),
            tuple(sorted(typing.values())),
            (conversation_id, 0) in self._typing,
        )

    def _keep(self, conversation_id: int, agent_id: int, name: str) -> bool:
        known = self._typing.pop((conversation_id, agent_id), None)
        if known is not None:
            known.timer.cancel()
        timer = asyncio.get_running_loop().call_later(
            self._typing_seconds, self.stopped_typing, conversation_id, agent_id
        )
        self._typing[conversation_id, agent_id] = _Typist(name, timer)
        return known is None

    def _tell(self, conversation_id: int | None) -> None:
        if conversation_id is None:
            return
        for subscriber in self._subscribers():
            if _dialog(subscriber) == conversation_id:
                company = self.company(conversation_id, subscriber.signed_in.agent_id)
                subscriber.send(_ephemeral(self._draw(subscriber.view, company), subscriber.page.address))


def _dialog(subscriber: Subscriber) -> int | None:
    """The dialog a tab shows and may see: an address alone joins no company."""
    return None if subscriber.dialog is None else subscriber.dialog.conversation_id


def _ephemeral(markup: str, address: str) -> str:
    """A frame without a cursor: it is true for some seconds and says nothing about the log."""
    return orjson.dumps({"at": address, "html": markup}).decode()
