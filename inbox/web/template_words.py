"""Small words and functions that every template may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from jinja2 import pass_context
from jinja2.runtime import Context

from inbox.models.base import from_milliseconds
from inbox.rules.attribution import source_title
from inbox.rules.sla import KIND_WORDS, PRIORITY_WORDS
from inbox.rules.texts import N_
from inbox.web.channel_looks import colours_version

STATUS = {"available": N_("Available"), "busy": N_("Busy"), "away": N_("Away"), "offline": N_("Not here")}
THEMES = {"light": N_("Light"), "dark": N_("Dark"), "auto": N_("As the system")}
ROLES = {"agent": N_("Agent"), "manager": N_("Manager"), "admin": N_("Administrator")}
MODES = {
    "by_hand": N_("By hand"),
    "first_to_answer": N_("First to answer"),
    "in_turn": N_("In turn"),
    "least_loaded": N_("To the least loaded"),
}
SOURCES = {
    "ad": N_("Advertisement"),
    "utm": N_("Tagged link"),
    "deep_link": N_("Link into a messenger"),
    "listing": N_("Listing"),
    "search": N_("Search engine"),
    "social": N_("Social network"),
    "referral": N_("Another site"),
    "direct": N_("Direct visit"),
}
STATES = {
    "ok": N_("Works"),
    "degraded": N_("Works with trouble"),
    "reconnect": N_("Needs an administrator"),
}
FIELDS = {
    "text": N_("Text"),
    "number": N_("Number"),
    "date": N_("Date"),
    "link": N_("Link"),
    "choice": N_("Choice"),
    "checkbox": N_("Checkbox"),
}
APPROVED = {"utility": N_("about an order"), "marketing": N_("advertisement"), "authentication": N_("code")}
WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
SHORT_WEEKDAYS = (N_("Mo"), N_("Tu"), N_("We"), N_("Th"), N_("Fr"), N_("Sa"), N_("Su"))


def template_globals() -> dict[str, Any]:
    """Functions by the names that templates use."""
    return {
        "colours_version": colours_version,
        "picture_url": picture_url,
        "status_words": _words(STATUS),
        "theme_words": _words(THEMES),
        "role_words": _words(ROLES),
        "mode_words": _words(MODES),
        "field_words": _words(FIELDS),
        "state_words": _words(STATES),
        "approved_words": _words(APPROVED),
        "source_words": _words(SOURCES),
        "source_title": _source_title,
        "source_kinds": tuple(SOURCES),
        "priority_words": _words(PRIORITY_WORDS),
        "target_words": _words(KIND_WORDS),
        "roles": tuple(ROLES),
        "priorities": tuple(PRIORITY_WORDS),
        "modes": tuple(MODES),
        "weekdays": WEEKDAYS,
        "short_weekdays": SHORT_WEEKDAYS,
    }


def _words(table: Mapping[str, str]) -> Callable[..., str]:
    @pass_context
    def words(context: Context, key: str) -> str:
        translate: Callable[[str], str] = context.environment.filters["translate"]
        return translate(table.get(key, key))

    return words


@pass_context
def _source_title(context: Context, source: str) -> str:
    translate: Callable[[str], str] = context.environment.filters["translate"]
    return translate(source_title(source))


def template_filters() -> dict[str, Callable[..., Any]]:
    """Filters that depend neither on the language nor on the viewer."""
    return {
        "path_of": path_of,
        "host_of": lambda address: urlsplit(address).netloc or address,
        "from_ms": from_milliseconds,
        "fill": lambda sentence, params: sentence.format(**params),
        "pairs": lambda values: [(value, value) for value in values],
        "clock": lambda minutes: f"{minutes // 60 % 24:02d}:{minutes % 60:02d}",
    }


def picture_url(contact_id: int, picture_key: str | None) -> str:
    """Where a client's picture is; "" when there is none. A new picture has a new address."""
    return f"/contacts/{contact_id}/picture?v={picture_key[:12]}" if picture_key else ""


def path_of(address: str) -> str:
    """The path of a web address, which is what a page is called by ("/pricing")."""
    return urlsplit(address).path or "/"
