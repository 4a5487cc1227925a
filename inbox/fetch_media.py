"""Bringing files from platforms into the blob store: under a size cap, sniffed, through the guarded network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import connectors
from connectors.contract import Request, SendError, TooLarge
from inbox.actions.fetched import PendingFile, claim_files, keep_file, put_off_file
from inbox.equipment import Equipment
from inbox.queries.kept_body import kept_body
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.blobs import BlobTooLarge

log = logging.getLogger(__name__)

_SYSTEM = Actor.system()


class MediaFetcher:
    """Fetches what is pending; a platform that fails is asked again later."""

    def __init__(self, equipment: Equipment) -> None:
        """Files beyond the settings' `max_upload_bytes` become a bubble that says so."""
        self._with = equipment
        self._max_bytes = equipment.settings.max_upload_bytes

    async def fetch_due(self) -> int:
        """Fetch everything that is due; returns how many files were tried."""
        tried = 0
        while pending := await self._with.database.write(claim_files, _SYSTEM):
            # Together: a slow platform holds up a few files and not everybody's.
            await asyncio.gather(*(self._fetch(file) for file in pending))
            tried += len(pending)
        return tried

    async def _fetch(self, file: PendingFile) -> None:
        try:
            content = await self._content(file)
            blob = await self._with.blobs.store(_once(content), self._max_bytes)
        except (BlobTooLarge, TooLarge):
            words = N_("The file is too large to fetch; ask the client to send it in another way.")
            await self._with.database.write(put_off_file, _SYSTEM, file, words, final=True)
        except SendError as error:
            words = error.reason or N_("The file could not be fetched.")
            await self._with.database.write(put_off_file, _SYSTEM, file, words, final=not error.retryable)
        except Exception:
            # One file that breaks a connector must not keep the others waiting.
            log.exception("a file could not be fetched", extra={"attachment": file.attachment_id})
            words = N_("The file could not be fetched.")
            await self._with.database.write(put_off_file, _SYSTEM, file, words, final=False)
        else:
            await self._with.database.write(keep_file, _SYSTEM, file, blob)

    async def _content(self, file: PendingFile) -> bytes:
        declared = connectors.find(file.channel_kind)
        config = self._with.config(file.channel_kind, file.config)
        if declared.inline_media is not None and file.inbound_id is not None:
            kept = await self._with.database.read(kept_body, file.inbound_id)
            if kept is not None:
                request = Request("POST", {}, kept.headers, kept.body, kept.received_at)
                inline = await asyncio.to_thread(declared.inline_media, request, config, file.ref)
                if inline is not None:
                    return inline
        if declared.fetch_media is None:
            raise SendError(N_("The file could not be fetched."))
        return await declared.fetch_media(file.ref, config, self._with.net, self._max_bytes)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
