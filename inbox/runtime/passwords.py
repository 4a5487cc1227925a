"""Passwords by argon2, in a thread: one check costs tens of milliseconds on purpose."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_LENGTH = 10


async def hash_password(password: str) -> str:
    """The stored form of a password."""
    return await asyncio.to_thread(_hash, password)


async def password_fits(stored: str | None, password: str) -> bool:
    """Whether a password belongs to its stored form. Without one the same time is spent, so that nobody can tell."""
    return await asyncio.to_thread(_fits, stored, password)


def _hash(password: str) -> str:
    return _hasher().hash(password)


def _fits(stored: str | None, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    # Made for everybody, so that the first who asks in vain waits no longer than the first who is let in.
    nobody = _nobody()
    try:
        return _hasher().verify(stored or nobody, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    # Days go by without anybody signing in.
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    """Not at import: it costs as much time and memory as a sign-in."""
    return _hash("nobody's password")
