"""Signatures of Standard Webhooks: `v1,<base64>` over id, timestamp and raw body.

Format: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

from connectors.contract import Request, Unauthorized

TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"


def signing_key(secret: str) -> bytes:
    """The bytes that sign; raises ValueError when the secret is not whsec_ and at least 16 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("expected whsec_ and base64") from error
    if len(key) < 16:
        raise ValueError("the secret is too short: at least 16 bytes")
    return key


def signature(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    """`v1,<base64>` over id, timestamp and raw body."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, "sha256")).decode()


def check_signature(request: Request, secrets: Sequence[str]) -> None:
    """Check the three headers over the raw body; raises Unauthorized. Without a secret nothing is let in."""
    event_id = request.headers.get("webhook-id", "")
    timestamp = request.headers.get("webhook-timestamp", "")
    given = request.headers.get("webhook-signature", "").split(" ")
    # A header may hold any bytes; an id that is no text could neither be signed nor kept.
    if not event_id or _is_torn(event_id):
        raise Unauthorized
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        raise Unauthorized
    if abs(request.received_at.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Unauthorized
    expected = [signature(secret, event_id, timestamp, request.body) for secret in secrets if secret]
    matches = [
        hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode())
        for one in given
        for other in expected
    ]
    if not any(matches):
        raise Unauthorized


def _is_torn(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
