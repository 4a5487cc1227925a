"""What is found in a message while its attachments are read one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.cards import Card
from connectors.media import Media
from connectors.unshown import kind_name


@dataclass
class Found:
    """What was found so far; `unknown` are the kinds that cannot be shown."""

    texts: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All words, one text below the other."""
        return "\n".join(text for text in self.texts if text)

    @property
    def unsupported(self) -> str | None:
        """The first kind that cannot be shown; a message that holds nothing at all is an empty one."""
        if self.unknown:
            return self.unknown[0]
        return None if self.text or self.media or self.cards else kind_name("empty message")

    def add(self, kind: str, made: Media | Card | None) -> None:
        """Take what was made of an attachment of this kind; None: it cannot be shown."""
        match made:
            case Media():
                self.media.append(made)
            case Card():
                self.cards.append(made)
            case None:
                self.unknown.append(kind_name(kind or "attachment"))

    def join(self, other: Found) -> Found:
        """Both, one after the other."""
        return Found(
            self.texts + other.texts,
            self.media + other.media,
            self.cards + other.cards,
            self.unknown + other.unknown,
        )


def kind_in(attachment: Any) -> str:
    """What kind an attachment says it is of; "" when it says none."""
    kind = attachment.get("type") if isinstance(attachment, dict) else None
    return kind if isinstance(kind, str) else ""
