"""A message that goes out as several requests: they are made in order, and none of them twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from connectors.media import MediaKind
from connectors.outgoing import OutgoingMedia, SendError

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Step:
    """One request, which makes one message of a text, of files, or of both."""

    text: str = ""
    media: tuple[OutgoingMedia, ...] = ()


async def in_order(steps: Sequence[S], done: Sequence[str], make: Callable[[int, S], Awaitable[str]]) -> list[str]:
    """Make the requests that former attempts have not `done`; the external ids of this attempt.

    `make` gets the number of a step and the step, and returns the id. A SendError has its `sent` filled.
    """
    sent: list[str] = []
    for number, step in enumerate(steps):
        if number < len(done):
            continue
        try:
            sent.append(await make(number, step))
        except SendError as error:
            error.sent = tuple(sent)
            raise
    return sent


def name_among(names: Mapping[MediaKind, str], file: OutgoingMedia, pictures: frozenset[str]) -> str:
    """How a platform calls a file: by its kind, where it has a name for that and shows such pictures, else "file"."""
    shown = file.kind is not MediaKind.IMAGE or file.mime.partition(";")[0] in pictures
    return names[file.kind if shown and file.kind in names else MediaKind.FILE]
