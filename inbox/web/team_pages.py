"""Teams: who answers which channels."""

from __future__ import annotations

from aiohttp import web

from inbox.actions.teams import TeamDraft, add_team, change_team, remove_team
from inbox.queries.agents import agent_list
from inbox.queries.company import channel_names
from inbox.queries.teams import team_by_id, team_list
from inbox.rules.errors import Invalid
from inbox.web.settings_pages import frame_values, numbered
from inbox.web.visit import Visit, visit


async def list_teams(request: web.Request) -> web.StreamResponse:
    """Every team, with the form for a new one."""
    return await _list(visit(request))


async def make_team(request: web.Request) -> web.StreamResponse:
    """A new team; its people and channels are chosen on its page."""
    here = visit(request)
    name = str((await request.post()).get("name", ""))
    try:
        team_id = await here.write(add_team, TeamDraft(name))
    except Invalid as error:
        return await _list(here, name, here.language.gettext(error.key), status=422)
    return here.see_other(f"/settings/teams/{team_id}")


async def show_team(request: web.Request) -> web.StreamResponse:
    """One team."""
    return await _one(visit(request), numbered(request.match_info["team_id"]))


async def save_team(request: web.Request) -> web.StreamResponse:
    """Name, people and channels."""
    here = visit(request)
    number = numbered(request.match_info["team_id"])
    form = await request.post()
    chosen = {name: [numbered(str(value)) for value in form.getall(name, [])] for name in ("member", "channel")}
    draft = TeamDraft(str(form.get("name", "")), chosen["member"], chosen["channel"])
    try:
        await here.write(change_team, number, draft)
    except Invalid as error:
        return await _one(here, number, draft.name, here.language.gettext(error.key), status=422)
    return here.saved(f"/settings/teams/{number}")


async def drop_team(request: web.Request) -> web.StreamResponse:
    """Dissolve."""
    here = visit(request)
    await here.write(remove_team, numbered(request.match_info["team_id"]))
    return here.saved("/settings/teams")


async def _list(here: Visit, name: str = "", said: str = "", status: int = 200) -> web.Response:
    frame = await frame_values(here, tab="teams")
    teams = await here.read(team_list)
    return here.page("settings/teams.html", status=status, **frame, teams=teams, name=name, said=said)


async def _one(here: Visit, number: int, name: str | None = None, said: str = "", status: int = 200) -> web.Response:
    team = await here.read(team_by_id, number)
    return here.page(
        "settings/team.html",
        status=status,
        **await frame_values(here, tab="teams"),
        team=team,
        name=team.name if name is None else name,
        said=said,
        agents=[person for person in await here.read(agent_list) if not person.deactivated],
        channels=await here.read(channel_names),
        elsewhere={
            key: other.name for other in await here.read(team_list) if other.id != number for key, _ in other.channels
        },
    )
