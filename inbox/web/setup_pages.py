"""First run in the browser. The token in the terminal proves that whoever sets up also started the server."""

from __future__ import annotations

import hmac
import secrets
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from aiohttp import web

import connectors
from inbox.actions.setup import FirstRun, is_set_up, set_up
from inbox.queries.channels import channel_by_id
from inbox.rules.emails import looks_like_email
from inbox.rules.errors import Conflict, NotFound
from inbox.rules.names import clean_name
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
    database = here.resources.database
    if await database.read(is_set_up):
        raise Conflict(N_("This inbox is set up already: sign in."))
    errors = _mistakes(typed, request.app[SETUP_TOKEN])
    config = _first_config(typed, errors)
    if errors or config is None:
        return _form(here, typed, errors, status=422)
    run = FirstRun(
        company=typed["company"],
        language=typed["language"],
        time_zone=typed["time_zone"],
        name=typed["name"],
        email=typed["email"],
        password_hash=await hash_password(typed["password"]),
        channel_kind=FIRST_CHANNEL,
        channel_name=typed.get("channel") or typed["company"],
        channel_config=here.resources.vault.lock(config, connectors.find(FIRST_CHANNEL).secrets),
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


def _first_config(typed: dict[str, str], errors: dict[str, str]) -> dict[str, Any] | None:
    """The settings of the first chat; what its model refuses becomes a mistake of the form's field."""
    declared = connectors.find(FIRST_CHANNEL)
    title = clean_name(typed.get("channel", ""), 80) or clean_name(typed.get("company", ""), 80)
    try:
        given = {"title": title, "allowed_origins": site_of(typed.get("site", ""))}
        config: dict[str, Any] = declared.config(**given).model_dump(mode="json")
    except ValueError:
        errors["site"] = N_("Write the address of the site, for example https://shop.example")
        return None
    return config


def site_of(address: str) -> str:
    """The part of a page's address that names the site, as browsers send it; raises ValueError.

    People paste the address of a page, leave "https://" out (then both schemes are meant) and write .рф in Cyrillic.
    """
    if not address:
        return ""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.scheme not in ("", "http", "https") or not parts.hostname or " " in address:
        raise ValueError(address)
    host = parts.hostname.encode("idna").decode()
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}" if parts.scheme else host + port


def _mistakes(typed: dict[str, str], token: str) -> dict[str, str]:
    errors = {}
    if not hmac.compare_digest(typed.get("token", "").encode(), token.encode()):
        errors["token"] = N_("This is not the code that the terminal shows.")
    for name in ("company", "name"):
        if not clean_name(typed.get(name, "")):
            errors[name] = N_("Fill this in.")
    if not looks_like_email(typed.get("email", "")):
        errors["email"] = N_("This is not an e-mail address.")
    if len(typed.get("password", "")) < MIN_LENGTH:
        errors["password"] = N_("At least {least} characters.")
    if typed.get("language") not in CODES:
        errors["language"] = N_("Choose a language.")
    if typed.get("time_zone") not in available_timezones():
        errors["time_zone"] = N_("Choose a time zone.")
    return errors


def _form(here: Visit, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> web.Response:
    words = {name: here.language.gettext(key).format(least=MIN_LENGTH) for name, key in errors.items()}
    return here.page("setup/setup.html", status=status, typed=typed, errors=words, zones=zones(), least=MIN_LENGTH)
