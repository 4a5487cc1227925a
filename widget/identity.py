"""Who a visitor is: a random token for a stranger, a signature of the site's own server for a customer.

Neither is ever put into a cookie or an address. A stranger's token is kept as a hash. A customer's session token is
signed with the same secret as the customer's id, so that several browsers of one customer share one dialog.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

SESSION_LIFE = timedelta(days=365)
SIGNED_LIFE = timedelta(days=1)
_ANONYMOUS = re.compile(r"[\w-]{43}", re.ASCII)
# The site signs bare ids; a NUL can stand in none of them, so a session signature is never an id's signature.
_SESSION = b"session\0"


@dataclass(frozen=True, slots=True)
class Person:
    """Whose dialog it is: `address` names it on the channel, `token_hash` is None for a signed customer."""

    address: str
    token: str
    token_hash: str | None
    verified: bool = False


def sign_identity(secret: str, visitor_id: str) -> str:
    """What the site's server computes for its customer: hex HMAC-SHA256 of the id."""
    return hmac.new(secret.encode(), visitor_id.encode(), hashlib.sha256).hexdigest()


def identity_is_right(secret: str, visitor_id: str, signature: str) -> bool:
    """Whether the site vouches for this id. Nothing is right without a secret."""
    if not secret or not visitor_id or "\0" in visitor_id:
        return False
    return hmac.compare_digest(sign_identity(secret, visitor_id).encode(), signature.strip().lower().encode())


def stranger(token: str | None = None) -> Person:
    """The visitor of an anonymous token; a new one when there is none, or when it is not of our making."""
    if token is None or not _ANONYMOUS.fullmatch(token):
        token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    return Person(f"v:{digest[:32]}", token, digest)


def customer(secret: str, visitor_id: str, now: datetime) -> Person:
    """A customer whose signature was right, with a session token for the requests that follow."""
    expires = int((now + SIGNED_LIFE).timestamp())
    name = base64.urlsafe_b64encode(visitor_id.encode()).decode().rstrip("=")
    return Person(address_of(visitor_id), f"s.{name}.{expires}.{_sign(secret, name, expires)}", None, verified=True)


def returning(secret: str, token: str, now: datetime) -> Person | None:
    """The customer of a signed session token; None when it is over, forged, or of another secret."""
    parts = token.split(".")
    if not secret or len(parts) != 4 or parts[0] != "s" or not parts[2].isdecimal() or len(parts[2]) > 12:
        return None
    _, name, expires, signature = parts
    if not hmac.compare_digest(_sign(secret, name, int(expires)).encode(), signature.encode()):
        return None
    if int(expires) < now.timestamp():
        return None
    visitor_id = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    return Person(address_of(visitor_id), token, None, verified=True)


def address_of(visitor_id: str) -> str:
    """The address of a customer on the channel."""
    return f"u:{visitor_id}"


def _sign(secret: str, name: str, expires: int) -> str:
    return hmac.new(secret.encode(), _SESSION + f"{name}.{expires}".encode(), hashlib.sha256).hexdigest()[:40]
