"""Files of visitors: a stream of bytes in, a token out."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from inbox.rules.errors import DomainError
from inbox.rules.texts import N_
from inbox.runtime.blobs import BlobTooLarge
from inbox.runtime.languages import Language, choose_language
from widget.connector import MEGABYTE
from widget.identity import returning, stranger
from widget.session import refusal
from widget.sockets import NO_CHANNEL, ORIGIN_REFUSED, bearer, refuse
from widget.surface import SURFACE, Chat, Surface
from widget.visitors import add_file

_UPLOADS_PER_MINUTE = 20
_CHUNK = 65_536


async def take_file(request: web.Request) -> web.StreamResponse:
    """`POST /widget/v1/files?key=&name=`: the bytes of one file; answers with its token for the message to name."""
    surface = request.app[SURFACE]
    spoken = choose_language(None, request.headers.get("Accept-Language", ""))
    chat = await surface.chat(request.query.get("key", ""))
    if chat is None:
        return refuse(404, "channel", spoken.gettext(NO_CHANNEL))
    refused = _refuse_file(surface, request, chat, spoken)
    if refused is not None:
        return refused
    token = bearer(request)
    person = returning(chat.config.identity_secret, token, surface.clock.now()) or stranger(token)
    most = min(chat.config.max_file_mb * MEGABYTE, surface.max_upload_bytes)
    too_large = spoken.gettext(N_("The file is larger than {limit}.")).format(limit=spoken.size(most))
    if request.content_length is not None and request.content_length > most:
        return refuse(413, "large", too_large)
    name = request.query.get("name", "")
    try:
        blob = await surface.blobs.store(_chunks(request), most)
        kept = await surface.database.write(add_file, chat.id, person, blob, name)
    except BlobTooLarge:
        return refuse(413, "large", too_large)
    except DomainError as error:
        return refuse(error.status, **refusal(error, spoken).body)
    told = {
        "token": kept,
        "name": name,
        "size": blob.size,
        "kind": blob.kind,
        "url": f"/files/{kept}",
        "state": "ready",
    }
    return web.json_response(told)


def _refuse_file(surface: Surface, request: web.Request, chat: Chat, spoken: Language) -> web.Response | None:
    if not surface.speaks_for_us(request, chat):
        return refuse(403, "origin", spoken.gettext(ORIGIN_REFUSED))
    if not chat.config.files:
        return refuse(403, "invalid", spoken.gettext(N_("This chat takes no files.")))
    if not bearer(request):
        return refuse(401, "session", spoken.gettext(N_("The session of this browser is over. Reload the page.")))
    wait = surface.limits.take(("file", bearer(request)), _UPLOADS_PER_MINUTE) or surface.limits.take(
        ("files", chat.id, surface.network(request)), chat.config.network_per_minute
    )
    if wait:
        return refuse(
            429, "busy", spoken.gettext(N_("Too many files at once. Try again a little later.")), retry_after=wait
        )
    return None


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_chunked(_CHUNK):
        yield chunk
