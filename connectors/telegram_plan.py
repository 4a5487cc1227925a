"""Which requests one answer of an agent takes in Telegram, decided before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.contract import MediaKind, Outgoing, OutgoingMedia

MAX_TEXT = 4096
MAX_CAPTION = 1024
LARGEST_FILE = 50 << 20
LARGEST_PHOTO = 10 << 20
MOST_IN_ALBUM = 10

_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
_MUSIC = frozenset({"audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/m4a"})
_SPEECH = frozenset({"audio/ogg", "audio/opus", "application/ogg", *_MUSIC})
# What may stand in one album.
_FAMILIES = {"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}


@dataclass(frozen=True, slots=True)
class Step:
    """One request: a text, or files with a caption. `kinds` go with `media`; `last` takes the buttons."""

    text: str = ""
    media: tuple[OutgoingMedia, ...] = ()
    kinds: tuple[str, ...] = ()
    first: bool = False
    last: bool = False

    @property
    def size(self) -> int:
        """How many messages it makes at Telegram, each with an id."""
        return len(self.media) or 1


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plan(outgoing: Outgoing) -> tuple[Step, ...]:
    """The requests, in order. A text that does not fit below the files comes after them, whole."""
    albums = list(_albums(outgoing.media))
    fits = bool(albums) and bool(outgoing.text) and units(outgoing.text) <= MAX_CAPTION
    if fits and outgoing.buttons and (len(albums) > 1 or len(albums[0]) > 1):
        # Buttons hang below one message, and an album is many.
        fits = False
    steps = [
        Step(outgoing.text if fits and number == 0 else "", tuple(files), tuple(kind_of(file) for file in files))
        for number, files in enumerate(albums)
    ]
    if not fits:
        steps += [Step(part) for part in outgoing.parts if part.strip()]
    final = len(steps) - 1
    return tuple(
        Step(step.text, step.media, step.kinds, first=number == 0, last=number == final)
        for number, step in enumerate(steps)
    )


def kind_of(file: OutgoingMedia) -> str:
    """How a file is sent: what Telegram cannot show goes as a document."""
    mime = file.mime.partition(";")[0].strip().lower()
    match file.kind:
        case MediaKind.IMAGE if mime in _PHOTOS and file.size <= LARGEST_PHOTO:
            return "photo"
        case MediaKind.IMAGE if mime == "image/gif":
            return "animation"
        case MediaKind.VIDEO if mime == "video/mp4":
            return "video"
        case MediaKind.VOICE if mime in _SPEECH:
            return "voice"
        case MediaKind.AUDIO if mime in _MUSIC:
            return "audio"
    return "document"


def _albums(media: Sequence[OutgoingMedia]) -> Iterator[list[OutgoingMedia]]:
    """Neighbours that may stand in one album, at most ten; voice messages and animations stand alone."""
    album: list[OutgoingMedia] = []
    family: str | None = None
    for file in media:
        own = _FAMILIES.get(kind_of(file))
        if album and (own is None or own != family or len(album) == MOST_IN_ALBUM):
            yield album
            album = []
        album.append(file)
        family = own
    if album:
        yield album
