"""Secrets at rest: encrypted with one key that is made on first start and kept in the data folder."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_FILE = "secret.key"
_MARK = "encrypted:"


class WrongKey(Exception):
    """A stored secret was encrypted with another key than the present one."""


class Vault:
    """Encrypts and decrypts single values and the secret fields of a configuration."""

    def __init__(self, key: str) -> None:
        """Any text is a key; its hash is what encrypts."""
        self._key = base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())

    @classmethod
    def open(cls, secret_key: str, data_dir: Path) -> Vault:
        """The vault of an installation: the key of the settings, else of its file, which is made when missing."""
        return cls(secret_key or _key_of(data_dir))

    def lock(self, config: Mapping[str, Any], secret_fields: Iterable[str]) -> dict[str, Any]:
        """The configuration as it is stored: secret fields encrypted."""
        hidden = set(secret_fields)
        return {
            name: _MARK + self._fernet.encrypt(str(value).encode()).decode() if name in hidden and value else value
            for name, value in config.items()
        }

    def unlock(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration as a connector needs it; raises WrongKey."""
        return {
            name: self._decrypt(value[len(_MARK) :]) if isinstance(value, str) and value.startswith(_MARK) else value
            for name, value in config.items()
        }

    @cached_property
    def _fernet(self) -> Fernet:
        # A library of 7 MiB: the site chat alone has no secret, and needs none of it.
        from cryptography.fernet import Fernet

        return Fernet(self._key)

    def _decrypt(self, hidden: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(hidden.encode()).decode()
        except InvalidToken as error:
            raise WrongKey("a channel's secrets were encrypted with another INBOX_SECRET_KEY") from error


def _key_of(data_dir: Path) -> str:
    file = data_dir / KEY_FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as target:
        target.write(base64.urlsafe_b64encode(os.urandom(32)).decode())
    return file.read_text(encoding="ascii").strip()


def hash_token(token: str) -> str:
    """How a random token is stored: SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
