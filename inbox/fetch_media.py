"""Bringing files from platforms into the blob store: under a size cap, sniffed, through the guarded network."""

from __future__ import annotations

from collections.abc import AsyncIterator

import connectors
from connectors.contract import Request, SendError, TooLarge
from inbox.actions.fetched import PendingFile, claim_files, keep_file, put_off_file
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.blobs import Blobs, BlobTooLarge
from inbox.runtime.database import Database
from inbox.runtime.net import GuardedNet
from inbox.runtime.secrets import Vault

_SYSTEM = Actor.system()


class MediaFetcher:
    """Fetches what is pending; a platform that fails is asked again later."""

    def __init__(self, database: Database, net: GuardedNet, vault: Vault, blobs: Blobs, max_bytes: int) -> None:
        """Files beyond `max_bytes` become a bubble that says so."""
        self._database = database
        self._net = net
        self._vault = vault
        self._blobs = blobs
        self._max_bytes = max_bytes

    async def fetch_due(self) -> int:
        """Fetch everything that is due; returns how many files were tried."""
        pending = await self._database.write(claim_files, _SYSTEM)
        for file in pending:
            await self._fetch(file)
        return len(pending)

    async def _fetch(self, file: PendingFile) -> None:
        try:
            content = await self._content(file)
            blob = await self._blobs.store(_once(content), self._max_bytes)
        except (BlobTooLarge, TooLarge):
            words = N_("The file is too large to fetch; ask the client to send it in another way.")
            await self._database.write(put_off_file, _SYSTEM, file, words, final=True)
        except SendError as error:
            words = error.reason or N_("The file could not be fetched.")
            await self._database.write(put_off_file, _SYSTEM, file, words, final=not error.retryable)
        else:
            await self._database.write(keep_file, _SYSTEM, file, blob)

    async def _content(self, file: PendingFile) -> bytes:
        declared = connectors.find(file.channel_kind)
        config = declared.config.model_validate(self._vault.unlock(file.config))
        if declared.inline_media is not None and file.body is not None and file.received_at is not None:
            request = Request("POST", {}, file.headers or {}, file.body, file.received_at)
            inline = declared.inline_media(request, config, file.ref)
            if inline is not None:
                return inline
        if declared.fetch_media is None:
            raise SendError(N_("The file could not be fetched."))
        return await declared.fetch_media(file.ref, config, self._net, self._max_bytes)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
