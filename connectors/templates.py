"""Templates that a platform has approved: the only words it lets through when its reply window is over."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,64})\s*\}\}")


@dataclass(frozen=True, slots=True)
class TemplateVariable:
    """A gap in a template: `{{name}}` in its header or its body (`place`)."""

    place: str
    name: str


@dataclass(frozen=True, slots=True)
class ApprovedTemplate:
    """A template as the platform keeps it. `text`, `header` and `footer` are what the client will see.

    `category` is the platform's word for what it costs and is for (utility, marketing, ...). `external_id` is how a
    request names the template on platforms that do not go by its name and language.
    """

    name: str
    language: str
    text: str
    category: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    variables: tuple[TemplateVariable, ...] = ()
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class TemplateValue:
    """What goes into one gap."""

    place: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """An approved template with its gaps filled, in the order in which they stand."""

    name: str
    language: str
    values: tuple[TemplateValue, ...] = ()
    external_id: str = ""


def variables_in(place: str, text: str) -> tuple[TemplateVariable, ...]:
    """The gaps of a text, each once."""
    return tuple(TemplateVariable(place, name) for name in dict.fromkeys(_VARIABLE.findall(text)))
