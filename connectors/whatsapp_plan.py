"""Which requests a message of ours becomes on WhatsApp, in order. Pure.

Facts: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages and .../reference/media.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.buttons import LIST_BUTTON, MAX_BODY, POINTER, Answers, Link, Rows, as_lines, form_of
from connectors.contract import MediaKind, Outgoing, OutgoingMedia

MAX_TEXT = 4096
MAX_CAPTION = 1024
LARGEST_FILE = 100 << 20

_LARGEST_PICTURE = 5 << 20
_LARGEST_SOUND = 16 << 20
_PICTURES = frozenset({"image/jpeg", "image/png"})
_VIDEOS = frozenset({"video/mp4", "video/3gpp"})
_SOUNDS = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})


@dataclass(frozen=True, slots=True)
class Step:
    """One request: what it says (`type` and its part of the body), and the file that has to be uploaded for it."""

    type: str
    content: dict[str, Any]
    file: OutgoingMedia | None = None


def plan(outgoing: Outgoing) -> list[Step]:
    """The requests of a message. Words go below the first file where they fit, else before the files."""
    if outgoing.template is not None:
        return [Step("template", template_content(outgoing))]
    files = [(file, kind_of(file)) for file in outgoing.media]
    captioned = bool(files) and files[0][1] != "audio" and not outgoing.buttons
    below = outgoing.text if captioned and len(outgoing.text) <= MAX_CAPTION else ""
    steps = [] if below else text_steps(outgoing)
    for number, (file, form) in enumerate(files):
        content = {"caption": below} if below and number == 0 else {}
        if form == "document":
            content["filename"] = file.name or "file"
        steps.append(Step(form, content, file))
    return steps


def kind_of(file: OutgoingMedia) -> str:
    """As what WhatsApp takes a file: what it does not play goes as a document."""
    mime = file.mime.partition(";")[0].strip().lower()
    if file.kind is MediaKind.IMAGE and mime in _PICTURES and file.size <= _LARGEST_PICTURE:
        return "image"
    if file.kind is MediaKind.VIDEO and mime in _VIDEOS and file.size <= _LARGEST_SOUND:
        return "video"
    sound = file.kind in (MediaKind.AUDIO, MediaKind.VOICE)
    return "audio" if sound and mime in _SOUNDS and file.size <= _LARGEST_SOUND else "document"


def text_steps(outgoing: Outgoing) -> list[Step]:
    """The words, the last of them with the buttons."""
    parts = [part for part in outgoing.parts if part.strip()]
    steps = [Step("text", {"body": part, "preview_url": True}) for part in parts]
    if not outgoing.buttons:
        return steps
    body = parts[-1] if parts and len(parts[-1]) <= MAX_BODY else POINTER
    form = form_of(outgoing.buttons)
    if form is None:
        return [*steps, Step("text", {"body": as_lines(outgoing.buttons)[:MAX_TEXT], "preview_url": False})]
    return [*(steps if body is POINTER else steps[:-1]), Step("interactive", interactive(form, body))]


def interactive(form: Link | Answers | Rows, body: str) -> dict[str, Any]:
    """Buttons below a body, as WhatsApp is told of them."""
    content: dict[str, Any] = {"body": {"text": body}}
    if isinstance(form, Link):
        parameters = {"display_text": form.title, "url": form.url}
        return {"type": "cta_url", **content, "action": {"name": "cta_url", "parameters": parameters}}
    if isinstance(form, Answers):
        replies = [{"type": "reply", "reply": {"id": title, "title": title}} for title in form.titles]
        return {"type": "button", **content, "action": {"buttons": replies}}
    rows = [_row(number, *row) for number, row in enumerate(form.rows)]
    return {"type": "list", **content, "action": {"button": LIST_BUTTON, "sections": [{"title": "", "rows": rows}]}}


def _row(number: int, title: str, text: str) -> dict[str, str]:
    row = {"id": f"row-{number}", "title": title}
    return {**row, "description": text} if text else row


def template_content(outgoing: Outgoing) -> dict[str, Any]:
    """An approved template with its variables: by number ({{1}}) or by name ({{name}}), in the header and the body."""
    used = outgoing.template
    assert used is not None
    components = []
    for place in ("header", "body"):
        values = [value for value in used.values if value.place == place]
        if not values:
            continue
        parameters = [
            {"type": "text", "text": value.text}
            if value.name.isdecimal()
            else {"type": "text", "parameter_name": value.name, "text": value.text}
            for value in values
        ]
        components.append({"type": place, "parameters": parameters})
    content: dict[str, Any] = {"name": used.name, "language": {"code": used.language}}
    return {**content, "components": components} if components else content
