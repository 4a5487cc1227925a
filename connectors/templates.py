"""Templates that a platform has approved: the only words it lets through when its reply window is over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TemplateVariable:
    """A gap in a template: `{{name}}` in its header or its body (`place`)."""

    place: str
    name: str


@dataclass(frozen=True, slots=True)
class ApprovedTemplate:
    """A template as the platform keeps it. `text`, `header` and `footer` are what the client will see.

    `category` is the platform's word for what it costs and is for (utility, marketing, ...).
    """

    name: str
    language: str
    text: str
    category: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    variables: tuple[TemplateVariable, ...] = ()


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
