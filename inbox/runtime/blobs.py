"""Files on disk, named by the SHA-256 of their content: the same picture is stored once, a name cannot be guessed."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path

# Shown inside the page; everything else is only offered for download. SVG is left out: it can carry script.
SAFE_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_KINDS = ("image", "video", "audio")


class BlobTooLarge(Exception):
    """The content passed the size cap; nothing was kept."""


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """Where the content is and what it is. `mime` is sniffed from the bytes, never taken from the sender."""

    key: str
    size: int
    mime: str
    kind: str
    width: int | None = None
    height: int | None = None


class Blobs:
    """A folder of content-addressed files."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, made on first store."""
        self.folder = folder

    def path(self, key: str) -> Path:
        """The file of a key."""
        return self.folder / key[:2] / key

    async def store(self, chunks: AsyncIterable[bytes], max_bytes: int) -> StoredBlob:
        """Write a stream to disk; raises BlobTooLarge as soon as it passes `max_bytes`."""
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        handle, name = await asyncio.to_thread(tempfile.mkstemp, ".part", "", self.folder)
        temporary = Path(name)
        digest = hashlib.sha256()
        size = 0
        try:
            with os.fdopen(handle, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > max_bytes:
                        raise BlobTooLarge
                    digest.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            return await asyncio.to_thread(self._keep, temporary, digest.hexdigest(), size)
        finally:
            await asyncio.to_thread(temporary.unlink, missing_ok=True)

    async def read(self, key: str) -> bytes:
        """The whole content; raises FileNotFoundError."""
        return await asyncio.to_thread(self.path(key).read_bytes)

    def _keep(self, temporary: Path, digest: str, size: int) -> StoredBlob:
        with temporary.open("rb") as file:
            head = file.read(65_536)
        # Most processes see no file for a long time.
        import filetype

        guess = filetype.guess(head)
        mime = guess.mime if guess is not None else _plain(head)
        major = mime.split("/")[0]
        kind = major if major in _KINDS and (major != "image" or mime in SAFE_IMAGES) else "file"
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)
        return StoredBlob(digest, size, mime, kind)


def _plain(head: bytes) -> str:
    """Text when it decodes and holds no NUL, else unknown bytes."""
    if b"\0" in head:
        return "application/octet-stream"
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # A multi-byte character may be cut at the end of the sample.
        if error.start < len(head) - 4:
            return "application/octet-stream"
    return "text/plain"
