"""A running product with a dozen tabs open: every view of the queue, dialogs, the report, in two languages and zones."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update

from connectors.contract import InboundEvent, Profile, Referral
from inbox.actions.company import change_company
from inbox.actions.contact_fields import add_field
from inbox.actions.deliver import claim_deliveries, mark_sent
from inbox.actions.receive_changes import receive_event
from inbox.actions.reply_templates import TemplateDraft, save_template
from inbox.actions.resolve import resolve
from inbox.actions.tag import tag_by_name
from inbox.actions.tags import add_tag
from inbox.models import Agent, Conversation, Delivery, Event, Message
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from tests.desk import Desk, open_desk
from tests.stream.tab import Tab
from tests.world import World, open_world, sqlite_url

# Whose tab, and what it shows; {dialog}, {earlier} and {other} are the dialogs of the case.
PAGES = (
    ("Анна", "/inbox/waiting"),
    ("Анна", "/inbox/mine"),
    ("Анна", "/conversations/{dialog}"),
    ("Борис", "/inbox/all?tag={tag}"),
    ("Борис", "/inbox/waiting?order=newest&source=yandex&channel={channel}"),
    ("Борис", "/conversations/{earlier}?view=all"),
    ("Борис", "/reports/response"),
    ("Борис", "/wallboard"),
    ("Вера", "/inbox/snoozed"),
    ("Вера", "/inbox/mentions"),
    ("Вера", "/conversations/{other}?view=resolved"),
    ("Вера", "/inbox/all?assignee={anna}"),
    ("Вера", "/settings/tags"),
)
# Who has a tab.
STAFF = ("Анна", "Борис", "Вера")
ADVERT = Referral(source="yandex", medium="cpc", campaign="autumn", click_id_kind="yclid", click_id="77")


@dataclass
class Stage:
    """The product, its tabs, and the client of the present case: an earlier dialog that ended and one that goes on."""

    desk: Desk
    tabs: list[Tab] = field(default_factory=list)
    number: int = 0
    dialog: int = 0
    earlier: int = 0
    other: int = 0
    question: int = 0
    contact: int = 0
    tag: int = 0
    field_id: int = 0
    template: int = 0
    seen: dict[Tab, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """Shortcuts for writing."""
        return self.desk.world

    @property
    def address(self) -> str:
        """The client of this case on the channel."""
        return f"client-{self.number}"

    @property
    def anna(self) -> int:
        """The agent whose tabs are open."""
        return self.world.agents["Анна"]

    @property
    def gleb(self) -> int:
        """The agent who has no tab open."""
        return self.world.agents["Глеб"]

    async def do(self, action: Callable[..., Any], *values: Any, by: str = "Анна", **named: Any) -> Any:
        """Run an action as one of the cast."""
        return await self.desk.world.write(action, self.world.actor(by), *values, **named)

    async def told(self, event: InboundEvent) -> None:
        """The platform tells something."""
        await self.world.write(receive_event, self.world_channel, self.world.channel_id, event)

    @property
    def world_channel(self) -> Actor:
        """The platform as an actor."""
        return Actor.channel(self.world.channel_id)

    async def writes(self, text: str = "Здравствуйте!", address: str = "", **event: Any) -> int:
        """The client of the case writes; returns the message id."""
        return await self.world.client_writes(text, address=address or self.address, **event)

    async def begin(self) -> None:
        """A new client: a dialog that ended with an answer, then a question that an advertisement brought."""
        await self.world.write(_forget_clients)
        self.number += 1
        first = await self.writes("Есть доставка?", profile=Profile(name=f"Марина {self.number}"))
        self.earlier = await self.world.conversation_of(first)
        await self.world.agent_replies(self.earlier, "Есть, по всей Москве.")
        await self.deliver()
        await self.do(resolve, self.earlier)
        await self.later(hours=1.1)
        self.question = await self.writes("А сколько стоит?", referral=ADVERT)
        self.dialog = await self.world.conversation_of(self.question)
        await self.do(tag_by_name, self.dialog, "VIP")
        self.other = await self.world.conversation_of(await self.writes("Где мой заказ?", f"other-{self.number}"))
        self.contact = (await self.world.conversation(self.dialog)).contact_id

    async def later(self, **parts: float) -> None:
        """Time passes, e.g. `later(hours=3)`, and whoever has a tab was at it all the while.

        Both at once: their sockets beat every twenty seconds, and a beat that found them absent would be a return, to
        which the queue is given out: something that happens while the test compares.
        """
        moment = self.world.clock.now() + timedelta(**parts)
        here = update(Agent).where(Agent.id.in_([self.world.agents[name] for name in STAFF]))

        def pass_by(tx: Tx) -> None:
            self.world.clock.moment = moment
            tx.execute(here.values(last_seen_at=moment))

        await self.world.write(pass_by)

    async def look(self) -> None:
        """Every tab opens its page of this case."""
        places = {"dialog": self.dialog, "earlier": self.earlier, "other": self.other, "tag": self.tag}
        places |= {"anna": self.anna, "channel": self.world.channel_id}
        for tab, (_, page) in zip(self.tabs, PAGES, strict=True):
            tab.address = page.format(**places)
            await tab.read()
            if tab.socket is None:
                await tab.connect()
            else:
                await tab.say(path=tab.address, since=tab.cursor)
        self.seen = {tab: tab.shown() for tab in self.tabs}

    async def deliver(self) -> str:
        """Hand over everything that is owed; returns the channel's id of the last message."""
        last = ""
        while owed := await self.world.write(claim_deliveries, Actor.system()):
            for item in owed:
                last = f"sent-{item.delivery_id}"
                await self.world.write(mark_sent, Actor.system(), item, [last])
        return last

    async def settle(self) -> None:
        """Fails, with what differs, when a tab shows other than a reload would."""
        found = await self.differences()
        assert not found, "\n".join(f"{address}\n{lines}" for address, lines in found.items())

    async def differences(self) -> dict[str, str]:
        """What each tab shows other than a reload would; nothing when all is well."""
        found = {}
        for tab in self.tabs:
            if (difference := await tab.settled()) is not None:
                found[tab.address] = difference
        # What came after a page was right already must not have made it wrong.
        for tab in self.tabs:
            if tab.address not in found and (difference := await tab.still_settled()) is not None:
                found[tab.address] = difference
        return found

    def changed(self) -> set[str]:
        """The pages that show something else than before the action."""
        return {tab.address for tab in self.tabs if tab.fresh_page != self.seen[tab]}


def _forget_clients(tx: Tx) -> None:
    """Short lists make quick tests: the cases before are over."""
    for table in (Delivery, Message, Conversation):
        tx.execute(delete(table))
    # SQLite gives their numbers to the next ones, who must not inherit a history.
    tx.execute(update(Event).values(conversation_id=None))


class NoPauses:
    """Seconds that fly: no region is ever held back, so that tests of what is drawn wait for nothing."""

    def __init__(self) -> None:
        """Begin anywhere."""
        self._seconds = itertools.count(0, 60)

    def __call__(self) -> float:
        """A minute later than the last time."""
        return float(next(self._seconds))


async def _set(world: World, name: str, values: Mapping[str, Any]) -> None:
    changed = update(Agent).where(Agent.id == world.agents[name]).values(**values)
    await world.write(lambda tx: tx.execute(changed))


@contextlib.asynccontextmanager
async def open_stage(folder: Path, monotonic: Callable[[], float]) -> AsyncIterator[Stage]:
    """The product over a fresh world with a tag, an own field, a template and the tabs of PAGES."""
    world = await open_world(sqlite_url(folder))
    await _set(world, "Борис", {"language": "en", "time_zone": "America/New_York"})
    async with open_desk(world, folder, monotonic=monotonic, idle=True) as desk:
        stage = Stage(desk)
        # Dialogs end for good after an hour, so that the clock need not fly.
        await stage.do(change_company, {"reopen_window_seconds": 3600}, by="Вера")
        stage.tag = await stage.do(add_tag, "VIP", "#3366cc", by="Вера")
        stage.field_id = await stage.do(add_field, "city", "Город", "text", by="Вера")
        draft = TemplateDraft("Привет", "hi", "Здравствуйте, {{contact.name|клиент}}!", personal=False)
        stage.template = await stage.do(save_template, None, draft, by="Вера")
        browsers = {name: await desk.browser(name) for name in STAFF}
        stage.tabs = [Tab(browsers[name], page) for name, page in PAGES]
        yield stage
        for tab in stage.tabs:
            await tab.close()
    await world.database.close()
