"""Giving VK a file: an address to upload to, the upload, and the name under which it is sent."""

from __future__ import annotations

from typing import Any

from connectors.contract import MediaKind, Net, OutgoingMedia, Rejected, Unreachable
from connectors.multipart import file_form
from connectors.vk_call import call, unreadable
from connectors.vk_config import Config
from connectors.wire import object_in

UPLOAD_SECONDS = 30.0
LARGEST_FILE = 50 << 20
_PHOTOS = frozenset({"image/jpeg", "image/png"})


async def upload(file: OutgoingMedia, peer_id: int, config: Config, net: Net, *, voice: bool) -> str:
    """The name of the file in messages.send. What VK does not show goes as a document. Raises SendError."""
    if file.kind is MediaKind.IMAGE and file.mime.partition(";")[0] in _PHOTOS:
        return await _photo(file, peer_id, config, net)
    kind = "audio_message" if voice else "doc"
    place = await call(config, net, "docs.getMessagesUploadServer", type=kind, peer_id=peer_id)
    token = (await _post(place, "file", file, net)).get("file")
    if not isinstance(token, str) or not token:
        raise Rejected("VK does not take this file.")
    saved = await call(config, net, "docs.save", file=token, title=file.name[:200])
    # Newer versions answer {"type": "doc", "doc": {...}}, older ones with a list.
    found = saved[0] if isinstance(saved, list) and saved else saved
    body = found.get(kind, found) if isinstance(found, dict) else None
    return _name("doc", body)


async def _photo(file: OutgoingMedia, peer_id: int, config: Config, net: Net) -> str:
    place = await call(config, net, "photos.getMessagesUploadServer", peer_id=peer_id)
    told = await _post(place, "photo", file, net)
    if told.get("photo") in (None, "", "[]"):
        raise Rejected("VK does not take this picture.")
    saved = await call(
        config,
        net,
        "photos.saveMessagesPhoto",
        photo=told["photo"],
        server=told.get("server"),
        hash=told.get("hash"),
    )
    return _name("photo", saved[0] if isinstance(saved, list) and saved else None)


async def _post(place: Any, field: str, file: OutgoingMedia, net: Net) -> dict[str, Any]:
    url = place.get("upload_url") if isinstance(place, dict) else None
    if not isinstance(url, str):
        raise Unreachable("VK's answer could not be read.")
    content_type, body = file_form(field, file.name or "file", file.mime, await file.read())
    answer = await net.request("POST", url, headers={"Content-Type": content_type}, body=body, timeout=UPLOAD_SECONDS)
    said = object_in(answer.body)
    if answer.status != 200:
        raise unreadable(answer)
    if said.get("error") is not None or not said:
        raise Rejected("VK does not take this file.")
    return said


def _name(kind: str, body: Any) -> str:
    if not isinstance(body, dict) or type(body.get("owner_id")) is not int or type(body.get("id")) is not int:
        raise Unreachable("VK's answer could not be read.")
    key = body.get("access_key")
    return f"{kind}{body['owner_id']}_{body['id']}" + (f"_{key}" if isinstance(key, str) and key else "")
