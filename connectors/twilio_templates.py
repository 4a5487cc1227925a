"""Approved templates of WhatsApp as Twilio's Content API lists them.

Facts: https://www.twilio.com/docs/content/content-api-resources and .../content-types-overview.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from connectors.contract import ApprovedTemplate, ChannelMisconfigured, Net, Rejected, Unreachable
from connectors.templates import variables_in
from connectors.twilio_call import call, next_page
from connectors.twilio_config import Config
from connectors.wire import Maybe, Name, Wire, each

MOST_PAGES = 20
# Buttons that need nothing more when the template is sent.
_READY = frozenset({"QUICK_REPLY", "URL", "PHONE_NUMBER"})


class _Approval(Wire):
    status: Name
    content_type: Name
    category: Maybe[str] = None


class _Button(Wire):
    title: str
    type: Maybe[str] = None
    url: Maybe[str] = None
    phone: Maybe[str] = None


class _Content(Wire):
    """What a template says, of any type: a text, a card of Twilio's (`title`) or of WhatsApp's (`header_text`)."""

    body: Maybe[str] = None
    title: Maybe[str] = None
    header_text: Maybe[str] = None
    subtitle: Maybe[str] = None
    footer: Maybe[str] = None
    media: Any = None
    actions: Maybe[list[Any]] = None


class _Listed(Wire):
    sid: Name
    friendly_name: Name
    language: Name
    types: dict[str, Any]
    approval_requests: _Approval


async def approved_templates(config: Config, net: Net) -> Sequence[ApprovedTemplate]:
    """Every template of the account that WhatsApp has approved and that texts alone fill; none for SMS."""
    if not config.whatsapp and not config.service:
        return ()
    found: list[ApprovedTemplate] = []
    url = f"{config.content_url}/v1/ContentAndApprovals?PageSize=100"
    for _ in range(MOST_PAGES):
        said = await _page(url, config, net)
        found += [template for item in said["contents"] if (template := template_of(item)) is not None]
        url = next_page(said, config.content_url)
        if not url:
            break
    return found


async def _page(url: str, config: Config, net: Net) -> dict[str, Any]:
    """A page of the list. That templates are not shown says nothing against the keys, which send all the same."""
    try:
        said = await call(config, net, url)
    except (Rejected, ChannelMisconfigured) as error:
        raise Unreachable("Twilio does not show the templates of this account.") from error
    if not isinstance(said.get("contents"), list):
        raise Unreachable("Twilio's answer could not be read.")
    return said


def template_of(raw: Any) -> ApprovedTemplate | None:
    """A listed template; None when it is not approved, or wants more than texts (a picture, an address) each time."""
    try:
        listed = _Listed.model_validate(raw)
        content = _Content.model_validate(listed.types.get(listed.approval_requests.content_type))
    except ValidationError:
        return None
    buttons = list(each(_Button, content.actions))
    # A heading and the words below it share their variables, so they are filled as one text.
    text = "\n\n".join(part for part in (content.header_text, content.title, content.body) if part)
    footer = content.footer or content.subtitle or ""
    ready = (
        listed.approval_requests.status.lower() == "approved"
        and text
        and not content.media
        and not variables_in("footer", footer)
        and len(buttons) == len(content.actions or ())
        and all(_is_ready(button) for button in buttons)
    )
    if not ready:
        return None
    return ApprovedTemplate(
        name=listed.friendly_name,
        language=listed.language,
        category=(listed.approval_requests.category or "").lower(),
        text=text,
        footer=footer,
        buttons=tuple(button.title for button in buttons),
        variables=variables_in("body", text),
        external_id=listed.sid,
    )


def _is_ready(button: _Button) -> bool:
    """Quick replies name no type when they stand alone."""
    changing = variables_in("button", f"{button.title} {button.url or ''} {button.phone or ''}")
    return (button.type or "QUICK_REPLY").upper() in _READY and not changing
