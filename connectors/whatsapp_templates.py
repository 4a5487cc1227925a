"""Approved templates as WhatsApp lists them.

Facts: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates/components.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from connectors.contract import ApprovedTemplate
from connectors.templates import variables_in
from connectors.wire import Maybe, Name, Wire, each


class _Button(Wire):
    text: str
    type: Name
    url: Maybe[str] = None


class _Component(Wire):
    type: Name
    format: Maybe[str] = None
    text: Maybe[str] = None
    buttons: Maybe[list[Any]] = None


class _Template(Wire):
    name: Name
    language: Name
    status: Name
    category: Maybe[str] = None
    components: list[Any]


def template_of(raw: Any) -> ApprovedTemplate | None:
    """A listed template; None when it is not approved, or wants more than texts (a picture, a code) each time."""
    try:
        listed = _Template.model_validate(raw)
    except ValidationError:
        return None
    parts = {part.type.upper(): part for part in each(_Component, listed.components)}
    header, body = parts.pop("HEADER", None), parts.pop("BODY", None)
    footer, below = parts.pop("FOOTER", None), parts.pop("BUTTONS", None)
    buttons = list(each(_Button, below.buttons)) if below is not None else []
    plain = header is None or (header.format or "").upper() == "TEXT"
    ready = all(not variables_in("button", button.url or "") and button.type.upper() in _READY for button in buttons)
    if listed.status.upper() != "APPROVED" or parts or body is None or not body.text or not plain or not ready:
        return None
    head = (header.text or "") if header is not None else ""
    return ApprovedTemplate(
        name=listed.name,
        language=listed.language,
        category=(listed.category or "").lower(),
        header=head,
        text=body.text,
        footer=(footer.text or "") if footer is not None else "",
        buttons=tuple(button.text for button in buttons),
        variables=(*variables_in("header", head), *variables_in("body", body.text)),
    )


# Buttons that need nothing more when the template is sent.
_READY = frozenset({"QUICK_REPLY", "URL", "PHONE_NUMBER"})
