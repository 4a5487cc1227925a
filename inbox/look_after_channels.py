"""Asking platforms, now and then, whether a channel works and who its clients are."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import connectors
from connectors.contract import SendError
from inbox.actions.profiles import Stranger, claim_strangers, keep_picture, keep_profile
from inbox.channel_work import check_channel
from inbox.equipment import Equipment
from inbox.queries.channels import channels_to_check
from inbox.rules.permissions import Actor
from inbox.runtime.blobs import BlobTooLarge

log = logging.getLogger(__name__)

MAX_PICTURE_BYTES = 2 << 20

_SYSTEM = Actor.system()


class ChannelCare:
    """Health checks and profiles; both are asked of a platform and neither may hold anything up."""

    def __init__(self, equipment: Equipment) -> None:
        """Nothing is asked before the worker does."""
        self._with = equipment

    async def check_due(self) -> int:
        """Ask every channel that has not been checked for a while; returns how many were asked."""
        rows = await self._with.database.read(channels_to_check)
        for row in rows:
            await check_channel(self._with, _SYSTEM, row)
        return len(rows)

    async def meet_strangers(self) -> int:
        """Ask platforms for names and pictures of new clients; returns how many were asked for."""
        strangers = await self._with.database.write(claim_strangers, _SYSTEM)
        for stranger in strangers:
            try:
                await self._meet(stranger)
            except SendError as error:
                await self._with.database.write(keep_profile, _SYSTEM, stranger, None, again=error.retryable)
            except Exception:
                # One client whom a connector stumbles on must not keep the others nameless.
                log.exception("a client's profile could not be asked for")
                await self._with.database.write(keep_profile, _SYSTEM, stranger, None, again=False)
        return len(strangers)

    async def _meet(self, stranger: Stranger) -> None:
        declared = connectors.find(stranger.channel_kind)
        config = self._with.config(stranger.channel_kind, stranger.config)
        profile = (
            None if declared.profile is None else await declared.profile(stranger.external_id, config, self._with.net)
        )
        await self._with.database.write(keep_profile, _SYSTEM, stranger, profile)
        if profile is None or not profile.picture or declared.fetch_media is None:
            return
        content = await declared.fetch_media(profile.picture, config, self._with.net, MAX_PICTURE_BYTES)
        try:
            blob = await self._with.blobs.store(_once(content), MAX_PICTURE_BYTES)
        except BlobTooLarge:
            return
        if blob.kind == "image":
            await self._with.database.write(keep_picture, _SYSTEM, stranger.contact_id, blob.key)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
