"""Telling agents in private what they would miss: a dialog for them, a client who waits, the morning's numbers."""

from __future__ import annotations

import asyncio
import logging

import connectors
from connectors.console import ConsoleButton, ConsolePost
from connectors.contract import SendError, Unreachable
from inbox.actions.notices import OwedNotice, claim_notices, drop_notice, owe_notices, settle_notice
from inbox.console.words import ConsoleWords, Drawn
from inbox.equipment import Equipment
from inbox.queries.conversation_header import Header, conversation_header
from inbox.queries.digest import Digest, digest
from inbox.rules.attribution import source_title
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Role
from inbox.rules.texts import N_
from inbox.runtime.languages import language

log = logging.getLogger(__name__)

SEND_SECONDS = 20.0

_SYSTEM = Actor.system()
# Inside f-strings no tool finds a text.
_UNKNOWN = N_("unknown")


class Notices:
    """Finds what there is to tell, and tells it. Safe in several processes: rows are unique and claimed."""

    def __init__(self, equipment: Equipment) -> None:
        """Nothing is told before `tell`."""
        self._with = equipment
        self.failures = 0

    async def tell(self) -> int:
        """Tell everything that is due; returns how many notices were tried."""
        await self._with.database.write(owe_notices, _SYSTEM)
        owed = await self._with.database.write(claim_notices, _SYSTEM)
        for notice in owed:
            await self._tell(notice)
        return len(owed)

    async def _tell(self, notice: OwedNotice) -> None:
        drawn = await self._drawn(notice)
        console = connectors.find(notice.channel_kind).agent_console
        if drawn is None or console is None:
            await self._with.database.write(drop_notice, _SYSTEM, notice.id, "nothing to tell")
            return
        problem: SendError | None = None
        try:
            config = self._with.config(notice.channel_kind, notice.config)
            async with asyncio.timeout(SEND_SECONDS):
                await console.post(
                    ConsolePost(notice.person, None, drawn.text, buttons=drawn.buttons), config, self._with.net
                )
        except SendError as error:
            problem = error
        except TimeoutError:
            problem = Unreachable(maybe_sent=True)
        except Exception:
            self.failures += 1
            log.exception("a connector could not tell an agent", extra={"channel": notice.channel_id})
            problem = SendError("failed")
        await self._with.database.write(settle_notice, _SYSTEM, notice, problem)

    async def _drawn(self, notice: OwedNotice) -> Drawn | None:
        """The notice in the agent's own words; None when its occasion is over."""
        settings = self._with.settings
        words = NoticeWords(language(notice.language), notice.time_zone, settings.base_url, public=settings.secure)
        actor = Actor.agent(notice.agent_id, Role(notice.role))
        if notice.words is not None:
            return Drawn(words.sentence(notice.words))
        if notice.kind == "digest":
            return words.digest(await self._with.database.read(digest, actor, notice.time_zone))
        try:
            head = await self._with.database.read(conversation_header, actor, notice.conversation_id or 0)
        except NotFound:
            return None
        if head.status != "open" or (notice.kind == "waiting" and head.waiting_since is None):
            return None
        return words.dialog(head, notice)


class NoticeWords(ConsoleWords):
    """Draws for one agent."""

    def dialog(self, head: Header, notice: OwedNotice) -> Drawn:
        """A new dialog, or a client who waits."""
        say = self.language.gettext
        client = head.contact_name or say(N_("Client"))
        key = N_("New dialog for you: {client} · {channel}")
        if notice.kind == "waiting":
            key = N_("{client} · {channel}: waits for an answer for {time}")
        time = self.language.duration(head.waiting_seconds)
        text = say(key).format(client=client, channel=head.channel_name, time=time)
        row = []
        if head.assignee_id != notice.agent_id:
            row.append(ConsoleButton(say(N_("Take")), f"take:{head.id}"))
        if self.public:
            row.append(ConsoleButton(say(N_("Open the dialog")), url=self.link(head.id)))
        else:
            text += f"\n{self.link(head.id)}"
        return Drawn(text, (tuple(row),) if row else ())

    def digest(self, numbers: Digest) -> Drawn:
        """The morning's numbers."""
        say = self.language.gettext
        lines = [say(N_("Good morning. Yesterday and now:"))]
        waits = self.language.ngettext("{count} client waits now", "{count} clients wait now", numbers.waiting)
        waits = waits.format(count=numbers.waiting)
        if numbers.oldest_since is not None:
            since = self.language.moment(numbers.oldest_since, self.time_zone)
            waits += say(N_(", the longest since {time}")).format(time=since)
        lines.append(f"• {waits}")
        lost = self.language.ngettext("{count} client lost yesterday", "{count} clients lost yesterday", numbers.lost)
        lines.append(f"• {lost.format(count=numbers.lost)}")
        if numbers.slowest:
            lines += ["", say(N_("The slowest answers:"))]
        for slow in numbers.slowest:
            client, time = slow.client or say(N_("Client")), self.language.duration(slow.seconds)
            lines.append(f"• {client}, {time}: {self.link(slow.conversation_id)}")
        if numbers.sources:
            lines += ["", say(N_("Where the new dialogs came from:"))]
        lines += [f"• {say(source_title(name) or _UNKNOWN)}: {count}" for name, count in numbers.sources]
        return Drawn("\n".join(lines))
