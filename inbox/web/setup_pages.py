"""First run in the browser. The token in the terminal proves that whoever sets up also started the server."""

from __future__ import annotations

import hmac
import secrets
from zoneinfo import available_timezones

from aiohttp import web

import connectors
from inbox.actions.setup import FirstRun, is_set_up, set_up
from inbox.queries.channels import channel_by_id
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.languages import CODES
from inbox.runtime.passwords import MIN_LENGTH, hash_password
from inbox.web.auth_pages import begin_session
from inbox.web.starter_packs import starters
from inbox.web.visit import Visit, visit

SETUP_TOKEN: web.AppKey[str] = web.AppKey("setup_token", str)

# The zones of Russia and its neighbours first; the rest is one list below.
COMMON_ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
    "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka", "Europe/Minsk", "Asia/Almaty",
    "Asia/Tashkent", "Asia/Tbilisi", "Asia/Yerevan", "Asia/Baku", "UTC",
)  # fmt: skip
# The connector of the first channel: the one whose messages reach the person from our own database.
FIRST_CHANNEL = next(kind for kind in connectors.kinds() if connectors.find(kind).capabilities.stored_is_sent)


def new_setup_token() -> str:
    """What the terminal prints."""
    return secrets.token_urlsafe(9)


def zones() -> list[str]:
    """All time zones, the likely ones first."""
    return [*COMMON_ZONES, *sorted(zone for zone in available_timezones() if "/" in zone and zone not in COMMON_ZONES)]


async def show_setup(request: web.Request) -> web.StreamResponse:
    """The form, until an agent exists."""
    here = visit(request)
    if await here.resources.database.read(is_set_up):
        return here.see_other("/login")
    typed = {"token": request.query.get("token", ""), "language": here.language.code, "time_zone": "Europe/Moscow"}
    return _form(here, typed, {})


async def do_setup(request: web.Request) -> web.StreamResponse:
    """Make the company, the administrator and the site chat, and sign in."""
    here = visit(request)
    typed = {name: str(value).strip() for name, value in (await request.post()).items()}
    typed["packs"] = ",".join(str(pack) for pack in (await request.post()).getall("pack", ()))
    errors = _mistakes(typed, request.app[SETUP_TOKEN])
    if errors:
        return _form(here, typed, errors, status=422)
    database = here.resources.database
    run = FirstRun(
        company=typed["company"],
        language=typed["language"],
        time_zone=typed["time_zone"],
        name=typed["name"],
        email=typed["email"],
        password_hash=await hash_password(typed["password"]),
        channel_kind=FIRST_CHANNEL,
        channel_name=typed.get("channel") or typed["company"],
        channel_config=_first_config(here, typed),
        weekdays=range(5) if typed.get("hours") == "week" else range(7) if typed.get("hours") == "daily" else (),
        starters=starters(typed["language"], typed["packs"].split(",")),
    )
    agent_id, channel_id = await database.write(set_up, Actor.system(), run)
    return await begin_session(here, agent_id, f"/setup/done?channel={channel_id}")


async def show_done(request: web.Request) -> web.StreamResponse:
    """The line for the site, and the demo site to try it on."""
    here = visit(request)
    number = request.query.get("channel", "")
    if not number.isdecimal():
        raise NotFound
    channel = await here.read(channel_by_id, int(number))
    return here.page("setup/done.html", channel=channel, base_url=here.resources.settings.base_url)


def _first_config(here: Visit, typed: dict[str, str]) -> dict[str, object]:
    declared = connectors.find(FIRST_CHANNEL)
    given: dict[str, object] = {}
    if "title" in declared.config.model_fields:
        given["title"] = typed.get("channel") or typed["company"]
    if typed.get("site") and "allowed_origins" in declared.config.model_fields:
        given["allowed_origins"] = [typed["site"], here.resources.settings.base_url]
    config = declared.config(**given).model_dump(mode="json")
    return here.resources.vault.lock(config, declared.secrets)


def _mistakes(typed: dict[str, str], token: str) -> dict[str, str]:
    errors = {}
    if not hmac.compare_digest(typed.get("token", "").encode(), token.encode()):
        errors["token"] = N_("This is not the code that the terminal shows.")
    for name in ("company", "name"):
        if not typed.get(name):
            errors[name] = N_("Fill this in.")
    if "@" not in typed.get("email", ""):
        errors["email"] = N_("This is not an e-mail address.")
    if len(typed.get("password", "")) < MIN_LENGTH:
        errors["password"] = N_("At least {least} characters.")
    if typed.get("language") not in CODES:
        errors["language"] = N_("Choose a language.")
    if typed.get("time_zone") not in available_timezones():
        errors["time_zone"] = N_("Choose a time zone.")
    if typed.get("site") and not typed["site"].startswith(("http://", "https://")):
        errors["site"] = N_("Write the address with https://")
    return errors


def _form(here: Visit, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> web.Response:
    words = {name: here.language.gettext(key).format(least=MIN_LENGTH) for name, key in errors.items()}
    return here.page("setup/setup.html", status=status, typed=typed, errors=words, zones=zones(), least=MIN_LENGTH)
