"""A form drawn from a connector's config model: kinds of controls, hints, and reading it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from connectors.contract import AnyConnector
from inbox.channel_work import found_by_connect, made_when_empty
from inbox.runtime.languages import Language


@dataclass(frozen=True, slots=True)
class DrawnField:
    """One control: `kind` is text, secret, number, checkbox, choice, lines, paragraph or colour.

    `made`: a secret that we choose when it is left empty. `rare`: hardly ever changed, so the form folds it.
    """

    name: str
    label: str
    hint: str
    kind: str
    value: Any
    required: bool
    choices: tuple[tuple[str, str], ...]
    made: bool = False
    rare: bool = False


def drawn_fields(declared: AnyConnector, values: Mapping[str, Any], language: Language) -> list[DrawnField]:
    """The controls of a model with the present values; a secret never has one."""
    return [
        DrawnField(
            name=name,
            label=language.gettext(field.title or name),
            hint=language.gettext(field.description) if field.description else "",
            kind=_kind(declared, name, field),
            value="" if name in declared.secrets else _shown(values.get(name, _default(field))),
            required=field.is_required() and not made_when_empty(field),
            choices=_choices(field, language),
            made=made_when_empty(field),
            rare=_is_rare(field),
        )
        for name, field in declared.config.model_fields.items()
        if not found_by_connect(field)
    ]


def read_values(declared: AnyConnector, form: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, in the shapes the model wants; the model itself checks it."""
    values: dict[str, Any] = {}
    for name, field in declared.config.model_fields.items():
        text = str(form.get(name, "")).strip()
        match _kind(declared, name, field):
            case "checkbox":
                values[name] = bool(text)
            case "lines":
                values[name] = [line.strip() for line in text.splitlines() if line.strip()]
            case _ if text or name in declared.secrets:
                values[name] = text
            case _ if _plain(field.annotation) is str and not _is_rare(field):
                values[name] = ""
    return values


def _is_rare(field: FieldInfo) -> bool:
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("rare"))


def _kind(declared: AnyConnector, name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    plain = _plain(field.annotation)
    if name in declared.secrets:
        return "secret"
    if extra.get("format") in ("color", "paragraph"):
        return {"color": "colour"}.get(str(extra["format"]), "paragraph")
    if get_origin(plain) is Literal:
        return "choice"
    if plain is bool:
        return "checkbox"
    if plain in (int, float):
        return "number"
    return "lines" if get_origin(plain) in (list, tuple) else "text"


def _choices(field: FieldInfo, language: Language) -> tuple[tuple[str, str], ...]:
    """Each value of a Literal with its words: `words` of json_schema_extra in the same order, else the value itself."""
    if get_origin(field.annotation) is not Literal:
        return ()
    values = [str(value) for value in get_args(field.annotation)]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    words = extra.get("words")
    named = [language.gettext(str(word)) for word in words] if isinstance(words, list) else values
    return tuple(zip(values, named, strict=True))


def _plain(annotation: Any) -> Any:
    """The type without `| None`."""
    if get_origin(annotation) in (Union, UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _default(field: FieldInfo) -> Any:
    """What a field has before anybody typed; "" for one that must be filled in."""
    return "" if field.is_required() else field.get_default(call_default_factory=True)


def _shown(value: Any) -> Any:
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value
