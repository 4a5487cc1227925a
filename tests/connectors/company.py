"""The whole product with a channel that leads to a fake platform: what a client and an agent do, start to end."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from inbox.actions.amend import delete_reply, edit_reply
from inbox.equipment import Equipment
from inbox.fetch_media import MediaFetcher
from inbox.look_after_channels import ChannelCare
from inbox.models import Address, Attachment, Contact, Conversation, Delivery, Inbound, Message
from inbox.poll_channels import Pollers
from inbox.web.visit import RESOURCES
from inbox.worker import Worker
from tests.desk import Browser, Desk, open_desk
from tests.world import World

# The public address of the company's server, which a fake platform finds at the desk's port.
PUBLIC = "https://inbox.example"


@dataclass
class Company:
    """The running product. Nothing is sent, fetched or asked unless the test says so."""

    desk: Desk
    world: World
    vera: Browser

    @property
    def reach(self) -> tuple[str, str]:
        """How the public address is replaced by the real one."""
        return PUBLIC, self.desk.base

    @property
    def equipment(self) -> Equipment:
        """What the product's own work is given."""
        return self.desk.app[RESOURCES].equipment

    async def connect(self, kind: str, **form: str) -> str:
        """Connect a channel by its form; the path of its page."""
        path = f"/settings/channels/new/{kind}"
        drawn = {node.attributes["name"] for node in (await self.vera.get(path)).tree.css("form.form [name]")}
        assert set(form) <= drawn, drawn
        answer = await self.vera.post(path, {"name": "Дубрава", **form})
        assert answer.status == 303, answer.words(".error, .field-error")
        self.world.channel_id = int(answer.location.rpartition("/")[2])
        return answer.location

    async def hand_over(self) -> list[str]:
        """Hand over until nothing is owed, retries and changes included; the states of the deliveries, oldest first."""
        for turn in range(60):
            worker = Worker(self.equipment, self.desk.app[RESOURCES].intake)
            claimed = await worker.deliver_due()
            await worker.stop()
            assert worker.failures == 0
            states = await self.states()
            if not claimed and not {"queued", "sending"} & set(states):
                return states
            self.world.clock.advance(seconds=min(5 * 1.3**turn, 3600.0))
        raise AssertionError(f"still owed: {states}")

    async def states(self) -> list[str]:
        """The states of all deliveries, oldest first."""
        return [row.state for row in await self.world.rows(select(Delivery.state).order_by(Delivery.id))]

    async def poll_until(self, true: Callable[[list[Any]], bool]) -> list[Any]:
        """Let the pollers ask until the dialog is so; its messages."""
        resources = self.desk.app[RESOURCES]
        pollers = Pollers(self.equipment, resources.intake)
        async with resources.bus.listen() as news:
            assert await pollers.look() == 1
            for _ in range(100):
                said = await self.messages()
                if true(said):
                    break
                await news.wait(0.1)
        await pollers.stop()
        assert pollers.tasks.failures == 0
        return said

    async def care(self) -> None:
        """Fetch files and ask who people are."""
        await MediaFetcher(self.equipment).fetch_due()
        await ChannelCare(self.equipment).meet_strangers()

    async def messages(self) -> list[Any]:
        """Every message of the channel by (kind, text, native), oldest first."""
        columns = (Message.kind, Message.text, Message.native)
        said = select(*columns).where(Message.channel_id == self.world.channel_id, Message.kind != "activity")
        return [tuple(row) for row in await self.world.rows(said.order_by(Message.id))]

    async def conversation_id(self) -> int:
        """The only dialog of the channel."""
        rows = await self.world.rows(select(Conversation.id).where(Conversation.channel_id == self.world.channel_id))
        assert len(rows) == 1
        return int(rows[0].id)

    async def contact(self) -> Any:
        """The only client of the channel."""
        found = select(Contact.__table__, Address.external_id, Address.stopped_at).join(
            Address, Address.contact_id == Contact.id
        )
        rows = await self.world.rows(found.where(Address.channel_id == self.world.channel_id))
        assert len(rows) == 1
        return rows[0]

    async def files(self) -> list[tuple[str, str]]:
        """Kind and state of every file, oldest first."""
        rows = await self.world.rows(select(Attachment.kind, Attachment.state).order_by(Attachment.id))
        return [tuple(row) for row in rows]

    async def journal(self) -> list[Any]:
        """Every kept body, oldest first."""
        return await self.world.rows(select(Inbound.body, Inbound.headers, Inbound.error).order_by(Inbound.id))

    async def edit(self, message_id: int, text: str) -> None:
        """Анна changes an answer of hers."""
        await self.world.write(edit_reply, self.world.actor("Анна"), message_id, text)

    async def take_back(self, message_id: int) -> None:
        """Анна takes an answer of hers back."""
        await self.world.write(delete_reply, self.world.actor("Анна"), message_id)

    async def waiting(self) -> int:
        """How many dialogs wait for an answer."""
        rows = await self.world.rows(select(func.count()).where(Conversation.waiting_since.is_not(None)))
        return int(rows[0][0])


@contextlib.asynccontextmanager
async def open_company(world: World, folder: Path, public_url: str = PUBLIC) -> AsyncIterator[Company]:
    """The product at a public address, or at none when it is empty."""
    async with open_desk(world, folder, idle=True, allow_private_network=True, public_url=public_url) as desk:
        yield Company(desk, world, await desk.browser("Вера"))
