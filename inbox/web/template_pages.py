"""Reply templates: the list, the form, and the offers of the composer."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from inbox.actions.reply_templates import TemplateDraft, remove_template, save_template
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.reply_templates import TemplateLine, template_by_id, template_list, template_offers, template_preview
from inbox.rules.errors import Invalid, NotFound, TooLarge
from inbox.rules.reply_templates import VARIABLES
from inbox.rules.texts import N_
from inbox.runtime.blobs import BlobTooLarge, StoredBlob
from inbox.web.inbox_pages import conversation_number
from inbox.web.visit import Visit, visit

MAX_FIELD = 65_536


async def list_templates(request: web.Request) -> web.StreamResponse:
    """Everybody's and one's own."""
    here = visit(request)
    return here.page("reply_templates/page.html", **await _frame(here), lines=await here.read(template_list))


async def show_template(request: web.Request) -> web.StreamResponse:
    """The form of a new (`new`) or an existing template."""
    here = visit(request)
    number = _number(request)
    line = await here.read(template_by_id, number) if number is not None else None
    typed = {
        "title": line.title if line else "",
        "shortcut": line.shortcut if line else "",
        "text": line.text if line else "",
        "buttons": line.buttons if line else "",
        "personal": "on" if (line.personal if line else not here.view.may("template:shared")) else "",
    }
    return await _form(here, number, typed, {}, line)


async def keep_template(request: web.Request) -> web.StreamResponse:
    """Save the form; mistakes come back beside what was typed."""
    here = visit(request)
    number = _number(request)
    typed, files, removed = await _read_form(here)
    draft = TemplateDraft(
        title=typed.get("title", ""),
        shortcut=typed.get("shortcut", ""),
        text=typed.get("text", ""),
        personal=bool(typed.get("personal")),
        buttons=typed.get("buttons", ""),
        files=files,
        removed_files=removed,
    )
    try:
        await here.write(save_template, number, draft)
    except Invalid as error:
        words = {name: here.language.gettext(key).format(**error.params) for name, key in error.fields.items()}
        line = await here.read(template_by_id, number) if number is not None else None
        return await _form(here, number, typed, words, line, status=422)
    return here.saved("/templates")


async def drop_template(request: web.Request) -> web.StreamResponse:
    """Take a template out of use."""
    here = visit(request)
    number = _number(request)
    if number is None:
        raise NotFound
    await here.write(remove_template, number)
    return here.saved("/templates")


async def show_preview(request: web.Request) -> web.StreamResponse:
    """What the text of the form would become, for a client with a full card and for one whose name is unknown."""
    here = visit(request)
    text = str((await request.post()).get("text", ""))[:MAX_FIELD]
    seen = await here.read(template_preview, text, _sample(here))
    words = [here.language.gettext(problem.key).format(**problem.params) for problem in seen.problems]
    return here.partial("reply_templates/_preview.html", seen=seen, problems=words)


async def offer_templates(request: web.Request) -> web.StreamResponse:
    """What fits the text after "/" in this dialog, with its variables filled."""
    here = visit(request)
    typed = request.query.get("q", "")[:60]
    found = await here.read(template_offers, conversation_number(request), typed)
    return here.partial("conversations/_picker.html", found=found)


def _sample(here: Visit) -> dict[str, str]:
    """A client who does not exist, in the language of the screen."""
    name = here.language.gettext(N_("Mary Smith"))
    first = here.language.gettext(N_("Mary"))
    return {
        "contact.name": name,
        "contact.first_name": first,
        "contact.phone": "+7 912 345-67-89",
        "contact.email": "mary@example.com",
    }


async def _form(
    here: Visit,
    number: int | None,
    typed: dict[str, str],
    errors: dict[str, str],
    line: TemplateLine | None,
    *,
    status: int = 200,
) -> web.Response:
    seen = await here.read(template_preview, typed.get("text", ""), _sample(here))
    problems = [here.language.gettext(problem.key).format(**problem.params) for problem in seen.problems]
    return here.page(
        "reply_templates/form.html",
        status=status,
        seen=seen,
        problems=problems,
        **await _frame(here),
        number=number,
        typed=typed,
        errors=errors,
        files=line.files if line else (),
        variables=VARIABLES,
    )


async def _frame(here: Visit) -> dict[str, Any]:
    event_id = await here.resources.database.read(newest_event_id)
    return {"section": "templates", "event_id": event_id, "counters": await here.read(counters)}


async def _read_form(here: Visit) -> tuple[dict[str, str], list[tuple[StoredBlob, str]], list[int]]:
    """The guard has read the form already: small fields and files that aiohttp keeps in temporary files."""
    form = await here.request.post()
    typed: dict[str, str] = {}
    removed: list[int] = []
    files: list[tuple[StoredBlob, str]] = []
    for name, value in form.items():
        if isinstance(value, str):
            typed[name] = value[:MAX_FIELD]
            if name == "remove_file" and value.isdecimal() and len(value) < 19:
                removed.append(int(value))
        elif isinstance(value, web.FileField) and value.filename:
            try:
                blob = await here.resources.blobs.store(_pieces(value), here.resources.settings.max_upload_bytes)
            except BlobTooLarge as error:
                raise TooLarge(N_("The file is too large.")) from error
            if blob.size:
                files.append((blob, value.filename))
    return typed, files, removed


async def _pieces(field: web.FileField) -> Any:
    while chunk := field.file.read(MAX_FIELD):
        yield chunk


def _number(request: web.Request) -> int | None:
    text = request.match_info["template_id"]
    if text == "new":
        return None
    if not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)
