"""Every setting of the process, read once at start from INBOX_* variables or a TOML file.

A wrong value is refused at start with the name of its variable. What a company changes while it works (its name,
hours, targets) is in the database, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "INBOX_"

# Addresses to listen on that a browser on this machine reaches as localhost.
_THIS_MACHINE = ("0.0.0.0", "127.0.0.1")  # noqa: S104


class BadSetting(ValueError):
    """A setting cannot be used; the message names the variable."""


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; `metadata["about"]` of each field is its line in the README."""

    data_dir: Path = _setting(Path("data"), "folder of the database, the files and the secret key")
    host: str = _setting("127.0.0.1", "address to listen on; 0.0.0.0 lets the network in")
    port: int = _setting(8080, "port to listen on")
    public_url: str = _setting("", "address that browsers and platforms use, e.g. https://chat.example.com")
    database_url: str = _setting("", "sqlite:///path or postgresql://user:password@host/name")
    secret_key: str = _setting("", "key that encrypts channel secrets")
    allow_private_network: bool = _setting(False, "let connectors reach private addresses (local servers, tests)")
    trust_proxy: bool = _setting(False, "take the client's address from X-Forwarded-For of a reverse proxy")
    max_upload_bytes: int = _setting(26_214_400, "largest file an agent or a visitor may send")
    log_level: str = _setting("info", "debug, info, warning or error")
    log_format: str = _setting("json", "json, or text for people")
    access_log: bool = _setting(False, "one log line per request; halves the throughput")
    develop: bool = _setting(False, "read changed templates and static files again; for developers")

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'inbox.db'}"

    @property
    def base_url(self) -> str:
        """The address for links, without a slash at the end."""
        reached = "localhost" if self.host in _THIS_MACHINE else self.host
        return self.public_url or f"http://{reached}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that cookies may be marked Secure."""
        return self.public_url.startswith("https://")


def read_settings(environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """Settings from a TOML file and, before it, variables. Raises BadSetting with the variable's name."""
    values: dict[str, Any] = {}
    if file is not None:
        import tomllib

        try:
            values.update(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise BadSetting(f"{file}: {error}") from error
    known = {entry.name: entry for entry in fields(Settings)}
    values.update({name: environment[PREFIX + name.upper()] for name in known if PREFIX + name.upper() in environment})
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise BadSetting(f"unknown setting: {', '.join(PREFIX + name.upper() for name in unknown)}")
    return Settings(**{name: _typed(name, value, known[name].default) for name, value in values.items()})


def _typed(name: str, value: Any, default: Any) -> Any:
    variable = PREFIX + name.upper()
    if isinstance(default, bool):
        word = str(value).strip().lower()
        if word not in ("1", "0", "true", "false", "yes", "no"):
            raise BadSetting(f"{variable}: expected true or false, got {value!r}")
        return word in ("1", "true", "yes")
    if isinstance(default, int):
        try:
            number = int(value)
        except (TypeError, ValueError) as error:
            raise BadSetting(f"{variable}: expected a whole number, got {value!r}") from error
        if number < 1 or (name == "port" and number > 65_535):
            raise BadSetting(f"{variable}: {number} is out of range")
        return number
    if isinstance(default, Path):
        return Path(str(value))
    return _checked_text(variable, name, str(value).strip())


def _checked_text(variable: str, name: str, text: str) -> str:
    if name == "public_url" and text:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise BadSetting(f"{variable}: expected http(s)://host, got {text!r}")
        return text.rstrip("/")
    if name == "database_url" and text and not text.startswith(("sqlite:///", "postgresql://")):
        raise BadSetting(f"{variable}: expected sqlite:/// or postgresql://")
    if name == "log_level" and text not in ("debug", "info", "warning", "error"):
        raise BadSetting(f"{variable}: expected debug, info, warning or error, got {text!r}")
    if name == "log_format" and text not in ("json", "text"):
        raise BadSetting(f"{variable}: expected json or text, got {text!r}")
    return text
