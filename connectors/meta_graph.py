"""Meta's Graph API as WhatsApp, Messenger and Instagram share it: signatures, requests, refusals, files.

Facts: https://developers.facebook.com/docs/graph-api/webhooks/getting-started (signature, handshake),
https://developers.facebook.com/docs/graph-api/guides/error-handling.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import orjson
from aiohttp import FormData

from connectors.contract import ChannelMisconfigured, Net, Rejected, Reply, Request, TooLarge, Unauthorized, Unreachable
from connectors.meta_errors import Meanings, refusal

ASK_SECONDS = 15.0
UPLOAD_SECONDS = 30.0
FETCH_SECONDS = 60.0
LARGEST_ANSWER = 4 << 20
_HEADER = "x-hub-signature-256"
# Meta's servers of files, the only strangers that are asked for a file or shown a token.
_FILE_HOSTS = ("fbsbx.com", "fbcdn.net", "cdninstagram.com", "whatsapp.net")


class GraphConfig(Protocol):
    """What an account on the Graph API has, whatever its kind."""

    base_url: str
    version: str
    access_token: str
    app_id: str
    app_secret: str
    proxy: str


def check_signature(request: Request, app_secret: str) -> None:
    """The body as it came must be signed with the app's secret; raises Unauthorized."""
    given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
    ours = f"sha256={hmac.new(app_secret.encode(), request.body, hashlib.sha256).hexdigest()}"
    if not app_secret or not hmac.compare_digest(given, ours.encode()):
        raise Unauthorized


def handshake(request: Request, token: str) -> Reply:
    """Meta asks whether the address is ours: the word must be the address's own token. Raises Unauthorized."""
    word = request.query.get("hub.verify_token", "").encode("utf-8", "surrogateescape")
    if request.query.get("hub.mode") != "subscribe" or not hmac.compare_digest(word, token.encode()):
        raise Unauthorized
    return Reply(200, request.query.get("hub.challenge", "")[:200].encode("utf-8", "replace"))


async def ask(
    config: GraphConfig,
    net: Net,
    method: str,
    path: str,
    meanings: Meanings,
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
    form: FormData | None = None,
    as_app: bool = False,
) -> dict[str, Any]:
    """Ask one thing; the answer, which is an object. Raises SendError, never with a token in its words.

    `as_app`: by the app's own rights instead of the account's.
    """
    token = f"{config.app_id}|{config.app_secret}" if as_app else config.access_token
    headers = {"Authorization": f"Bearer {token}"}
    content: bytes | None = None
    if body is not None:
        headers["Content-Type"], content = "application/json", orjson.dumps(body)
    if form is not None:
        payload = form()
        headers["Content-Type"], content = payload.headers["Content-Type"], await payload.as_bytes()
    url = f"{config.base_url}/{config.version}/{path}" + (f"?{urlencode(query)}" if query else "")
    seconds = ASK_SECONDS if form is None else UPLOAD_SECONDS
    answer = await net.request(
        method, url, headers=headers, body=content, timeout=seconds, max_bytes=LARGEST_ANSWER, proxy=config.proxy
    )
    try:
        said: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        said = None
    if 200 <= answer.status < 300 and isinstance(said, dict) and "error" not in said:
        return said
    error = said.get("error") if isinstance(said, dict) else None
    found = error if isinstance(error, dict) else {}
    if 200 <= answer.status < 300 and not found:
        raise Unreachable("Meta's answer could not be read.", maybe_sent=True)
    raise refusal(answer.status, found, answer.headers.get("retry-after", ""), meanings)


async def fetch(config: GraphConfig, net: Net, url: str, max_bytes: int, *, with_token: bool = False) -> bytes:
    """The bytes behind an address of Meta's; raises Rejected for any other address."""
    if not is_file_of_meta(url) and not url.startswith(f"{config.base_url}/"):
        raise Rejected("The file could not be fetched.")
    headers = {"Authorization": f"Bearer {config.access_token}"} if with_token else {}
    answer = await net.request(
        "GET", url, headers=headers, timeout=FETCH_SECONDS, max_bytes=max_bytes, proxy=config.proxy
    )
    if answer.status == 413:
        raise TooLarge("The file is larger than this server stores.")
    if answer.status != 200:
        later = answer.status >= 500 or answer.status == 429
        raise (Unreachable if later else Rejected)("The file could not be fetched.")
    return answer.body


def is_file_of_meta(url: str) -> bool:
    """Whether an address is on a server of files of Meta's."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    known = any(host == name or host.endswith(f".{name}") for name in _FILE_HOSTS)
    return known and parts.scheme == "https"


async def subscribe_app(config: GraphConfig, net: Net, meanings: Meanings, *, kind: str, fields: str, url: str) -> None:
    """Lead the app's webhook for this kind of object to `url`, unless it leads to this server already.

    An app has one webhook for each kind of object. One that leads to another program is left alone; raises
    ChannelMisconfigured then, and for an address that Meta cannot call.
    """
    if urlsplit(url).scheme != "https" and urlsplit(config.base_url).scheme == "https":
        raise ChannelMisconfigured("Meta needs an https:// address of this server: set INBOX_PUBLIC_URL.")
    listed = await ask(config, net, "GET", f"{config.app_id}/subscriptions", meanings, as_app=True)
    there = callback_of(listed, kind)
    ours = url.rpartition("/")[0] + "/"
    if there and not there.startswith(ours):
        raise ChannelMisconfigured(
            "The app of Meta sends its messages to another program. Take that webhook away in the app, or make an app."
        )
    if not there or there == url:
        told = {"object": kind, "callback_url": url, "verify_token": url.rpartition("/")[2], "fields": fields}
        await ask(config, net, "POST", f"{config.app_id}/subscriptions", meanings, body=told, as_app=True)


def callback_of(listed: Mapping[str, Any], kind: str) -> str:
    """Where an app's list of subscriptions leads this kind of object; "" for nowhere."""
    items = listed.get("data")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("object") == kind and item.get("active", True):
            return str(item.get("callback_url") or "")
    return ""


def id_in(said: Mapping[str, Any], name: str) -> str:
    """An id of an answer; raises Unreachable when it is not there, though the request was taken."""
    found = said.get(name)
    if not isinstance(found, str) or not found:
        raise Unreachable("Meta's answer could not be read.", maybe_sent=True)
    return found[:512]
