"""The company's targets: policies in their order and in words, and the form of one."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from inbox.actions.sla_policies import PolicyDraft, add_policy, change_policy, move_policy, remove_policy
from inbox.queries.company import channel_names, company_settings
from inbox.queries.sla_policies import PolicyLine, policy_line, policy_list
from inbox.queries.tags import tag_list
from inbox.queries.teams import team_names
from inbox.rules.errors import Invalid
from inbox.rules.sla import Conditions
from inbox.rules.texts import N_
from inbox.web.settings_pages import frame_values, numbered
from inbox.web.visit import Visit, visit

# What the form counts in, in seconds.
UNITS = {"first_response_seconds": 60, "next_response_seconds": 60, "resolution_seconds": 3600}
_CONDITIONS = ("channel_id", "team_id", "tag_id")

Form = dict[str, str]


async def list_targets(request: web.Request) -> web.StreamResponse:
    """Every policy in the order in which they are tried."""
    here = visit(request)
    frame = await frame_values(here, tab="targets")
    lines, company = await here.read(policy_list), await here.read(company_settings)
    return here.page("settings/targets.html", **frame, lines=lines, company=company)


async def show_target(request: web.Request) -> web.StreamResponse:
    """One policy, or (`new`) the form of another."""
    here = visit(request)
    key = request.match_info["policy_id"]
    if key == "new":
        return await _form(here, None, {"in_hours": "on", "pauses": "on"}, {})
    line = await here.read(policy_line, numbered(key))
    return await _form(here, line, _shown(line), {})


async def save_target(request: web.Request) -> web.StreamResponse:
    """Keep a policy, or (`new`) add one."""
    here = visit(request)
    key = request.match_info["policy_id"]
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    line = None if key == "new" else await here.read(policy_line, numbered(key))
    try:
        draft = _draft(form)
        if line is None:
            await here.write(add_policy, draft)
        else:
            await here.write(change_policy, line.policy.id, draft)
    except Invalid as error:
        words = {name: here.language.gettext(text) for name, text in error.fields.items()}
        return await _form(here, line, form, words, status=422)
    return here.saved("/settings/targets")


async def change_order(request: web.Request) -> web.StreamResponse:
    """Try a policy earlier or later than its neighbour."""
    here = visit(request)
    up = (await request.post()).get("to") == "up"
    await here.write(move_policy, numbered(request.match_info["policy_id"]), up=up)
    return here.see_other("/settings/targets")


async def drop_target(request: web.Request) -> web.StreamResponse:
    """End a policy."""
    here = visit(request)
    await here.write(remove_policy, numbered(request.match_info["policy_id"]))
    return here.saved("/settings/targets")


async def _form(
    here: Visit, line: PolicyLine | None, values: Form, errors: dict[str, str], status: int = 200
) -> web.Response:
    return here.page(
        "settings/target.html",
        status=status,
        **await frame_values(here, tab="targets"),
        line=line,
        values=values,
        errors=errors,
        channels=await here.read(channel_names),
        teams=await here.read(team_names),
        tags=[(tag.id, tag.name) for tag in await here.read(tag_list)],
    )


def _draft(form: Form) -> PolicyDraft:
    """The form in seconds and ids; raises Invalid for what is no number."""
    errors: dict[str, str] = {}
    targets: dict[str, int | None] = {}
    for name, unit in UNITS.items():
        text = form.get(name, "")
        if text and not (text.isascii() and text.isdecimal() and len(text) < 7):
            errors[name] = N_("Write a whole number.")
        else:
            targets[name] = int(text) * unit if text else None
    if errors:
        raise Invalid(errors)
    ids: dict[str, Any] = {name: numbered(form[name]) if form.get(name) else None for name in _CONDITIONS}
    conditions = Conditions(source_kind=form.get("source_kind") or None, priority=form.get("priority") or None, **ids)
    on = {name: form.get(name) == "on" for name in ("in_hours", "pauses")}
    return PolicyDraft(form.get("name", ""), **targets, **on, conditions=conditions)  # type: ignore[arg-type]


def _shown(line: PolicyLine) -> Form:
    """A stored policy as the fields of the form."""
    policy = line.policy
    targets = {name: getattr(policy, name) for name in UNITS}
    wanted = {name: getattr(policy.conditions, name) for name in (*_CONDITIONS, "source_kind", "priority")}
    return {
        "name": line.name,
        **{name: "" if value is None else str(value // UNITS[name]) for name, value in targets.items()},
        **{name: "" if value is None else str(value) for name, value in wanted.items()},
        "in_hours": "on" if policy.in_hours else "",
        "pauses": "on" if policy.pauses else "",
    }
