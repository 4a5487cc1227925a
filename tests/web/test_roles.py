"""Every route times every role: one table, and no route without a line in it."""

from __future__ import annotations

import re

import pytest

from inbox.rules.permissions import GRANTS, Permission, Role
from inbox.web.guard import Access, Route
from inbox.web.routes import ROUTES
from tests.desk import Desk
from tests.world import CAST

# Who may use what, written by hand: S = a stranger, A = an agent, M = a manager, X = an administrator.
# A route that proves its sender by itself stands as "own".
ACCESS: dict[str, str] = {
    "GET /health": "own",
    "GET /ready": "own",
    "GET /metrics": "own",
    "GET /hooks/{kind}/{token}": "own",
    "POST /hooks/{kind}/{token}": "own",
    "GET /files/{token}": "own",
    "GET /static/colours.css": "own",
    "GET /static/channels.svg": "own",
    "GET /setup": "SAMX",
    "POST /setup": "SAMX",
    "GET /setup/done": "X",
    "GET /login": "SAMX",
    "POST /login": "SAMX",
    "POST /logout": "AMX",
    "GET /links/{token}": "SAMX",
    "POST /links/{token}": "SAMX",
    "GET /": "AMX",
    "GET /stream": "AMX",
    "GET /inbox/{view}": "AMX",
    "GET /conversations/{conversation_id}": "AMX",
    "GET /conversations/{conversation_id}/earlier": "AMX",
    "GET /conversations/{conversation_id}/templates": "AMX",
    "GET /conversations/{conversation_id}/approved": "AMX",
    "POST /conversations/{conversation_id}/approved": "AMX",
    "POST /conversations/{conversation_id}/messages": "AMX",
    "POST /conversations/{conversation_id}/assignee": "AMX",
    "POST /conversations/{conversation_id}/resolution": "AMX",
    "POST /conversations/{conversation_id}/mentions": "AMX",
    "POST /conversations/{conversation_id}/snooze": "AMX",
    "POST /conversations/{conversation_id}/dismissal": "AMX",
    "POST /conversations/{conversation_id}/verdict": "AMX",
    "POST /conversations/{conversation_id}/priority": "AMX",
    "POST /conversations/{conversation_id}/tags": "AMX",
    "POST /deliveries/{delivery_id}": "AMX",
    "POST /messages/{message_id}": "AMX",
    "POST /messages/{message_id}/deletion": "AMX",
    "POST /messages/{message_id}/reaction": "AMX",
    "POST /messages/{message_id}/phone": "AMX",
    "GET /messages/{message_id}/original": "AMX",
    "GET /messages/{message_id}/original/body": "AMX",
    "GET /search": "AMX",
    "POST /files": "AMX",
    "GET /l/{slug}": "SAMX",
    "GET /go/{key}": "SAMX",
    "GET /contacts": "AMX",
    "GET /contacts/{contact_id}/picture": "AMX",
    "GET /contacts/{contact_id}/form": "AMX",
    "POST /contacts/{contact_id}": "AMX",
    "POST /contacts/{contact_id}/merges": "AMX",
    "POST /contacts/{contact_id}/distinctions": "AMX",
    "POST /merges/{merge_id}/undoing": "AMX",
    "GET /templates": "AMX",
    "GET /templates/{template_id}": "AMX",
    "POST /templates/preview": "AMX",
    "POST /templates/{template_id}": "AMX",
    "POST /templates/{template_id}/removal": "AMX",
    "GET /wallboard": "MX",
    "GET /wallboard/breaches": "MX",
    "GET /wallboard/hour": "MX",
    "GET /reports/response": "MX",
    "GET /reports/response/hours": "MX",
    "GET /reports/response/turns": "MX",
    "GET /reports/response/turns.{kind}": "MX",
    "GET /reports/response/dialogs.{kind}": "MX",
    "GET /reports/crossed": "MX",
    "GET /reports/people": "MX",
    "GET /reports/people/dialogs": "MX",
    "GET /reports/workload": "MX",
    "GET /reports/workload/dialogs": "MX",
    "GET /reports/workload/table.{kind}": "MX",
    "GET /reports/sales/outcomes": "MX",
    "GET /reports/sales": "MX",
    "GET /reports/saved": "MX",
    "GET /reports/saved/{report_id}": "MX",
    "POST /reports/saved/{report_id}": "MX",
    "GET /reports/saved/{report_id}/picture.png": "MX",
    "POST /reports/saved/{report_id}/removal": "MX",
    "GET /reports/saved/{report_id}/schedules/{schedule_id}": "MX",
    "POST /reports/saved/{report_id}/schedules/{schedule_id}": "MX",
    "POST /reports/saved/{report_id}/schedules/{schedule_id}/removal": "MX",
    "POST /reports/saved/{report_id}/schedules/{schedule_id}/trial": "MX",
    "GET /settings": "AMX",
    "POST /settings": "X",
    "GET /settings/hours": "X",
    "GET /settings/targets": "X",
    "GET /settings/targets/{policy_id}": "X",
    "POST /settings/targets/{policy_id}": "X",
    "POST /settings/targets/{policy_id}/order": "X",
    "POST /settings/targets/{policy_id}/removal": "X",
    "GET /settings/teams": "X",
    "POST /settings/teams": "X",
    "GET /settings/teams/{team_id}": "X",
    "POST /settings/teams/{team_id}": "X",
    "POST /settings/teams/{team_id}/removal": "X",
    "POST /settings/hours": "X",
    "GET /settings/tags": "MX",
    "POST /settings/tags": "MX",
    "POST /settings/tags/{tag_id}": "MX",
    "GET /settings/fields": "X",
    "POST /settings/fields": "X",
    "POST /settings/fields/{field_id}": "X",
    "POST /settings/fields/{field_id}/removal": "X",
    "GET /settings/agents": "X",
    "POST /settings/agents": "X",
    "GET /settings/agents/{agent_id}": "X",
    "POST /settings/agents/{agent_id}": "X",
    "POST /settings/agents/{agent_id}/links": "X",
    "POST /settings/agents/{agent_id}/activity": "X",
    "GET /settings/links": "MX",
    "POST /settings/links": "MX",
    "POST /settings/links/{link_id}/removal": "MX",
    "GET /settings/links/{link_id}/code.{kind}": "MX",
    "GET /settings/channels": "MX",
    "GET /settings/channels/guide/{kind}": "MX",
    "GET /settings/channels/new/{kind}": "X",
    "POST /settings/channels/new/{kind}": "X",
    "GET /settings/channels/{channel_id}": "MX",
    "POST /settings/channels/{channel_id}": "X",
    "POST /settings/channels/{channel_id}/check": "X",
    "POST /settings/channels/{channel_id}/replay": "X",
    "GET /settings/channels/{channel_id}/console": "X",
    "POST /settings/channels/{channel_id}/console": "X",
    "POST /settings/channels/{channel_id}/console/check": "X",
    "POST /settings/channels/{channel_id}/console/channels": "X",
    "POST /settings/channels/{channel_id}/console/removal": "X",
    "POST /settings/channels/{channel_id}/removal": "X",
    "GET /profile": "AMX",
    "POST /profile": "AMX",
    "POST /profile/status": "AMX",
    "POST /profile/appearance": "AMX",
    "POST /profile/notices": "AMX",
    "POST /profile/accounts/{channel_id}": "AMX",
    "POST /profile/accounts/{channel_id}/removal": "AMX",
    "POST /profile/password": "AMX",
    "POST /sessions/{session_id}/end": "AMX",
}
WHO = {"S": None, "A": "Анна", "M": "Борис", "X": "Вера"}
_LETTERS = {Role.AGENT: "A", Role.MANAGER: "M", Role.ADMIN: "X"}


def line_of(route: Route) -> str:
    """A route as the table names it."""
    return f"{route.method} {route.path}"


def test_the_table_names_every_route_and_nothing_else() -> None:
    assert {line_of(route) for route in ROUTES} == set(ACCESS)


@pytest.mark.parametrize("route", ROUTES, ids=line_of)
def test_the_guard_of_a_route_grants_what_the_table_says(route: Route) -> None:
    match route.permission:
        case Access.OWN_PROOF:
            granted = "own"
        case Access.PUBLIC:
            granted = "SAMX"
        case Access.SIGNED_IN:
            granted = "AMX"
        case Permission() as permission:
            granted = "".join(letter for role, letter in _LETTERS.items() if permission in GRANTS[role])
    assert granted == ACCESS[line_of(route)]


async def test_the_running_product_refuses_exactly_whom_the_table_leaves_out(desk: Desk) -> None:
    """Asked over HTTP with ids of nobody: who is refused gets 303 to the login page, or 403; nobody gets a 500."""
    assert set(CAST.values()) == set(_LETTERS)
    wrong = []
    for letter, name in WHO.items():
        for route in ROUTES:
            if ACCESS[line_of(route)] == "own":
                continue
            # A browser for each, as some of these requests end sessions.
            browser = await (desk.browser(name) if name else desk.stranger())
            path = re.sub(r"\{\w+\}", "999999", route.path)
            answer = await (browser.get(path) if route.method == "GET" else browser.post(path))
            refused = answer.status == 403 or (answer.status == 303 and answer.location.startswith("/login?next="))
            if refused == (letter in ACCESS[line_of(route)]) or answer.status >= 500:
                wrong.append((name, line_of(route), answer.status, answer.location))
    assert wrong == []
