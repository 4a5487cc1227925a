"""What tolerant wire models are made of: what has a wrong type where we can do without it is left out.

And the small readings that connectors share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, WrapValidator

from connectors.incoming import BadPayload
from connectors.outgoing import with_detail

T = TypeVar("T")
W = TypeVar("W", bound="Wire")

MOST_MISTAKES = 5

# Seconds of the years 1970 to 9999, and where a number cannot be seconds any more but milliseconds.
_LAST_SECOND = 253_402_300_799
_FIRST_MILLISECOND = 10**11


def _or_nothing(value: Any, read: Any) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


Maybe = Annotated[T | None, WrapValidator(_or_nothing)]
Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Name = Annotated[str, Field(min_length=1, max_length=512)]


class Wire(BaseModel):
    """Unknown fields are ignored, wrong types refused (or left out, where `Maybe` says so)."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


def each(kind: type[W], items: list[Any] | None) -> Iterator[W]:
    """The items of a list that are what they should be."""
    for item in items or ():
        read = _or_nothing(item, kind.model_validate)
        if read is not None:
            yield read


def moment(number: int | None) -> datetime | None:
    """Seconds or milliseconds since 1970 as a time in UTC; None for what is no time."""
    if number is None or number < 0:
        return None
    seconds = number / 1000 if number >= _FIRST_MILLISECOND else number
    return datetime.fromtimestamp(seconds, UTC) if seconds <= _LAST_SECOND else None


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object that an answer holds; {} when it holds none."""
    try:
        read: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


@contextmanager
def as_documented() -> Iterator[None]:
    """Reads a body inside: where it is not what the platform documents, BadPayload is raised, without quoting it."""
    try:
        yield
    except ValidationError as error:
        raise BadPayload(with_detail("the body is not as the platform documents it", first_mistake(error))) from None
    except orjson.JSONDecodeError:
        raise BadPayload("the body is not JSON") from None


def is_key(value: str, least: int) -> bool:
    """Whether this can be a key as platforms give them: that many signs or more, none of another alphabet or blank."""
    return len(value) >= least and value.isascii() and not any(sign.isspace() for sign in value)


def server_address(value: str) -> str:
    """The address of a server that a configuration names, without the last slash; raises ValueError."""
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
        raise ValueError("expected an address with https://")
    return value.rstrip("/")


def proxy_address(value: str) -> str:
    """The address of a proxy that a configuration names; "" for none, which a single - says. Raises ValueError."""
    if value.strip() == "-":
        return ""
    if value and (urlsplit(value).scheme != "http" or not urlsplit(value).netloc):
        raise ValueError("expected an address with http://")
    return value


def seconds_to_wait(headers: Mapping[str, str], usual: float) -> float:
    """What an answer asks to wait in its Retry-After, else what is usual."""
    told = headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdecimal() else usual


def unread_parts(mistakes: Sequence[str]) -> str:
    """What Parsed.unread says where items of a batch could not be read; "" when all could."""
    told = "; ".join(mistakes[:MOST_MISTAKES])
    return with_detail("a part of the body is not as the platform documents it", told) if mistakes else ""


def first_mistake(error: ValidationError) -> str:
    """Where a body is wrong and how, without quoting it."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"[:300]
