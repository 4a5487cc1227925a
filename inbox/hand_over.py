"""One owed message, or one owed change, given to its platform; every outcome is written down."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import connectors
from connectors.contract import (
    Amendment,
    Button,
    MediaKind,
    Outgoing,
    OutgoingMedia,
    Rejected,
    SendError,
    TemplateUse,
    TemplateValue,
    Throttled,
    Unreachable,
)
from inbox.actions.deliver import Owed, log_exchange, mark_failed, mark_sent
from inbox.actions.deliver_amendments import OwedAmendment, settle_amendment
from inbox.equipment import Equipment
from inbox.pacing import Pace
from inbox.rules.buttons import read_buttons
from inbox.rules.permissions import Actor
from inbox.rules.splitting import split_text
from inbox.rules.texts import N_

log = logging.getLogger(__name__)

SEND_SECONDS = 35.0
LONGEST_HOLD_SECONDS = 60.0

_SYSTEM = Actor.system()
_BROKEN = N_("The channel's connector failed; the log has the details.")


class HandOver:
    """Sends within the channel's pace. `failures` counts connectors that broke, which is our mistake."""

    def __init__(self, equipment: Equipment) -> None:
        """Nothing is sent before it is asked for."""
        self._with = equipment
        self.pace = Pace(time.monotonic)
        self.failures = 0

    async def deliver(self, owed: Owed) -> None:
        """Hand one message over."""
        declared = connectors.find(owed.channel_kind)
        capabilities = declared.capabilities
        await self.pace.wait(owed.channel_id, owed.address, capabilities.per_second, capabilities.address_pause)
        started = time.monotonic()
        problem: SendError | None = None
        ids: Sequence[str] = ()
        if owed.interrupted and not capabilities.idempotent_send:
            problem = Unreachable(N_("The server stopped while this message was going out."), maybe_sent=True)
        else:
            problem, ids = await self._attempt(
                owed, lambda config: declared.send(self._outgoing(owed), config, self._with.net)
            )
        duration = int((time.monotonic() - started) * 1000)
        await self._with.database.write(
            log_exchange, _SYSTEM, owed, "send", None if problem is None else problem.reason, duration
        )
        if problem is not None:
            # The jitter spreads retries and keeps no secret.
            await self._with.database.write(
                mark_failed,
                _SYSTEM,
                owed,
                problem,
                idempotent=capabilities.idempotent_send,
                jitter=random.random(),  # noqa: S311
            )
            return
        await self._with.database.write(mark_sent, _SYSTEM, owed, ids)
        if declared.mark_read is not None and owed.last_incoming is not None:
            mark_read, last = declared.mark_read, owed.last_incoming
            await self._attempt(owed, lambda config: mark_read(owed.address, last, config, self._with.net))

    async def amend(self, owed: OwedAmendment) -> None:
        """Hand one change over."""
        declared = connectors.find(owed.channel_kind)
        capabilities = declared.capabilities
        change = {"edit": declared.edit, "delete": declared.delete, "react": declared.react}[owed.kind]
        problem: SendError | None = Rejected(N_("This channel cannot change a message that was sent."))
        if change is not None:
            await self.pace.wait(owed.channel_id, owed.address, capabilities.per_second, 0.0)
            wanted = Amendment(
                address=owed.address,
                external_ids=owed.external_ids,
                text=owed.text,
                parts=split_text(owed.text, capabilities.max_text, capabilities.text_unit),
                caption=owed.has_files and capabilities.max_caption is not None,
            )
            problem, _ = await self._attempt(owed, lambda config: change(wanted, config, self._with.net))
        await self._with.database.write(settle_amendment, _SYSTEM, owed, problem, random.random())  # noqa: S311

    async def _attempt(
        self, owed: Owed | OwedAmendment, request: Callable[[Any], Awaitable[Any]]
    ) -> tuple[SendError | None, Any]:
        """One request of a connector with the channel's configuration: its problem, or what it returned."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return None, await request(self._with.config(owed.channel_kind, owed.config))
        except Throttled as error:
            pause = min(error.retry_after or 1.0, LONGEST_HOLD_SECONDS)
            if error.everybody:
                self.pace.hold(owed.channel_id, pause)
            else:
                self.pace.told_to_wait(owed.channel_id, owed.address, pause)
            return error, ()
        except SendError as error:
            return error, ()
        except TimeoutError:
            return Unreachable(N_("The channel did not answer in time."), maybe_sent=True), ()
        except Exception:
            log.exception("a connector broke", extra={"channel": owed.channel_id})
            self.failures += 1
            return Rejected(_BROKEN), ()

    def _outgoing(self, owed: Owed) -> Outgoing:
        capabilities = connectors.find(owed.channel_kind).capabilities

        def reader(key: str) -> Callable[[], Awaitable[bytes]]:
            return lambda: self._with.blobs.read(key)

        media = tuple(
            OutgoingMedia(
                MediaKind(file.kind),
                file.name,
                file.mime,
                file.size,
                reader(file.blob_key),
                f"{self._with.settings.base_url}/files/{file.token}",
            )
            for file in owed.files
        )
        buttons = read_buttons(owed.buttons) if capabilities.buttons else ()
        return Outgoing(
            dedup_key=owed.dedup_key,
            address=owed.address,
            text=owed.text,
            parts=split_text(owed.text, capabilities.max_text, capabilities.text_unit),
            at=owed.at,
            now=self._with.clock.now(),
            media=media,
            reply_to=owed.reply_to,
            agent_name=owed.agent_name,
            buttons=tuple(Button(button.title, button.url) for button in buttons),
            done=owed.done,
            reply_until=owed.reply_until,
            template=template_use(owed.approved),
            subject=owed.letter.subject,
            cc=owed.letter.cc,
            bcc=owed.letter.bcc,
            thread=owed.letter.thread,
        )


def template_use(approved: Mapping[str, Any] | None) -> TemplateUse | None:
    """The platform's template that a stored message was made from; None for words of our own."""
    if approved is None:
        return None
    values = tuple(TemplateValue(*value) for value in approved["values"])
    # What was sent before templates had ids of their own is stored without one.
    return TemplateUse(approved["name"], approved["language"], values, approved.get("external_id", ""))
