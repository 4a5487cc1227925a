"""Files: uploads of agents, and serving what was stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from inbox.actions.attach import upload
from inbox.queries.access import attachment_file
from inbox.rules.errors import Invalid, TooLarge
from inbox.rules.texts import N_
from inbox.runtime.blobs import SAFE_IMAGES, BlobTooLarge
from inbox.web.guard import UNREADABLE
from inbox.web.visit import RESOURCES, visit

CHUNK = 65_536
# Played in the page, which cannot run anything from them.
_PLAYED = ("audio/", "video/")


async def add_file(request: web.Request) -> web.StreamResponse:
    """Store one file of the composer; answers with its token, which the message then names."""
    here = visit(request)
    if not request.content_type.startswith("multipart/"):
        raise Invalid({"file": N_("Attach a file.")})
    limit = here.resources.settings.max_upload_bytes
    if request.content_length is not None and request.content_length > limit + CHUNK:
        raise TooLarge(N_("The file is larger than {limit}."), {"limit": here.language.size(limit)})
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                blob = await here.resources.blobs.store(read_part(part), limit)
                token = await here.resources.database.write(upload, blob, part.filename, agent_id=here.agent.agent_id)
                return web.json_response({"token": token, "name": part.filename, "size": blob.size, "kind": blob.kind})
    except BlobTooLarge as error:
        raise TooLarge(N_("The file is larger than {limit}."), {"limit": here.language.size(limit)}) from error
    except UNREADABLE as error:
        raise Invalid({"file": N_("Attach a file.")}) from error
    raise Invalid({"file": N_("Attach a file.")})


async def read_part(part: BodyPartReader) -> AsyncIterator[bytes]:
    """The bytes of a part of a form, piece by piece."""
    while chunk := await part.read_chunk(CHUNK):
        yield chunk


async def show_file(request: web.Request) -> web.StreamResponse:
    """The bytes of a file by its unguessable token. Only safe pictures and media open inside the page."""
    resources = request.app[RESOURCES]
    stored = await resources.database.read(attachment_file, request.match_info["token"])
    shown = stored.mime in SAFE_IMAGES or stored.mime.startswith(_PLAYED)
    headers = {
        "Content-Type": stored.mime,
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(stored.name)}",
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        # The site chat shows files inside its own frame on another origin.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return web.FileResponse(resources.blobs.path(stored.blob_key), headers=headers)
