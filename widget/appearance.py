"""How a channel's chat looks: what the loader and the frame are told of its settings."""

from __future__ import annotations

from typing import Any

from inbox.runtime.languages import CODES, Language, language
from widget.connector import MAX_TEXT, MEGABYTE, WidgetConfig
from widget.texts import DEFAULT_CONSENT, DEFAULT_HEADING, DEFAULT_LEAD, loader_words

# WCAG 2.2, 1.4.3: text of normal size.
READABLE = 4.5
WHITE, INK, BLACK = "#ffffff", "#1a1d22", "#000000"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two #rrggbb colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def on_colour(colour: str) -> str:
    """The colour of text on this one: white or ink when it reads, else black, which then always does."""
    return next((text for text in (WHITE, INK) if contrast(text, colour) >= READABLE), BLACK)


def loader_settings(key: str, config: WidgetConfig, sheet: str) -> dict[str, Any]:
    """What is put into loader.js, so that it need not ask anybody."""
    drawn = sheet.replace("SIDE", config.side).replace("BRAND", config.colour).replace("INK", on_colour(config.colour))
    codes = CODES if config.language == "auto" else (config.language,)
    return {
        "key": key,
        "language": "" if config.language == "auto" else config.language,
        "sheet": drawn,
        "words": {code: loader_words(language(code)) for code in codes},
    }


def look(config: WidgetConfig, company: str, spoken: Language) -> dict[str, Any]:
    """What the frame shows; texts that the company left empty come from the catalogue."""
    return {
        "title": config.title or company,
        "heading": config.heading or spoken.gettext(DEFAULT_HEADING),
        "lead": config.lead or spoken.gettext(DEFAULT_LEAD),
        "greeting": config.greeting,
        "offline": config.offline,
        "colour": config.colour,
        "onColour": on_colour(config.colour),
        "theme": config.theme,
        "sound": config.sound,
        "files": config.files,
        "maxFile": config.max_file_mb * MEGABYTE,
        "maxText": MAX_TEXT,
        "consent": config.consent or spoken.gettext(DEFAULT_CONSENT),
        "policy": config.policy_url,
        "form": {
            "name": config.ask_name,
            "phone": config.ask_phone,
            "email": config.ask_email,
            "consent": config.ask_consent,
        },
    }


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
