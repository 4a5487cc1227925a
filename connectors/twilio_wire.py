"""Twilio's webhooks as they come: a form, and the signature over it.

Facts: https://www.twilio.com/docs/messaging/guides/webhook-request and
https://www.twilio.com/docs/usage/security#validating-requests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes

# Characters of a name or an address.
MOST_NAME = 512
_PORTS = {"https": 443, "http": 80}


def pairs(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every field of a form, decoded but as bytes: a signature is made of bytes, also of those that are no text."""
    for part in body.split(b"&"):
        name, _, value = part.replace(b"+", b" ").partition(b"=")
        if part:
            yield unquote_to_bytes(name), unquote_to_bytes(value)


def form(body: bytes) -> Mapping[str, str]:
    """The fields as text; of a name that comes twice the last."""
    return {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in pairs(body)}


def signatures(token: str, url: str, body: bytes) -> Iterator[bytes]:
    """What may stand in X-Twilio-Signature. Twilio names the port of the address at times, and at times not."""
    fields = b"".join(name + value for name, value in sorted(set(pairs(body))))
    for address in _addresses(url):
        digest = hmac.new(token.encode(), address.encode("utf-8", "surrogateescape") + fields, hashlib.sha1).digest()
        yield base64.b64encode(digest)


def _addresses(url: str) -> tuple[str, str]:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    front, _, port_number = host.rpartition(":")
    name = front if front and port_number.isdecimal() else host
    port = host if name != host else f"{host}:{_PORTS.get(scheme, 80)}"
    return f"{scheme}://{name}{slash}{path}", f"{scheme}://{port}{slash}{path}"
