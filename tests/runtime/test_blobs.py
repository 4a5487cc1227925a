"""Files are named by their content, sniffed, capped, and never half-written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inbox.runtime.blobs import Blobs, BlobTooLarge

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_equal_content_is_stored_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    one = await blobs.store(pieces(b"hel", b"lo"), 100)
    other = await blobs.store(pieces(b"hello"), 100)
    assert one == other
    assert (one.size, one.mime, one.kind) == (5, "text/plain", "file")
    assert await blobs.read(one.key) == b"hello"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("content", "mime", "kind"),
    [
        (PNG, "image/png", "image"),
        (b"GIF89a" + b"\0" * 20, "image/gif", "image"),
        (b"%PDF-1.7 ...", "application/pdf", "file"),
        ("текст".encode(), "text/plain", "file"),
        (b"\0\1\2\3", "application/octet-stream", "file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "text/plain", "file"),
    ],
)
async def test_the_kind_comes_from_the_bytes(tmp_path: Path, content: bytes, mime: str, kind: str) -> None:
    stored = await Blobs(tmp_path).store(pieces(content), 1000)
    assert (stored.mime, stored.kind) == (mime, kind)


async def test_too_much_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(BlobTooLarge):
        await Blobs(tmp_path).store(pieces(b"x" * 60, b"x" * 60), 100)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
